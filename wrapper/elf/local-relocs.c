// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The assembler resolves calls, jumps and addresses within a section itself. Each gets the relocation that it would
 * have if the two were in different sections:
 *
 *	.sched.text+0x40:	call helper	(e8 bb ff ff ff, no relocation; to .sched.text+0)
 *	becomes			R_X86_64_PLT32 helper - 4 at .sched.text+0x41
 *
 * What stays within a function needs none, since it moves with it.
 */
#include "elf/arch.h"
#include "elf/local-relocs.h"
#include "elf/reloc.h"

static bool has_relocation(const struct kgr_sec *sec, uint64_t at)
{
	size_t count;

	kgr_sec_rels(sec, at, at + 1, &count);
	return count > 0;
}

static void add_of_function(const struct kgr_arch *arch, const struct kgr_sym *func,
			    const GArray *code, GArray *found)
{
	guint i;

	for (i = 0; i < code->len; i++) {
		const struct kgr_insn *insn = &g_array_index(code, struct kgr_insn, i);
		uint64_t field = func->value + insn->offset + insn->field;
		uint64_t end = func->value + insn->offset + insn->length;
		uint64_t target = func->value + (uint64_t)insn->target;
		struct kgr_rel rel = { .offset = field };

		if (!insn->mask || has_relocation(func->sec, field))
			continue;
		if (target >= func->value && target < func->value + func->size)
			continue;
		rel.sym = kgr_sec_sym_at(func->sec, target);
		if (!rel.sym)
			continue;
		kgr_rel_set_type(&rel, arch, insn->reltype);
		rel.addend = (int64_t)(target - rel.sym->value) - kgr_rel_bias(&rel, end);
		g_array_append_val(found, rel);
	}
}

static bool add_of_section(struct kgr_obj *obj, struct kgr_sec *sec, GError **error)
{
	g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(struct kgr_rel));
	guint i;

	for (i = 0; i < sec->syms->len; i++) {
		const struct kgr_sym *func = sec->syms->pdata[i];
		const struct kgr_sym *before = i ? sec->syms->pdata[i - 1] : NULL;
		g_autoptr(GArray) code = NULL;

		/* A second name for the same code adds nothing. */
		if (!kgr_sym_is_func(func) || (before && before->value == func->value))
			continue;
		code = kgr_decode(obj, func, error);
		if (!code)
			return false;
		add_of_function(obj->arch, func, code, found);
	}
	if (found->len)
		kgr_sec_add_rels(sec, (const struct kgr_rel *)(const void *)found->data,
				 found->len);
	return true;
}

bool kgr_add_local_relocs(struct kgr_obj *obj, GError **error)
{
	size_t i;

	for (i = 1; i < obj->nsecs; i++) {
		struct kgr_sec *sec = &obj->secs[i];

		/* A function alone in its section has no other to refer to. */
		if (kgr_sec_is_text(sec) && sec->data && sec->syms && sec->syms->len > 1 &&
		    !add_of_section(obj, sec, error))
			return false;
	}
	return true;
}
