/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a relocation really points at, however the assembler chose to spell it. */
#ifndef KGR_RELOC_H
#define KGR_RELOC_H

#include "elf/object.h"

enum kgr_target_kind {
	KGR_TARGET_SYMBOL, /* a function or object, defined here or not */
	KGR_TARGET_STRING, /* a string literal */
	KGR_TARGET_CONST, /* a mergeable constant of a fixed size */
	KGR_TARGET_SECTION, /* a place in a section that no symbol names: a jump table, ... */
};

struct kgr_target {
	enum kgr_target_kind kind;
	struct kgr_sym *sym; /* KGR_TARGET_SYMBOL */
	struct kgr_sec *sec; /* the others */
	uint64_t pos; /* where in @sec */
	int64_t offset; /* from the start of @sym */
};

/* kgr_target() - resolve one relocation
 * @bias: for a PC-relative field in code its distance to the instruction's end, else 0
 */
void kgr_target(const struct kgr_rel *rel, int bias, struct kgr_target *out);

/* kgr_target_may_be() - may a reference that seems to be to one object be to the end of @other, with
 * which it shares a section?
 */
bool kgr_target_may_be(const struct kgr_target *t, const struct kgr_sym *other);

/* kgr_rel_is_pcrel() - is the field relative to its own place? */
bool kgr_rel_is_pcrel(const struct kgr_rel *rel);

/* kgr_rel_is_branch() - does code call or jump there, and not take the address? */
bool kgr_rel_is_branch(const struct kgr_rel *rel);

/* kgr_rel_is_value() - does the field take what is there, and not the address? See runtime-const.h. */
bool kgr_rel_is_value(const struct kgr_rel *rel);

/* kgr_rel_width() - bytes of the field, 0 for a type this program does not know */
unsigned int kgr_rel_width(const struct kgr_rel *rel);

/* kgr_sym_is_constant() - is this a constant that the compiler made or that only its content
 * identifies: __func__, a switch's lookup table, a compound literal, a message for netlink; or the record of
 * a debug message?
 */
bool kgr_sym_is_constant(const struct kgr_sym *sym);

#endif
