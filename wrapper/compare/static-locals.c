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
 * 4. The function's outermost block, in which C allows one of a name.
 * 5. The order of their lines, if as many are left on both sides, their types are the same, and no
 *    two blocks are known to be there for different things: one that was moved, and changed. The
 *    report says so. If not, those that are left are unsettled:
 *
 *	if (a) { static int n; ... foo ... }	has gone
 *						if (b) { static int n; ... bar ... }	is it a's n?
 *
 * A guard of a message (__already_done) is of another message, and new, if its block refers to
 * something else than those of the kernel's that are left: who is told once more is not harmed, but
 * who never is may be.
 *
 * A guard that says "done" must go with what has been done. From step 3 on it is not paired if what
 * its block writes has no counterpart: a secret that got another name gets a new guard, too. If
 * some of that is new and some is the kernel's, the guard is unsettled; but where the block is the
 * whole function, only if something it wrote has gone. Last, guards whose function has another name
 * now are found by step 2's rule. Guards come after all other static locals, some of which are what
 * they guard.
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
		if (at(locals, i)->sym->twin || at(locals, i)->sym->unsettled)
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

/* Is it known what both are there for, and that this is not the same? */
static bool differ(const struct local *a, const struct local *b)
{
	return *a->guarded->all && *b->guarded->all &&
	       strcmp(a->guarded->all, b->guarded->all) != 0;
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
		if (guards_new(at(b, i), &all) && all)
			g_array_remove_index(b, i);
	}
}

/* What no message of the kernel's that is left is like. */
static void drop_new_messages(const GArray *a, GArray *b)
{
	guint i, n;

	for (i = b->len; i-- > 0;) {
		const struct local *message = at(b, i);

		if (!kgr_sym_is_message_guard(message->sym))
			continue;
		for (n = 0; n < a->len && differ(at(a, n), message);)
			n++;
		if (n < a->len)
			continue;
		kgr_debug(KGR_DEBUG_MATCH, "%s is new: it is of another message",
			  message->sym->name);
		g_array_remove_index(b, i);
	}
}

static bool are_outermost(const struct local *a, const struct local *b)
{
	return !a->sym->in_inner_block && !b->sym->in_inner_block;
}

/* Is a line of @texts, but for functions of other files, one of @others? */
static bool share_line(const char *texts, const char *others)
{
	g_auto(GStrv) lines = g_strsplit(texts, "\n", -1);
	g_auto(GStrv) other_lines = g_strsplit(others, "\n", -1);
	guint i;

	for (i = 0; lines[i]; i++) {
		if (!g_str_has_prefix(lines[i], "undefined ") &&
		    g_strv_contains((const char *const *)other_lines, lines[i]))
			return true;
	}
	return false;
}

/* May it be the same one, in a block that was moved and changed? */
static bool may_be_moved(const struct local *a, const struct local *b)
{
	return same_kind(a, b) && (!differ(a, b) || share_line(a->guarded->all, b->guarded->all) ||
				   share_line(a->guarded->writes, b->guarded->writes));
}

static gint by_line(gconstpointer a, gconstpointer b)
{
	const struct local *x = a, *y = b;

	return x->sym->decl_line < y->sym->decl_line ? -1 : x->sym->decl_line > y->sym->decl_line;
}

/* The first of @b that its place in the order gives a counterpart that it cannot have, or NULL. */
static const struct local *first_other(const GArray *a, const GArray *b)
{
	guint i;

	for (i = 0; i < a->len; i++) {
		if (!may_be_moved(at(a, i), at(b, i)))
			return at(b, i);
	}
	return NULL;
}

static void match_group(GArray *a, GArray *b)
{
	const struct local *other;
	guint i;

	pair_alike(a, b, refer_to_the_same, G_MAXUINT, "a block that refers to the same");
	drop_new_messages(a, b);
	pair_alike(a, b, write_the_same, G_MAXUINT, "a block that writes the same");
	pair_alike(a, b, have_one_line, 1, "of several, the same line and size");
	pair_alike(a, b, are_outermost, 1, "the function's outermost block");
	drop_new_guards(b);
	g_array_sort(a, by_line);
	g_array_sort(b, by_line);
	other = a->len == b->len ? first_other(a, b) : NULL;
	for (i = 0; a->len && i < b->len; i++) {
		struct kgr_sym *sym = at(b, i)->sym;

		if (a->len != b->len) {
			sym->unsettled = g_strdup_printf(
				"%u of that name in %s() cannot be told from the %u that the kernel has "
				"there (%s is one)",
				b->len, sym->scope, a->len, at(a, 0)->sym->name);
		} else if (other) {
			sym->unsettled = g_strdup_printf(
				"the kernel's %s (%s), which is left, is of a block of %s() that does "
				"something else than the one that declares this (%s)",
				at(a, i)->sym->name, at(a, i)->sym->type_name, sym->scope,
				sym->type_name);
		} else {
			pair_or_leave(at(a, i), at(b, i), "the same place in their order");
			sym->by_name = sym->twin;
		}
	}
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
