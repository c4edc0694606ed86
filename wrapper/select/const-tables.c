// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Tells tables that only functions read from those to which a pointer may be stored.
 *
 *	static const u8 limits[] = { 1, 2, 4 };		becomes { 1, 2, 8 }
 *	int limit(int i) { return limits[i]; }		refers to it, and is replaced: it reads the patch's own
 *
 * Where data refers to the table ("static struct foo foo = { .limits = limits };"), or the table holds pointers to
 * code, the kernel goes on reading the old one, and no code would read a copy.
 */
#include "select/const-tables.h"
#include "elf/xref.h"
#include "elf/special-sections.h"

static bool holds_code(const struct kgr_sym *sym)
{
	struct kgr_rel *rels;
	size_t count, i;

	rels = kgr_sec_rels(sym->sec, sym->value, sym->value + sym->size, &count);
	for (i = 0; i < count; i++) {
		struct kgr_target t;

		kgr_target(&rels[i], 0, &t);
		/* What lies in another file may be a function. */
		if (t.kind == KGR_TARGET_SYMBOL && (!t.sym->sec || kgr_sec_is_text(t.sym->sec)))
			return true;
	}
	return false;
}

static bool is_no_function_or_init(const struct kgr_sym *sym, const struct kgr_xref *ref,
				   const void *arg)
{
	(void)arg;
	(void)sym;
	return !ref->from || !kgr_sym_is_func(ref->from) || kgr_sec_is_init(ref->sec);
}

static bool is_unselected(const struct kgr_sym *sym, const struct kgr_xref *ref, const void *arg)
{
	(void)sym;
	return !kgr_selected(arg, ref->from);
}

bool kgr_is_read_by_functions(const struct kgr_obj *obj, const struct kgr_sym *sym)
{
	struct kgr_xref ref;

	return sym->bind == STB_LOCAL && sym->sec->data &&
	       !(sym->sec->sh.sh_flags & (SHF_WRITE | SHF_EXECINSTR)) &&
	       !kgr_sec_is_init(sym->sec) && !sym->sec->special && !holds_code(sym) &&
	       !kgr_find_xref(obj, sym, is_no_function_or_init, NULL, &ref);
}

GPtrArray *kgr_unselected_readers(const struct kgr_selection *selection, const struct kgr_obj *obj,
				  const struct kgr_sym *sym)
{
	return kgr_referrers(obj, sym, is_unselected, selection);
}
