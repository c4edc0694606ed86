/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of a proof share: sides, and where a reference leads on each (prove.h). */
#ifndef KGR_PROVE_LEADS_H
#define KGR_PROVE_LEADS_H

#include "prove.h"
#include "target.h"

/* Where a reference leads. */
struct kgr_lead {
	struct kgr_sym *sym; /* a function or object, defined here or not; or NULL */
	int64_t offset; /* from its start */
	const struct kgr_sec *sec; /* where that is, if it is here */
	uint64_t pos;
	enum kgr_target_kind kind;
	bool value; /* what it holds is meant, see runtime-const.h */
};

/* kgr_code_of() - a function's code, decoded once; NULL with @problem set */
const GArray *kgr_code_of(struct kgr_side *side, struct kgr_sym *func, char **problem);

/* kgr_lead_of() - where a relocation leads
 * @tail: as in kgr_target()
 */
void kgr_lead_of(const struct kgr_rel *rel, int tail, struct kgr_lead *out);

/* kgr_lead_within() - where a field without one leads: to @pos in its own section */
void kgr_lead_within(const struct kgr_sec *sec, uint64_t pos, struct kgr_lead *out);

/* kgr_same_lead() - do both lead to the same thing? NULL, or what differs (g_free it)
 * @depth: how many constants lie between a function and this
 */
char *kgr_same_lead(struct kgr_proof *p, const struct kgr_lead *a, const struct kgr_lead *b,
		    int depth);

/* kgr_same_region() - are @size bytes of two sections the same, with what they refer to? In code only
 * where a relative field is the last of its instruction. NULL, or what differs.
 */
char *kgr_same_region(struct kgr_proof *p, const struct kgr_sec *as, uint64_t apos,
		      const struct kgr_sec *bs, uint64_t bpos, uint64_t size, int depth);

/* kgr_within() - has the section these bytes? */
bool kgr_within(const struct kgr_sec *sec, uint64_t pos, uint64_t size);

/* kgr_same_bytes() - are @length bytes the same but for @n fields? */
bool kgr_same_bytes(const uint8_t *a, const uint8_t *b, unsigned int length, const uint8_t *fields,
		    const uint8_t *widths, int n);

/* kgr_same_entries() - have the kernel's tables the same entries for both functions? */
char *kgr_same_entries(struct kgr_proof *p, struct kgr_sym *a, struct kgr_sym *b);

#endif
