// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Pairs what is new in one unit with what is gone from another.
 *
 * The diff takes foo() out of a.c and puts it into b.c: comparing a.c says that foo is gone, comparing b.c that it is
 * new. All that is gone is listed by name, without the numbers that the compiler counts up ("foo.constprop.0" is
 * foo.constprop); then each new symbol of the same image, type and scope is one that moved. So all units have to be
 * compared before the first is selected from.
 */
#include "elf/symbol-name.h"
#include "lib/error.h"
#include "compare/correlate.h"
#include "select/moved.h"
#include "elf/reloc.h"

GHashTable *kgr_gone_new(void)
{
	return g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
				     (GDestroyNotify)g_ptr_array_unref);
}

/* A global function; a variable of any kind, but not what macros remember of a place (__already_done, _rs). A constant
 * may be there twice.
 */
static bool takes_part(const struct kgr_sym *sym)
{
	if (kgr_sym_is_func(sym))
		return sym->bind != STB_LOCAL && !kgr_sec_is_init(sym->sec);
	return kgr_sym_is_object(sym) && sym->sec->sh.sh_flags & SHF_WRITE && sym->size &&
	       !kgr_sec_is_init(sym->sec) && !kgr_sym_is_constant(sym) &&
	       !(sym->bind == STB_LOCAL && g_str_has_prefix(sym->name, "_"));
}

void kgr_gone_add(GHashTable *gone, const struct kgr_compared *of)
{
	size_t i;

	for (i = 0; i < of->built->nsyms; i++) {
		const struct kgr_sym *sym = &of->built->syms[i];
		g_autofree char *name = NULL;
		struct kgr_moved *from;
		GPtrArray *list;

		if (sym->verdict != KGR_GONE || !takes_part(sym))
			continue;
		name = kgr_name_without_numbers(sym->name);
		list = g_hash_table_lookup(gone, name);
		if (!list) {
			list = g_ptr_array_new_with_free_func(g_free);
			g_hash_table_insert(gone, g_strdup(name), list);
		}
		from = g_new(struct kgr_moved, 1);
		*from = (struct kgr_moved){ of, sym };
		g_ptr_array_add(list, from);
	}
}

static struct kgr_moved *find(GHashTable *gone, const struct kgr_image *image,
			      const struct kgr_sym *sym)
{
	g_autofree char *name = kgr_name_without_numbers(sym->name);
	GPtrArray *list = g_hash_table_lookup(gone, name);
	guint i;

	for (i = 0; list && i < list->len; i++) {
		struct kgr_moved *from = list->pdata[i];

		/* What is static in a function moves with that. */
		if (from->from->image == image && from->sym->type == sym->type &&
		    !g_strcmp0(from->sym->scope, sym->scope))
			return from;
	}
	return NULL;
}

static bool check_variable(const struct kgr_compared *of, const struct kgr_sym *sym,
			   const struct kgr_moved *from, GError **error)
{
	const struct kgr_image *image = of->image;

	/* In its own file it may be the kernel's own, of which is told when it is used. */
	if (sym->unsettled)
		return true;
	if (from)
		return kgr_fail(
			error, KGR_REFUSED,
			"%s moves from %s to %s: the kernel's would be left behind, with what is "
			"in it; leave it where it is",
			sym->name, from->from->unit->source, of->unit->source);
	return sym->bind == STB_LOCAL || !kgr_image_has_global(image, sym->name) ||
	       kgr_fail(error, KGR_REFUSED,
			"%s is new in %s, and %s has an object of that name: there would be two; "
			"give it another name",
			sym->name, of->unit->source, image->module ?: "the kernel");
}

bool kgr_find_moved(GHashTable *gone, const struct kgr_compared *of, GHashTable *moved,
		    GError **error)
{
	size_t i;

	for (i = 0; i < of->patched->nsyms; i++) {
		struct kgr_sym *sym = &of->patched->syms[i];
		struct kgr_moved *from;

		if (sym->verdict != KGR_NEW || !takes_part(sym))
			continue;
		from = find(gone, of->image, sym);
		if (!kgr_sym_is_func(sym) && !check_variable(of, sym, from, error))
			return false;
		if (kgr_sym_is_func(sym) && from)
			g_hash_table_insert(moved, sym, from);
	}
	return true;
}
