// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Tells calls from addresses that are taken, where the relocation's type does not. The assembler writes a call of a
 * static function of another section as it writes a PC-relative address:
 *
 *	e8 00 00 00 00		call helper		R_X86_64_PC32 .text.unlikely - 4
 *	48 8d 3d 00 00 00 00	lea helper(%rip),%rdi	R_X86_64_PC32 .text.unlikely - 4
 *
 * So the instruction that the field is in decides. In code that cannot be decoded the type does.
 */
#include "elf/arch.h"
#include "elf/branch-relocs.h"

static bool may_be_branch(const struct kgr_rel *rel)
{
	return rel->howto->pcrel && !rel->branch && rel->sym->sec && kgr_sec_is_text(rel->sym->sec);
}

/* Is the field at @offset of the decoded code that of a branch? */
static bool is_branch_field(const GArray *code, uint64_t offset)
{
	guint behind = kgr_insn_index(code, offset + 1);
	const struct kgr_insn *insn =
		behind ? &g_array_index(code, struct kgr_insn, behind - 1) : NULL;

	return insn && insn->branch && insn->offset + insn->field == offset;
}

static void find_in_function(const struct kgr_obj *obj, const struct kgr_sym *func)
{
	g_autoptr(GArray) code = NULL;
	struct kgr_rel *rels;
	size_t count, i;

	rels = kgr_sec_rels(func->sec, func->value, func->value + func->size, &count);
	for (i = 0; i < count; i++) {
		if (!may_be_branch(&rels[i]))
			continue;
		if (!code)
			code = kgr_decode(obj, func, NULL);
		if (!code)
			return;
		rels[i].branch = is_branch_field(code, rels[i].offset - func->value);
	}
}

void kgr_find_branch_relocs(const struct kgr_obj *obj)
{
	size_t i;
	guint n;

	for (i = 1; i < obj->nsecs; i++) {
		struct kgr_sec *sec = &obj->secs[i];
		/* What alternatives put in place of other code has no symbols. */
		const struct kgr_sym all = {
			.name = sec->name, .size = sec->sh.sh_size, .type = STT_FUNC, .sec = sec
		};

		if (!kgr_sec_is_text(sec) || !sec->data || !sec->nrels)
			continue;
		for (n = 0; n < sec->syms->len; n++) {
			if (kgr_sym_is_func(sec->syms->pdata[n]))
				find_in_function(obj, sec->syms->pdata[n]);
		}
		if (!sec->syms->len)
			find_in_function(obj, &all);
	}
}
