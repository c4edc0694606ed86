// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Pairs static locals of one identity: name, function and file. What a function remembers in them must neither be
 * forgotten nor be taken for something else's, and their names and numbers say nothing: each net_get_random_once() of a
 * function has a ___done. So what counts is the block that declares them:
 *
 *	orig						patched
 *							net_get_random_once(&salt, ...);	___done.0
 *	net_get_random_once(&secret, ...);  ___done.0	net_get_random_once(&secret, ...);	___done.1
 *
 * 1. Blocks that refer to the same: .0 and .1 have secret.
 * 2. Blocks that refer to the same objects that can be written, whatever else has changed.
 * 3. The same line, if no other has it, and size: lines that the diff did not touch keep their numbers.
 * 4. The order, if as many are left on both sides. If not, those that are left are unsettled.
 *
 * A guard that says "done" must go with what has been done. From step 3 on it is not paired if what its block writes has
 * no counterpart: a secret that got another name gets a new guard, too. If some of that is new and some is the
 * kernel's, the guard is unsettled; but where the block is the whole function, only if something it wrote has gone.
 * Last, guards whose function has another name now are found by step 2's rule.
 * Guards come after all other static locals, some of which are what they guard.
 */
#include <string.h>

#include "compare/guarded.h"
#include "compare/pairing.h"
#include "compare/static-locals.h"

/* A static local and what its block refers to. */
struct local {
	struct kgr_sym *sym;
	struct kgr_guarded *guarded;
};

static void clear_local(gpointer data)
{
	kgr_guarded_free(((struct local *)data)->guarded);
}

static GArray *locals_of(const GPtrArray *group, bool orig)
{
	GArray *locals = g_array_new(FALSE, FALSE, sizeof(struct local));
	guint i;

	g_array_set_clear_func(locals, clear_local);
	for (i = 0; group && i < group->len; i++) {
		struct local local = { group->pdata[i], NULL };

		if (local.sym->twin)
			continue;
		local.guarded = kgr_guarded_new(local.sym, orig);
		g_array_append_val(locals, local);
	}
	return locals;
}

static struct local *at(const GArray *locals, guint i)
{
	return &g_array_index(locals, struct local, i);
}

static void drop_paired(GArray *locals)
{
	guint i;

	for (i = locals->len; i-- > 0;) {
		if (at(locals, i)->sym->twin)
			g_array_remove_index(locals, i);
	}
}

typedef bool (*alike_fn)(const struct local *a, const struct local *b);

static bool same_kind(const struct local *a, const struct local *b)
{
	return a->sym->size == b->sym->size && !g_strcmp0(a->sym->type_name, b->sym->type_name);
}

static bool refer_to_the_same(const struct local *a, const struct local *b)
{
	return same_kind(a, b) && *a->guarded->all && !strcmp(a->guarded->all, b->guarded->all);
}

static bool write_the_same(const struct local *a, const struct local *b)
{
	return same_kind(a, b) && *a->guarded->writes &&
	       !strcmp(a->guarded->writes, b->guarded->writes);
}

static bool have_one_line(const struct local *a, const struct local *b)
{
	return a->sym->decl_line && a->sym->decl_line == b->sym->decl_line &&
	       a->sym->size == b->sym->size;
}

/* How many of @locals, which are not paired yet, are like @one? */
static guint count_like(const GArray *locals, const struct local *one, alike_fn alike)
{
	guint i, n = 0;

	for (i = 0; i < locals->len; i++)
		n += !at(locals, i)->sym->twin && alike(at(locals, i), one);
	return n;
}

/* Is all, or some, that a guard's block writes new? */
static bool guards_new(const struct local *b, bool *all)
{
	const GPtrArray *objects = b->guarded->objects;
	guint i, fresh = 0;

	if (!kgr_sym_is_guard(b->sym))
		return false;
	for (i = 0; i < objects->len; i++)
		fresh += !((const struct kgr_sym *)objects->pdata[i])->twin;
	*all = fresh == objects->len;
	return fresh;
}

static char *name_objects(const struct kgr_guarded *guarded, bool paired)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	guint i;

	for (i = 0; i < guarded->objects->len; i++) {
		const struct kgr_sym *sym = guarded->objects->pdata[i];

		if (!sym->twin != paired)
			g_ptr_array_add(names, (gpointer)sym->name);
	}
	g_ptr_array_add(names, NULL);
	return g_strjoinv(", ", (char **)names->pdata);
}

static bool has_gone(const struct local *a)
{
	const GPtrArray *objects = a->guarded->objects;
	guint i;

	for (i = 0; i < objects->len; i++) {
		if (!((const struct kgr_sym *)objects->pdata[i])->twin)
			return true;
	}
	return false;
}

/* In a whole function, what is new besides may have nothing to do with the guard. */
static bool is_beside(const struct local *a, const struct local *b, bool all)
{
	return !b->sym->in_inner_block && !all && !has_gone(a);
}

static void pair_or_leave(const struct local *a, const struct local *b, const char *rule)
{
	g_autofree char *fresh = NULL, *old = NULL;
	bool all;

	if (!guards_new(b, &all) || is_beside(a, b, all)) {
		kgr_pair(a->sym, b->sym, rule);
		return;
	}
	fresh = name_objects(b->guarded, false);
	if (all) {
		kgr_debug(KGR_DEBUG_MATCH, "%s is new, as is what it guards: %s", b->sym->name,
			  fresh);
		return;
	}
	old = name_objects(b->guarded, true);
	b->sym->unsettled = g_strdup_printf(
		"it guards %s, which is new, and %s, which the kernel has: the kernel's %s says that both "
		"are done, a new one that neither is",
		fresh, old, a->sym->name);
}

/* Those of which as many are alike on both sides, one after the other. */
static void pair_alike(GArray *a, GArray *b, alike_fn alike, guint at_most, const char *rule)
{
	guint i, n;

	for (i = 0; i < a->len; i++) {
		const struct local *one = at(a, i);
		guint like = count_like(b, one, alike);

		if (!like || like > at_most || count_like(a, one, alike) != like)
			continue;
		for (n = 0; at(b, n)->sym->twin || !alike(at(b, n), one);)
			n++;
		pair_or_leave(one, at(b, n), rule);
	}
	drop_paired(a);
	drop_paired(b);
}

/* What is sure to be new needs no counterpart. */
static void drop_new_guards(GArray *b)
{
	guint i;
	bool all;

	for (i = b->len; i-- > 0;) {
		if (at(b, i)->sym->unsettled || (guards_new(at(b, i), &all) && all))
			g_array_remove_index(b, i);
	}
}

static void match_group(GArray *a, GArray *b)
{
	guint i;

	pair_alike(a, b, refer_to_the_same, G_MAXUINT, "a block that refers to the same");
	pair_alike(a, b, write_the_same, G_MAXUINT, "a block that writes the same");
	pair_alike(a, b, have_one_line, 1, "of several, the same line and size");
	drop_new_guards(b);
	if (a->len == b->len) {
		for (i = 0; i < a->len; i++)
			pair_or_leave(at(a, i), at(b, i), "the same place in their order");
		return;
	}
	for (i = 0; a->len && i < b->len; i++)
		at(b, i)->sym->unsettled = g_strdup_printf(
			"%u of that name in %s() cannot be told from the %u that the kernel has there "
			"(%s is one)",
			b->len, at(b, i)->sym->scope, a->len, at(a, 0)->sym->name);
}

static void match_groups(GHashTable *orig, GHashTable *patched, bool guards)
{
	GHashTableIter it;
	gpointer key, group;

	g_hash_table_iter_init(&it, orig);
	while (g_hash_table_iter_next(&it, &key, &group)) {
		const GPtrArray *other = g_hash_table_lookup(patched, key);
		g_autoptr(GArray) a = NULL, b = NULL;

		if (!other || kgr_sym_is_guard(g_ptr_array_index(other, 0)) != guards)
			continue;
		a = locals_of(group, true);
		b = locals_of(other, false);
		if (!guards && a->len == 1 && b->len == 1)
			kgr_pair(at(a, 0)->sym, at(b, 0)->sym,
				 "the only one of its name, scope and file");
		else
			match_group(a, b);
	}
}

static GArray *left_guards(GHashTable *groups, bool orig)
{
	g_autoptr(GPtrArray) guards = g_ptr_array_new();
	GHashTableIter it;
	gpointer group;
	guint i;

	g_hash_table_iter_init(&it, groups);
	while (g_hash_table_iter_next(&it, NULL, &group)) {
		for (i = 0; i < ((GPtrArray *)group)->len; i++) {
			struct kgr_sym *sym = g_ptr_array_index((GPtrArray *)group, i);

			if (!sym->twin && kgr_sym_is_guard(sym))
				g_ptr_array_add(guards, sym);
		}
	}
	return locals_of(guards, orig);
}

static bool write_the_same_under_one_name(const struct local *a, const struct local *b)
{
	return !g_strcmp0(a->sym->source_name, b->sym->source_name) && write_the_same(a, b);
}

void kgr_pair_static_locals(GHashTable *orig, GHashTable *patched)
{
	g_autoptr(GArray) a = NULL, b = NULL;

	match_groups(orig, patched, false);
	match_groups(orig, patched, true);
	a = left_guards(orig, true);
	b = left_guards(patched, false);
	pair_alike(a, b, write_the_same_under_one_name, 1,
		   "a guard of the same, in a function of another name");
}
