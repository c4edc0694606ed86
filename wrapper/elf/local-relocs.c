// SPDX-License-Identifier: GPL-3.0-or-later
#include "elf/x86/decode.h"
#include "elf/local-relocs.h"

static bool has_relocation(const struct kgr_sec *sec, uint64_t at)
{
	size_t count;

	kgr_sec_rels(sec, at, at + 1, &count);
	return count > 0;
}

static void add_of_function(const struct kgr_sym *func, const GArray *code, GArray *found)
{
	guint i;

	for (i = 0; i < code->len; i++) {
		const struct kgr_insn *insn = &g_array_index(code, struct kgr_insn, i);
		uint64_t field = func->value + insn->offset + insn->field;
		uint64_t end = func->value + insn->offset + insn->length;
		uint64_t target = end + (uint64_t)insn->distance;
		struct kgr_rel rel = { .offset = field };

		if (!insn->field_size || has_relocation(func->sec, field))
			continue;
		if (target >= func->value && target < func->value + func->size)
			continue;
		rel.sym = kgr_sec_sym_at(func->sec, target);
		if (!rel.sym)
			continue;
		rel.type = insn->field_size == 1 ? R_X86_64_PC8 :
			   insn->branch		 ? R_X86_64_PLT32 :
						   R_X86_64_PC32;
		rel.addend = (int64_t)(target - rel.sym->value) - (int64_t)(end - field);
		g_array_append_val(found, rel);
	}
}

static bool add_of_section(struct kgr_obj *obj, struct kgr_sec *sec, GError **error)
{
	GArray *found = g_array_new(FALSE, FALSE, sizeof(struct kgr_rel));
	bool ok = true;
	guint i;

	for (i = 0; ok && i < sec->syms->len; i++) {
		const struct kgr_sym *func = sec->syms->pdata[i];
		const struct kgr_sym *before = i ? sec->syms->pdata[i - 1] : NULL;
		GArray *code;

		/* A second name for the same code adds nothing. */
		if (!kgr_sym_is_func(func) || (before && before->value == func->value))
			continue;
		code = kgr_decode(obj, func, error);
		ok = code;
		if (code) {
			add_of_function(func, code, found);
			g_array_unref(code);
		}
	}
	if (ok && found->len)
		kgr_sec_add_rels(sec, (const struct kgr_rel *)(const void *)found->data,
				 found->len);
	g_array_unref(found);
	return ok;
}

bool kgr_add_local_relocs(struct kgr_obj *obj, GError **error)
{
	size_t i;

	for (i = 1; i < obj->nsecs; i++) {
		struct kgr_sec *sec = &obj->secs[i];

		/* One function alone has nobody to refer to. */
		if (kgr_sec_is_text(sec) && sec->data && sec->syms && sec->syms->len > 1 &&
		    !add_of_section(obj, sec, error))
			return false;
	}
	return true;
}
