// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Says what a relocation refers to, however the assembler writes it. On x86 these three are references to the same
 * variable, count, if it lies 8 bytes into .bss and the instruction ends with the field:
 *
 *	R_X86_64_PC32	count - 4	add the bias, 4: count + 0
 *	R_X86_64_PC32	.bss + 4	add the bias: .bss + 8, which count covers: count + 0
 *	R_X86_64_32S	.bss + 8	an address, no bias: count + 0
 */
#include <string.h>

#include <kgraft-abi.h>
#include "elf/arch.h"
#include "elf/reloc.h"

#define LITERAL_LENGTH 40 /* characters of a literal that tell it from others */

char *kgr_target_literal(const struct kgr_target *t)
{
	GString *out = g_string_new("\"");
	uint64_t pos;

	for (pos = kgr_sec_literal(t->sec, t->pos); pos < t->sec->sh.sh_size; pos++) {
		char c = (char)t->sec->data[pos];

		if (!c || out->len > LITERAL_LENGTH)
			break;
		if (g_ascii_isgraph(c) && c != '"' && c != '\\')
			g_string_append_c(out, c);
		else
			g_string_append_printf(out, "\\%03o", (unsigned char)c);
	}
	g_string_append_c(out, '"');
	return g_string_free(out, FALSE);
}

void kgr_rel_set_type(struct kgr_rel *rel, const struct kgr_arch *arch, uint32_t type)
{
	rel->type = type;
	rel->howto = kgr_howto(arch, type);
	rel->branch = rel->howto->branch;
}

int kgr_rel_bias(const struct kgr_rel *rel, uint64_t end)
{
	return rel->howto->from_end ? (int)(end - rel->offset) : 0;
}

int kgr_rel_usual_bias(const struct kgr_rel *rel)
{
	return rel->howto->from_end ? (int)kgr_rel_width(rel) : 0;
}

bool kgr_rel_is_value(const struct kgr_rel *rel)
{
	return rel->howto->value;
}

unsigned int kgr_rel_width(const struct kgr_rel *rel)
{
	uint64_t mask = rel->howto->mask;
	unsigned int bytes = 0;

	for (; mask; mask >>= 8)
		bytes++;
	return bytes;
}

bool kgr_rel_is_branch(const struct kgr_rel *rel)
{
	return rel->branch;
}

bool kgr_rel_is_short(const struct kgr_rel *rel)
{
	return rel->howto->branch && kgr_rel_width(rel) < 4;
}

void kgr_rel_clear(const struct kgr_rel *rel, uint8_t *at, uint64_t room)
{
	uint64_t mask = rel->howto->mask;

	for (; mask && room; mask >>= 8, at++, room--)
		*at &= (uint8_t)~mask;
}

uint32_t kgr_rel_abi_type(const struct kgr_rel *rel)
{
	return rel->type == KGR_TYPE_VALUE ? KGR_REL_VALUE :
	       rel->type == KGR_TYPE_SHIFT ? KGR_REL_SHIFT :
					     rel->type;
}

uint32_t kgr_rel_type_of_abi(uint32_t abi_type)
{
	return abi_type == KGR_REL_VALUE ? KGR_TYPE_VALUE :
	       abi_type == KGR_REL_SHIFT ? KGR_TYPE_SHIFT :
					   abi_type;
}

bool kgr_sym_is_constant(const struct kgr_sym *sym)
{
	static const char *const made[] = { "__func__.",
					    "__FUNCTION__.",
					    "__PRETTY_FUNCTION__.",
					    "CSWTCH.",
					    "C.",
					    ".LC",
					    "__msg.",
					    "_entry.",
					    NULL };

	if (!sym->sec || sym->bind != STB_LOCAL || kgr_sym_is_func(sym))
		return false;
	/* Records of a debug message and of any message; the former change, but only by hand. */
	if (!strcmp(sym->sec->name, "__dyndbg") || !strcmp(sym->sec->name, ".printk_index"))
		return true;
	if (sym->sec->sh.sh_flags & SHF_WRITE)
		return false;
	return kgr_begins_with(sym->name, made);
}

/*
 * A loop over a table may count with a pointer to a member, which is that member's offset ahead of the element: its end
 * is then beyond the table, and may be beyond the section.
 */
static struct kgr_sym *nearest_object(const struct kgr_sec *sec, uint64_t pos)
{
	bool before = (int64_t)pos < 0;
	struct kgr_sym *nearest = NULL;
	guint i;

	if (pos <= sec->sh.sh_size || kgr_sec_is_text(sec))
		return NULL;
	for (i = 0; i < sec->syms->len; i++) {
		struct kgr_sym *sym = sec->syms->pdata[i];

		if (!nearest || (before ? sym->value < nearest->value :
					  sym->value + sym->size > nearest->value + nearest->size))
			nearest = sym;
	}
	return nearest;
}

bool kgr_target_is_jump(const struct kgr_target *t)
{
	return t->kind == KGR_TARGET_SYMBOL && kgr_sym_is_func(t->sym) &&
	       (t->offset || t->sym->parent);
}

bool kgr_target_may_be(const struct kgr_target *t, const struct kgr_sym *other)
{
	uint64_t pos;

	if (t->kind != KGR_TARGET_SYMBOL || !t->sym->sec || t->sym->sec != other->sec ||
	    t->sym == other || kgr_sec_is_text(other->sec) || kgr_sym_is_constant(other))
		return false;
	pos = t->sym->value + (uint64_t)t->offset;
	/* Only of a table a loop's end is referred to. */
	return pos > other->sec->sh.sh_size ||
	       (other->size > sizeof(uint64_t) && pos == other->value + other->size);
}

/* Is there more in the section than one object, that a section anchor may be of? */
static bool has_neighbours(const struct kgr_sec *sec)
{
	const struct kgr_sym *only = sec->syms->len == 1 ? sec->syms->pdata[0] : NULL;

	return !kgr_sec_is_text(sec) && !(sec->sh.sh_flags & SHF_MERGE) &&
	       !(only && !only->value && only->size == sec->sh.sh_size);
}

void kgr_target(const struct kgr_rel *rel, int bias, struct kgr_target *out)
{
	struct kgr_sym *sym = rel->sym;
	bool label = sym->sec && (sym->type == STT_SECTION ||
				  (sym->type == STT_NOTYPE && sym->bind == STB_LOCAL));

	memset(out, 0, sizeof(*out));
	if (!label) {
		out->kind = KGR_TARGET_SYMBOL;
		out->sym = sym;
		out->offset = rel->addend + bias;
		return;
	}
	out->section_anchor = rel->howto->section_anchor && has_neighbours(sym->sec);
	out->sec = sym->sec;
	out->pos = sym->value + (uint64_t)(rel->addend + bias);
	if (kgr_sec_is_strings(out->sec)) {
		out->kind = KGR_TARGET_STRING;
		return;
	}
	out->sym = kgr_sec_sym_at(out->sec, out->pos) ?: nearest_object(out->sec, out->pos);
	if (out->sym) {
		out->kind = KGR_TARGET_SYMBOL;
		out->offset = (int64_t)(out->pos - out->sym->value);
	} else if (out->sec->sh.sh_flags & SHF_MERGE && out->sec->sh.sh_entsize) {
		out->kind = KGR_TARGET_CONST;
	} else {
		out->kind = KGR_TARGET_SECTION;
	}
}
