// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Joins parts of a diff, most of which are whole files, by what they declare (changed-names.h). One
 * whose changed lines use
 *
 *   - what another brings (a function, a macro, a structure's member) needs that file, but for what
 *     it brings itself: the header that declares a new function stays where the file that has it
 *     goes;
 *   - what another declares in a new way, or takes away, needs it and is needed by it: an unchanged
 *     caller and the changed declaration must stay together. For this a file's whole text counts: a
 *     call's changed line need not be the one that has the name;
 *   - what has gone from one file and is new in another moves: both need each other;
 *   - a new header, by its name, needs that; a new file and the Makefile that lists it need each other.
 *
 * A header counts where it is included, by the records of what was compiled; elsewhere, where it
 * may be: one of include/ everywhere, another in its directory and below, and where its name
 * stands. A member counts where the records say so. What was compiled needs nothing of what was
 * not. A function of which only the body differs joins nobody: that its callers rely on the change
 * does not show in any declaration.
 */
#include <string.h>

#include "lib/debug.h"
#include "source/makefile-lists.h"
#include "split/belongs.h"

/* Who has a name: name -> GPtrArray of struct kgr_split_part. */
struct owners {
	GHashTable *brings, *changes, *members, *other_members;
	GHashTable *headers; /* by their names without directories */
};

static GHashTable *table_new(void)
{
	return g_hash_table_new_full(g_str_hash, g_str_equal, NULL,
				     (GDestroyNotify)g_ptr_array_unref);
}

static void own_one(GHashTable *table, const char *name, struct kgr_split_part *part)
{
	GPtrArray *list = g_hash_table_lookup(table, name);

	if (!list) {
		list = g_ptr_array_new();
		g_hash_table_insert(table, (gpointer)name, list);
	}
	g_ptr_array_add(list, part);
}

static void own(GHashTable *table, GHashTable *names, struct kgr_split_part *part)
{
	GHashTableIter it;
	gpointer name;

	g_hash_table_iter_init(&it, names);
	while (g_hash_table_iter_next(&it, &name, NULL))
		own_one(table, name, part);
}

static void need(struct kgr_split_part *user, struct kgr_split_part *owner, const char *why)
{
	g_autofree char *a = NULL, *b = NULL;

	if (user == owner || g_ptr_array_find(user->needs, owner, NULL))
		return;
	a = kgr_split_part_label(user);
	b = kgr_split_part_label(owner);
	kgr_debug(KGR_DEBUG_UNITS, "%s cannot stay without %s: %s", a, b, why);
	g_ptr_array_add(user->needs, owner);
	g_ptr_array_add(owner->needed_by, user);
}

static bool is_header(const struct kgr_split_part *p)
{
	return g_str_has_suffix(p->file->name, ".h");
}

static bool is_below(const char *file, const char *dir)
{
	size_t len = strlen(dir);

	return !strncmp(file, dir, len) && file[len] == '/';
}

/* "arch/x86/..." for one of an architecture. */
static char *architecture(const char *file)
{
	const char *end =
		g_str_has_prefix(file, "arch/") ? strchr(file + strlen("arch/"), '/') : NULL;

	return end ? g_strndup(file, (gsize)(end - file)) : NULL;
}

/* A header of the same directory, or of one above, or one whose name stands in changed lines. */
static bool is_near(const struct kgr_split_part *header, const struct kgr_split_part *user)
{
	g_autofree char *dir = g_path_get_dirname(header->file->name);
	g_autofree char *base = g_path_get_basename(header->file->name);

	return is_below(user->file->name, dir) ||
	       g_hash_table_contains(user->names->includes, base);
}

/* Does @user, a .c file that was compiled, include the header @owner, by what its records say? */
static bool reads(const struct kgr_split_part *user, const struct kgr_split_part *owner)
{
	return user->file->reads && g_hash_table_contains(user->file->reads, owner->file->name);
}

static bool is_compiled(const struct kgr_split_part *p)
{
	return p->file->reads && g_hash_table_size(p->file->reads);
}

/* May @user include the header @owner? What is no header anybody may call. */
static bool is_visible(const struct kgr_split_part *owner, const struct kgr_split_part *user)
{
	g_autofree char *arch = NULL;

	if (!is_header(owner))
		return true;
	if (is_compiled(user))
		return reads(user, owner);
	if (g_str_has_prefix(owner->file->name, "include/"))
		return true;
	arch = architecture(owner->file->name);
	if (arch && strstr(owner->file->name, "/include/"))
		return !g_str_has_prefix(user->file->name, "arch/") ||
		       is_below(user->file->name, arch);
	return is_near(owner, user);
}

/* Of what was not compiled nothing is there to be used. */
static bool is_absent(const struct kgr_split_part *p)
{
	return p->file->reads && !g_hash_table_size(p->file->reads) && !p->file->diff->created;
}

/* A member's name says little: who does not include its structure means another one. */
static bool may_mean(const struct kgr_split_part *owner, const struct kgr_split_part *user,
		     bool members)
{
	if (is_absent(owner) != is_absent(user))
		return false;
	return members ? reads(user, owner) : is_visible(owner, user);
}

/* @own: words that the user has itself; @members: they are such; @both: neither can stay without the other */
static void join(GHashTable *owners, GHashTable *words, GHashTable *own,
		 struct kgr_split_part *user, bool members, bool both)
{
	GHashTableIter it;
	gpointer word;

	g_hash_table_iter_init(&it, words);
	while (g_hash_table_iter_next(&it, &word, NULL)) {
		const GPtrArray *list = own && g_hash_table_contains(own, word) ?
						NULL :
						g_hash_table_lookup(owners, word);
		guint i;

		for (i = 0; list && i < list->len; i++) {
			struct kgr_split_part *owner = list->pdata[i];

			if (!may_mean(owner, user, members))
				continue;
			need(user, owner, word);
			if (both)
				need(owner, user, word);
		}
	}
}

/* Gone here and new there. */
static void join_moved(const struct owners *o, struct kgr_split_part *from)
{
	GHashTableIter it;
	gpointer name;

	g_hash_table_iter_init(&it, from->names->changes);
	while (g_hash_table_iter_next(&it, &name, NULL)) {
		const GPtrArray *list = g_hash_table_lookup(o->brings, name);
		guint i;

		for (i = 0; list && i < list->len; i++) {
			struct kgr_split_part *to = list->pdata[i];

			if (!is_visible(from, to) && !is_visible(to, from))
				continue;
			need(from, to, name);
			need(to, from, name);
		}
	}
}

/* Does "#include <NAME>" find this header? */
static bool is_included(const struct kgr_split_part *header, const char *name,
			const struct kgr_split_part *user)
{
	size_t len = strlen(name), all = strlen(header->file->name);

	if (!strchr(name, '/'))
		return is_near(header, user);
	return all > len && header->file->name[all - len - 1] == '/' &&
	       !strcmp(header->file->name + all - len, name);
}

/* Headers that changed lines include. */
static void join_includes(const struct owners *o, struct kgr_split_part *user)
{
	GHashTableIter it;
	gpointer name;

	g_hash_table_iter_init(&it, user->names->includes);
	while (g_hash_table_iter_next(&it, &name, NULL)) {
		const char *slash = strrchr(name, '/');
		const GPtrArray *list =
			g_hash_table_lookup(o->headers, slash ? slash + 1 : (const char *)name);
		guint i;

		for (i = 0; list && i < list->len; i++) {
			if (is_included(list->pdata[i], name, user))
				need(user, list->pdata[i], name);
		}
	}
}

/* foo.o in a Makefile's changed lines, and foo.c beside or below it. */
static void join_makefile(struct kgr_split *s, struct kgr_split_part *makefile)
{
	g_autofree char *dir = g_path_get_dirname(makefile->file->name);
	guint i;

	for (i = 0; i < s->files->len; i++) {
		const struct kgr_split_file *f = s->files->pdata[i];
		g_autofree char *base = g_path_get_basename(f->name);

		if (!g_str_has_suffix(base, ".c") || !is_below(f->name, dir) ||
		    (!f->diff->created && !f->diff->deleted && !f->diff->renamed))
			continue;
		base[strlen(base) - 2] = 0;
		if (g_hash_table_contains(makefile->names->uses, base)) {
			need(f->parts->pdata[0], makefile, base);
			need(makefile, f->parts->pdata[0], base);
		}
	}
}

static bool is_c(const struct kgr_split_part *p)
{
	return is_header(p) || g_str_has_suffix(p->file->name, ".c") ||
	       g_str_has_suffix(p->file->name, ".S");
}

static void own_all(struct owners *o, struct kgr_split_part *p)
{
	const char *slash = strrchr(p->file->name, '/');

	own(o->brings, p->names->brings, p);
	own(o->changes, p->names->changes, p);
	own(o->members, p->names->members, p);
	own(o->other_members, p->names->other_members, p);
	if (is_header(p))
		own_one(o->headers, slash ? slash + 1 : p->file->name, p);
}

static void join_all(struct kgr_split *s, const struct owners *o, struct kgr_split_part *p)
{
	if (is_c(p)) {
		join(o->brings, p->names->uses, p->names->brings, p, false, false);
		join(o->changes, p->names->mentions, NULL, p, false, true);
		join(o->members, p->names->reaches, NULL, p, true, false);
		join(o->other_members, p->names->mentions, NULL, p, true, true);
		join_moved(o, p);
		join_includes(o, p);
	} else if (kgr_is_makefile(p->file->name)) {
		join_makefile(s, p);
	}
}

void kgr_split_find_needs(struct kgr_split *s)
{
	g_autoptr(GHashTable) brings = table_new(), changes = table_new(), members = table_new();
	g_autoptr(GHashTable) other_members = table_new(), headers = table_new();
	struct owners o = { brings, changes, members, other_members, headers };
	g_autoptr(GPtrArray) parts = g_ptr_array_new();
	guint i;

	for (i = 0; i < s->files->len; i++)
		g_ptr_array_extend(parts, ((struct kgr_split_file *)s->files->pdata[i])->parts,
				   NULL, NULL);
	for (i = 0; i < parts->len; i++)
		own_all(&o, parts->pdata[i]);
	for (i = 0; i < parts->len; i++)
		join_all(s, &o, parts->pdata[i]);
}
