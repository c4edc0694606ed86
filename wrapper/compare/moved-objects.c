// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Pairs objects whose function was split or renamed, or which left it:
 *
 *	orig					patched
 *						static void say(void)
 *	int f(void)				{
 *	{						static int said;
 *		static int said;			...
 *		...				}
 *	}					int f(void) { say(); ... }
 *
 * f's said has gone, and say's is new. What the source calls by one name and gives one type, in one file, is one state:
 * if one such has gone and one is new, they are each other's counterparts. Of several, those whose blocks refer to the
 * same are; any that are left are unsettled. Names that begin with _ are those of macros, which say nothing of what is
 * remembered (_rs, __already_done): of these only the blocks decide, and what is left is new.
 *
 * A guard of something new is new as well (static-locals.c).
 */
#include <string.h>

#include "compare/guarded.h"
#include "compare/moved-objects.h"
#include "compare/pairing.h"

static bool takes_part(const struct kgr_sym *sym)
{
	return !sym->twin && sym->source_name && sym->type_name && kgr_sym_is_state(sym) &&
	       !kgr_sec_is_init(sym->sec);
}

static bool guards_new(const struct kgr_sym *sym)
{
	g_autoptr(kgr_guarded) guarded = NULL;
	guint i;

	if (!kgr_sym_is_guard(sym))
		return false;
	guarded = kgr_guarded_new(sym, false);
	for (i = 0; i < guarded->objects->len; i++) {
		if (!((const struct kgr_sym *)guarded->objects->pdata[i])->twin)
			return true;
	}
	return false;
}

/* "name type" -> GPtrArray of struct kgr_sym *, in the order of the file */
static GHashTable *by_name_and_type(struct kgr_obj *obj, bool patched)
{
	GHashTable *groups = kgr_groups_new();
	size_t i;

	for (i = 0; i < obj->nsyms; i++) {
		struct kgr_sym *sym = &obj->syms[i];
		g_autofree char *key = NULL;

		if (!takes_part(sym) || (patched && (sym->unsettled || guards_new(sym))))
			continue;
		key = g_strdup_printf("%s %s", sym->source_name, sym->type_name);
		kgr_groups_add(groups, key, sym);
	}
	return groups;
}

/* The only one of @group whose block refers to that, or NULL. */
static struct kgr_sym *only_like(const GPtrArray *group, const char *references, bool orig)
{
	struct kgr_sym *found = NULL;
	guint i;

	for (i = 0; i < group->len; i++) {
		g_autoptr(kgr_guarded) block = kgr_guarded_new(group->pdata[i], orig);

		if (!*block->all || strcmp(block->all, references) != 0)
			continue;
		if (found)
			return NULL;
		found = group->pdata[i];
	}
	return found;
}

static void pair_by_blocks(GPtrArray *old, GPtrArray *fresh)
{
	guint i = 0;

	while (i < fresh->len) {
		struct kgr_sym *sym = fresh->pdata[i], *was;
		g_autoptr(kgr_guarded) block = kgr_guarded_new(sym, false);

		was = only_like(old, block->all, true);
		if (!was || only_like(fresh, block->all, false) != sym) {
			i++;
			continue;
		}
		kgr_pair(was, sym, "in another place of the file, a block that refers to the same");
		g_ptr_array_remove(old, was);
		g_ptr_array_remove_index(fresh, i);
	}
}

static void pair_group(GPtrArray *old, GPtrArray *fresh)
{
	bool of_macro = *((const struct kgr_sym *)old->pdata[0])->source_name == '_';
	guint i;

	if (of_macro || old->len > 1 || fresh->len > 1)
		pair_by_blocks(old, fresh);
	if (of_macro || !old->len)
		return;
	if (old->len == 1 && fresh->len == 1) {
		kgr_pair(old->pdata[0], fresh->pdata[0],
			 "the only one of its name and type, in another place of the file");
		return;
	}
	for (i = 0; i < fresh->len; i++)
		((struct kgr_sym *)fresh->pdata[i])->unsettled = g_strdup_printf(
			"%u of that name and type are new in the file, and %u have gone (%s is one)",
			fresh->len, old->len, ((const struct kgr_sym *)old->pdata[0])->name);
}

void kgr_pair_moved_objects(struct kgr_obj *orig, struct kgr_obj *patched)
{
	g_autoptr(GHashTable) old = by_name_and_type(orig, false);
	g_autoptr(GHashTable) fresh = by_name_and_type(patched, true);
	GHashTableIter it;
	gpointer key, group;

	g_hash_table_iter_init(&it, fresh);
	while (g_hash_table_iter_next(&it, &key, &group)) {
		GPtrArray *was = g_hash_table_lookup(old, key);

		if (was)
			pair_group(was, group);
	}
}
