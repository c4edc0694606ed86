/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a relocation refers to, however the assembler writes it. */
#ifndef KGR_RELOC_H
#define KGR_RELOC_H

#include "elf/arch.h"
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
	/* Other objects of the section that @sym is in may be meant as well, see struct kgr_howto. */
	bool section_anchor;
};

/* kgr_target() - resolve one relocation
 * @bias: what has to be added to its addend: kgr_insn_biases(), kgr_rel_bias() or kgr_rel_usual_bias(); 0 in data
 */
void kgr_target(const struct kgr_rel *rel, int bias, struct kgr_target *out);

/* kgr_target_is_jump() - into a function, or from one to its cold part: not a call */
bool kgr_target_is_jump(const struct kgr_target *t);

/* kgr_target_may_be() - may a reference that seems to be to one object be to the end of @other, with
 * which it shares a section?
 */
bool kgr_target_may_be(const struct kgr_target *t, const struct kgr_sym *other);

/* kgr_target_literal() - the string literal at the place of a section that is referred to, as one word in quotes: what is no
 * letter, digit or mark is an octal number, as in "two\040words", and a long one is cut off; g_free() it
 */
char *kgr_target_literal(const struct kgr_target *t);

/* kgr_rel_set_type() - set the type of a relocation of a file for @arch, and what follows from it */
void kgr_rel_set_type(struct kgr_rel *rel, const struct kgr_arch *arch, uint32_t type);

/* kgr_rel_bias() - what has to be added to the addend of a relocation in an instruction that ends at @end of the
 * section, so that symbol + addend is what it refers to
 */
int kgr_rel_bias(const struct kgr_rel *rel, uint64_t end);

/* kgr_rel_usual_bias() - the same, where the instruction is not known: most end with the field */
int kgr_rel_usual_bias(const struct kgr_rel *rel);

/* kgr_rel_is_short() - is it a branch whose field is too short to reach another section? */
bool kgr_rel_is_short(const struct kgr_rel *rel);

/* kgr_rel_is_branch() - is it of a call or jump, so that the address is not taken? */
bool kgr_rel_is_branch(const struct kgr_rel *rel);

/* kgr_rel_is_value() - does the field take what is there, and not the address? See KGR_TYPE_VALUE. */
bool kgr_rel_is_value(const struct kgr_rel *rel);

/* kgr_rel_width() - bytes that the field's bits are in, 0 for a type this program does not know */
unsigned int kgr_rel_width(const struct kgr_rel *rel);

/* kgr_rel_clear() - set the field's bits to 0 in a copy of the bytes from its place on, of which there are @room */
void kgr_rel_clear(const struct kgr_rel *rel, uint8_t *at, uint64_t room);

/* kgr_rel_abi_type() - a relocation's type as a patch module's tables have it: ELF's number, or one of
 * KGR_REL_VALUE and KGR_REL_SHIFT
 */
uint32_t kgr_rel_abi_type(const struct kgr_rel *rel);

/* kgr_rel_type_of_abi() - the other way round */
uint32_t kgr_rel_type_of_abi(uint32_t abi_type);

/* kgr_sym_is_constant() - is this a constant that the compiler made or that only its content
 * identifies: __func__, a switch's lookup table, a compound literal, a message for netlink; or the record of
 * a debug message?
 */
bool kgr_sym_is_constant(const struct kgr_sym *sym);

#endif
