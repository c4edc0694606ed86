// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Immediates that the kernel fills in at boot: section runtime_ptr_VARIABLE lists where a value of eight bytes goes,
 * runtime_shift_VARIABLE where one of a byte does. Each place gets a relocation.
 */
#include <elf.h>
#include <string.h>

#include "lib/error.h"
#include "elf/x86/x86.h"
#include "elf/reloc.h"

static const struct {
	const char *prefix;
	uint32_t type;
} kinds[] = {
	{ "runtime_ptr_", KGR_TYPE_VALUE },
	{ "runtime_shift_", KGR_TYPE_SHIFT },
};

/* The section names the variable; the object has a symbol for it only if it does more with it. */
static struct kgr_sym *symbol_of(struct kgr_obj *obj, const char *name)
{
	struct kgr_sym *sym;
	size_t i;

	for (i = 1; i < obj->nsyms; i++) {
		sym = &obj->syms[i];
		if (!strcmp(sym->name, name) && (!sym->sec || kgr_sym_is_object(sym)))
			return sym;
	}
	sym = g_new0(struct kgr_sym, 1);
	sym->name = name;
	sym->bind = STB_GLOBAL;
	g_ptr_array_add(obj->added, sym);
	return sym;
}

static bool add_of_section(struct kgr_obj *obj, const struct kgr_sec *list, const char *name,
			   uint32_t type, GError **error)
{
	struct kgr_rel added = { .howto = kgr_howto(obj->arch, type),
				 .type = type,
				 .sym = symbol_of(obj, name) };
	size_t i;

	for (i = 0; i < list->nrels; i++) {
		const struct kgr_rel *entry = &list->rels[i];
		uint64_t at = entry->sym->value + (uint64_t)entry->addend;
		struct kgr_sec *code = entry->sym->sec;

		if (entry->type != R_X86_64_PC32 || !code || !kgr_sec_is_text(code) ||
		    at > code->sh.sh_size || kgr_rel_width(&added) > code->sh.sh_size - at)
			return kgr_fail(error, KGR_REFUSED,
					"%s: entry %zu of %s is to no code: the object is damaged; "
					"build the kernel again",
					obj->path, i, list->name);
		added.offset = at;
		kgr_sec_add_rels(code, &added, 1);
	}
	return true;
}

bool kgr_x86_runtime_constants(struct kgr_obj *obj, GError **error)
{
	size_t i, k;

	for (i = 1; i < obj->nsecs; i++) {
		const struct kgr_sec *sec = &obj->secs[i];

		for (k = 0; k < G_N_ELEMENTS(kinds); k++) {
			if (g_str_has_prefix(sec->name, kinds[k].prefix) &&
			    !add_of_section(obj, sec, sec->name + strlen(kinds[k].prefix),
					    kinds[k].type, error))
				return false;
		}
	}
	return true;
}
