/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Is a function of one file the same code as one of another, wherever linker and assembler put it? */
#ifndef KGR_PROVE_H
#define KGR_PROVE_H

#include "object.h"

struct kgr_side {
	struct kgr_obj *obj;
	GHashTable *outside; /* as in struct kgr_module_view; NULL: the object of a normal build */
	const char *source; /* of the unit, for the kernel's symbols; NULL: not known */
	GHashTable *codes; /* struct kgr_sym -> its code, from kgr_code() */
	GHashTable *places; /* struct kgr_sec -> where references lead that are to no symbol */
	GHashTable *entries; /* struct kgr_sym -> GPtrArray of its table entries */
};

struct kgr_proof {
	struct kgr_side a, b; /* what is to be proved, and what a normal build makes */
	struct kgr_obj *built; /* the running code's object: its data must not be copied */
	guint instructions, references, entries; /* how much was compared */
};

void kgr_side_init(struct kgr_side *side, struct kgr_obj *obj, GHashTable *outside,
		   const char *source);
void kgr_side_clear(struct kgr_side *side);

/* kgr_prove() - compare two functions, instruction by instruction, target by target, and the entries
 * that tables have for them
 *
 * Returns NULL if they are the same, else what differs and where (g_free it).
 */
char *kgr_prove(struct kgr_proof *proof, struct kgr_sym *a, struct kgr_sym *b);

/* kgr_same_name() - are these names the same but for the numbers that the compiler counts up? */
bool kgr_same_name(const char *a, const char *b);

#endif
