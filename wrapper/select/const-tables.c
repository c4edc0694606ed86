// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Tells tables that only functions read from those that somebody may hold a pointer to.
 *
 *	static const u8 limits[] = { 1, 2, 4 };		becomes { 1, 2, 8 }
 *	int limit(int i) { return limits[i]; }		refers to it, and is replaced: it reads the patch's own
 *
 * Where data refers to the table ("static struct foo foo = { .limits = limits };"), or the table holds pointers to
 * code, the old one has been handed out, and a copy would be read by nobody.
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
		/* Of what lies elsewhere nobody knows what it is. */
		if (t.kind == KGR_TARGET_SYMBOL && (!t.sym->sec || kgr_sec_is_text(t.sym->sec)))
			return true;
	}
	return false;
}

static bool is_no_lasting_function(const struct kgr_sym *sym, const struct kgr_xref *ref,
				   const void *arg)
{
	(void)arg;
	(void)sym;
	return !ref->from || !kgr_sym_is_func(ref->from) || kgr_sec_is_init(ref->sec);
}

static bool is_not_included(const struct kgr_sym *sym, const struct kgr_xref *ref, const void *arg)
{
	(void)sym;
	return ref->from && !kgr_selected(arg, ref->from);
}

bool kgr_is_read_by_functions(const struct kgr_obj *obj, const struct kgr_sym *sym)
{
	struct kgr_xref ref;

	return sym->bind == STB_LOCAL && sym->sec->data &&
	       !(sym->sec->sh.sh_flags & (SHF_WRITE | SHF_EXECINSTR)) &&
	       !kgr_sec_is_init(sym->sec) && !sym->sec->special && !holds_code(sym) &&
	       !kgr_find_xref(obj, sym, is_no_lasting_function, NULL, &ref);
}

struct kgr_sym *kgr_reader_of(const struct kgr_selection *selection, const struct kgr_obj *obj,
			      const struct kgr_sym *sym)
{
	struct kgr_xref ref;

	return kgr_find_xref(obj, sym, is_not_included, selection, &ref) ? ref.from : NULL;
}
