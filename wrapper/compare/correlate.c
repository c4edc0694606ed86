// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Pairs symbols by identity, in steps, each for what the earlier ones did not pair:
 *
 * 1. Global symbols, by name.
 * 2. Local ones in groups of one identity: source name and clone without the compiler's numbers,
 *    the function they stand in, the file that declares them. In a group, an equal line and size
 *    pairs, if no other has that line; then equal code; then the order, if as many remain on both
 *    sides.
 * 3. What became static, or global, by its name.
 * 4. Cold parts, with the functions that they are part of.
 * 5. Static locals, by what the blocks that declare them refer to (static-locals.c).
 * 6. Objects that are declared in another place of the file, by name and type (moved-objects.c).
 *
 * A group of three clones, sum.constprop.0 to .2, against one of two, .0 and .1: all have one line, so code decides,
 *
 *	orig	.0 (how == 3)	.1 (how == 5)
 *	patched	.0 (how == 7)	.1 (how == 3)	.2 (how == 5)
 *
 * and pairs .0 with .1, and .1 with .2, whatever their numbers; .0 of patched is new.
 */
#include <string.h>

#include "lib/debug.h"
#include "compare/correlate.h"
#include "compare/guarded.h"
#include "compare/moved-objects.h"
#include "compare/pairing.h"
#include "compare/static-locals.h"
#include "elf/reloc.h"
#include "elf/symbol-name.h"

static bool takes_part(const struct kgr_sym *sym)
{
	return (kgr_sym_is_func(sym) || kgr_sym_is_object(sym)) && *sym->name;
}

static char *identity(const struct kgr_sym *sym)
{
	g_autofree char *name = kgr_name_without_numbers(sym->name);
	g_autofree char *file = sym->decl_file && !sym->in_source ?
					g_path_get_basename(sym->decl_file) :
					g_strdup("");

	return g_strdup_printf("%c|%s|%s|%s", sym->type == STT_FUNC ? 'f' : 'o', name,
			       sym->scope ?: "", file);
}

static GHashTable *by_identity(struct kgr_obj *obj, bool static_locals)
{
	GHashTable *groups = kgr_groups_new();
	size_t i;

	for (i = 0; i < obj->nsyms; i++) {
		struct kgr_sym *sym = &obj->syms[i];
		g_autofree char *key = NULL;

		if (!takes_part(sym) || sym->twin || sym->bind != STB_LOCAL || sym->parent ||
		    kgr_sym_is_static_local(sym) != static_locals)
			continue;
		key = identity(sym);
		kgr_groups_add(groups, key, sym);
	}
	return groups;
}

static void match_globals(struct kgr_obj *orig, struct kgr_obj *patched)
{
	g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
	size_t i;

	for (i = 0; i < orig->nsyms; i++) {
		if (takes_part(&orig->syms[i]) && orig->syms[i].bind != STB_LOCAL)
			g_hash_table_insert(names, (void *)orig->syms[i].name, &orig->syms[i]);
	}
	for (i = 0; i < patched->nsyms; i++) {
		struct kgr_sym *sym = &patched->syms[i], *twin;

		if (!takes_part(sym) || sym->bind == STB_LOCAL)
			continue;
		twin = g_hash_table_lookup(names, sym->name);
		if (twin && twin->type == sym->type)
			kgr_pair(twin, sym, "a global symbol of that name");
	}
}

static struct kgr_sym *only_at_line(GPtrArray *group, unsigned int line)
{
	struct kgr_sym *found = NULL;
	guint i;

	for (i = 0; i < group->len; i++) {
		struct kgr_sym *sym = g_ptr_array_index(group, i);

		if (sym->twin || sym->decl_line != line)
			continue;
		if (found)
			return NULL;
		found = sym;
	}
	return found;
}

/* A function's bytes without what relocations fill in, which says which clone is which. */
static GBytes *plain_code(const struct kgr_sym *sym)
{
	uint8_t *code = g_memdup2(sym->sec->data + sym->value, sym->size);
	struct kgr_rel *rels;
	size_t count, i;

	rels = kgr_sec_rels(sym->sec, sym->value, sym->value + sym->size, &count);
	for (i = 0; i < count; i++) {
		uint64_t at = rels[i].offset - sym->value;

		kgr_rel_clear(&rels[i], code + at, sym->size - at);
	}
	return g_bytes_new_take(code, sym->size);
}

static bool has_code(const struct kgr_sym *sym)
{
	return kgr_sym_is_func(sym) && sym->sec->data && sym->size;
}

static void match_by_code(GPtrArray *a, GPtrArray *b)
{
	g_autoptr(GHashTable) codes = g_hash_table_new_full(g_bytes_hash, g_bytes_equal,
							    (GDestroyNotify)g_bytes_unref, NULL);
	guint i;

	for (i = a->len; i-- > 0;) {
		struct kgr_sym *sym = g_ptr_array_index(a, i);

		/* The first of several that are the same is the last to get in. */
		if (has_code(sym))
			g_hash_table_replace(codes, plain_code(sym), sym);
	}
	for (i = 0; i < b->len; i++) {
		struct kgr_sym *sym = g_ptr_array_index(b, i);
		g_autoptr(GBytes) code = has_code(sym) ? plain_code(sym) : NULL;
		struct kgr_sym *twin = code ? g_hash_table_lookup(codes, code) : NULL;

		if (twin && !twin->twin)
			kgr_pair(twin, sym, "of several, the same code");
	}
}

static void drop_matched(GPtrArray *group)
{
	guint i = 0;

	while (i < group->len) {
		struct kgr_sym *sym = g_ptr_array_index(group, i);

		if (sym->twin)
			g_ptr_array_remove_index(group, i);
		else
			i++;
	}
}

static void match_group(GPtrArray *a, GPtrArray *b)
{
	const char *rule = a->len > 1 ? "of several, the same place in their order" :
					"the only one of its name, scope and file";
	guint i;

	if (a->len > 1 || b->len > 1) {
		for (i = 0; i < a->len; i++) {
			struct kgr_sym *sym = g_ptr_array_index(a, i), *twin;

			if (!sym->decl_line || only_at_line(a, sym->decl_line) != sym)
				continue;
			twin = only_at_line(b, sym->decl_line);
			if (twin && twin->size == sym->size)
				kgr_pair(sym, twin, "of several, the same line and size");
		}
		match_by_code(a, b);
		drop_matched(a);
		drop_matched(b);
	}
	if (a->len != b->len) {
		kgr_debug(KGR_DEBUG_MATCH, "%u and %u like %s: not to be told apart", a->len,
			  b->len, ((struct kgr_sym *)(a->len ? a : b)->pdata[0])->name);
		return;
	}
	for (i = 0; i < a->len; i++)
		kgr_pair(g_ptr_array_index(a, i), g_ptr_array_index(b, i), rule);
}

/* "foo.cold" belongs to the counterpart of "foo". */
static void match_parts(struct kgr_obj *orig, struct kgr_obj *patched)
{
	size_t i, n;

	for (i = 0; i < patched->nsyms; i++) {
		struct kgr_sym *sym = &patched->syms[i];

		for (n = 0; sym->parent && sym->parent->twin && !sym->twin && n < orig->nsyms;
		     n++) {
			struct kgr_sym *old = &orig->syms[n];

			if (takes_part(old) && !old->twin && old->parent == sym->parent->twin)
				kgr_pair(old, sym, "part of functions that are paired");
		}
	}
}

/* What becomes static, or global: by its name. */
static void match_across(struct kgr_obj *orig, struct kgr_obj *patched)
{
	size_t i, n;

	for (i = 0; i < patched->nsyms; i++) {
		struct kgr_sym *sym = &patched->syms[i], *twin = NULL;

		if (!takes_part(sym) || sym->twin)
			continue;
		for (n = 0; n < orig->nsyms && !twin; n++) {
			struct kgr_sym *old = &orig->syms[n];

			if (takes_part(old) && !old->twin && old->type == sym->type &&
			    (old->bind == STB_LOCAL) != (sym->bind == STB_LOCAL) &&
			    !strcmp(old->name, sym->name))
				twin = old;
		}
		if (twin)
			kgr_pair(twin, sym, "became static, or global");
	}
}

void kgr_correlate(struct kgr_obj *orig, struct kgr_obj *patched)
{
	g_autoptr(GHashTable) a = NULL, b = NULL, locals = NULL, patched_locals = NULL;
	GHashTableIter it;
	gpointer key, group;

	match_globals(orig, patched);
	a = by_identity(orig, false);
	b = by_identity(patched, false);
	g_hash_table_iter_init(&it, a);
	while (g_hash_table_iter_next(&it, &key, &group)) {
		GPtrArray *other = g_hash_table_lookup(b, key);

		if (other)
			match_group(group, other);
	}
	match_across(orig, patched);
	match_parts(orig, patched);
	locals = by_identity(orig, true);
	patched_locals = by_identity(patched, true);
	kgr_pair_static_locals(locals, patched_locals);
	kgr_pair_moved_objects(orig, patched);
}
