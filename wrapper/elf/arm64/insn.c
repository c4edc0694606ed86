// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Instructions of arm64, as far as comparing needs them: each has four bytes, and those that refer
 * to a place without a relocation have the distance in a field of their own. All other bits are
 * compared as they are, so what an instruction does need not be known. Data between instructions
 * begins at a symbol "$d", and code behind it at "$x" (ELF for the Arm 64-bit Architecture, Mapping
 * symbols). Addresses in such data (-mcmodel=large) are refused: code adds to them as it does to
 * section anchors, but they are not told from pointers that mean one object.
 */
#include <elf.h>
#include <string.h>

#include "elf/arm64/arm64.h"
#include "lib/error.h"

#define WORD 4

/* Instructions with such a field: those of which the bits in @mask are @bits. */
static const struct form {
	uint32_t mask, bits;
	uint64_t field;
	uint32_t reltype;
	bool branch;
} forms[] = {
	{ 0xfc000000, 0x14000000, ARM64_IMM26, R_AARCH64_JUMP26, true }, /* B */
	{ 0xfc000000, 0x94000000, ARM64_IMM26, R_AARCH64_CALL26, true }, /* BL */
	{ 0xff000000, 0x54000000, ARM64_IMM19, R_AARCH64_CONDBR19, true }, /* B.cond, BC.cond */
	{ 0x7e000000, 0x34000000, ARM64_IMM19, R_AARCH64_CONDBR19, true }, /* CBZ, CBNZ */
	{ 0x7e000000, 0x36000000, ARM64_IMM14, R_AARCH64_TSTBR14, true }, /* TBZ, TBNZ */
	{ 0x3b000000, 0x18000000, ARM64_IMM19, R_AARCH64_LD_PREL_LO19, false }, /* LDR, literal */
	{ 0x9f000000, 0x10000000, ARM64_ADR, R_AARCH64_ADR_PREL_LO21, false }, /* ADR */
};

/* The number in a field, of as many bits as the field has, the highest of which is the sign. */
static int64_t field_value(uint32_t word, uint64_t field)
{
	unsigned int bits = (unsigned int)__builtin_popcountll(field);
	uint64_t value;

	if (field == ARM64_ADR)
		value = (word >> 5 & 0x7ffff) << 2 | (word >> 29 & 3);
	else
		value = (word & field) >> __builtin_ctzll(field);
	return (int64_t)(value << (64 - bits)) >> (64 - bits);
}

static void note_field(struct kgr_insn *insn, uint32_t word)
{
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(forms); i++) {
		int64_t scale = forms[i].field == ARM64_ADR ? 1 : WORD;

		if ((word & forms[i].mask) != forms[i].bits)
			continue;
		insn->mask = forms[i].field;
		insn->target = insn->offset + field_value(word, forms[i].field) * scale;
		insn->reltype = forms[i].reltype;
		insn->branch = forms[i].branch;
	}
}

/* Encodings that the architecture has not allocated are no code that a compiler makes. */
static bool is_allocated(uint32_t word)
{
	unsigned int group = word >> 25 & 0xf;

	return group != 0 && group != 1 && group != 3;
}

/* An address by pages depends on where the code is: it is the linker's to fill in. */
static bool is_adrp(uint32_t word)
{
	return (word & 0x9f000000) == 0x90000000;
}

/* Is @pos of the section data? The last mapping symbol at or before it says so. */
static bool is_data(const struct kgr_obj *obj, const struct kgr_sec *sec, uint64_t pos)
{
	const struct kgr_sym *last = NULL;
	size_t i;

	for (i = 1; i < obj->nsyms; i++) {
		const struct kgr_sym *sym = &obj->syms[i];

		if (sym->name[0] == '$' && (sym->name[1] == 'd' || sym->name[1] == 'x') &&
		    sym->sec == sec && sym->value <= pos && (!last || sym->value >= last->value))
			last = sym;
	}
	return last && last->name[1] == 'd';
}

static bool has_data(const struct kgr_obj *obj, const struct kgr_sym *func)
{
	size_t i;

	for (i = 1; i < obj->nsyms; i++) {
		if (!strncmp(obj->syms[i].name, "$d", 2) && obj->syms[i].sec == func->sec)
			return true;
	}
	return false;
}

/* An address among the code, in a function or behind it. */
static bool has_address(const struct kgr_sec *sec, uint64_t *at)
{
	size_t i;

	for (i = 0; i < sec->nrels; i++) {
		*at = sec->rels[i].offset;
		if (sec->rels[i].type == R_AARCH64_ABS64)
			return true;
	}
	return false;
}

GArray *kgr_arm64_decode(const struct kgr_obj *obj, const struct kgr_sym *func, GError **error)
{
	g_autoptr(GArray) code = g_array_new(FALSE, FALSE, sizeof(struct kgr_insn));
	const uint32_t nop = 0xd503201f;
	bool some_data = has_data(obj, func);
	uint64_t at;

	if (some_data && has_address(func->sec, &at)) {
		kgr_fail(error, KGR_REFUSED,
			 "%s: an address among the code, at %s+0x%" G_GINT64_MODIFIER
			 "x, is not understood; compile with -mcmodel=small",
			 obj->path, func->sec->name, at);
		return NULL;
	}
	for (at = 0; at < func->size; at += WORD) {
		uint64_t pos = func->value + at;
		struct kgr_insn one = { .offset = (uint32_t)at, .length = WORD };
		bool data = some_data && is_data(obj, func->sec, pos);
		uint32_t word;
		size_t rels;

		if (!func->sec->data || func->size - at < WORD || pos % WORD) {
			kgr_fail(
				error, KGR_REFUSED,
				"%s: %s+0x%" G_GINT64_MODIFIER
				"x: not a whole instruction: the object is damaged; compile it again",
				obj->path, func->name, at);
			return NULL;
		}
		word = (uint32_t)kgr_arch_read(obj->arch, func->sec->data + pos, WORD);
		if (!data && word == nop)
			continue;
		kgr_sec_rels(func->sec, pos, pos + WORD, &rels);
		if (!data && (!is_allocated(word) || (is_adrp(word) && !rels))) {
			kgr_fail(
				error, KGR_REFUSED,
				"%s: %s+0x%" G_GINT64_MODIFIER
				"x: the instruction 0x%08x is not understood; leave this function out",
				obj->path, func->name, at, word);
			return NULL;
		}
		one.kind = data;
		if (!data)
			note_field(&one, word);
		g_array_append_val(code, one);
	}
	return g_steal_pointer(&code);
}

/* BTI c and jc, or PACIASP and PACIBSP, which are as good. */
unsigned int kgr_arm64_bti(const uint8_t *code, uint64_t size)
{
	static const uint32_t pads[] = { 0xd503245f, 0xd50324df, 0xd503233f, 0xd503237f };
	uint32_t word;
	size_t i;

	if (size < WORD)
		return 0;
	word = (uint32_t)kgr_arch_read(&kgr_arch_arm64, code, WORD);
	for (i = 0; i < G_N_ELEMENTS(pads); i++) {
		if (word == pads[i])
			return WORD;
	}
	return 0;
}
