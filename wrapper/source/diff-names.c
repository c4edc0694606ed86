// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What the files of a diff are called, git says: quoting, timestamps, /dev/null and the epoch, and directories to be
 * taken off are its to know.
 *
 *   git apply -p1 --numstat -z           new names (of a deleted file: the old one)
 *   git apply -p1 -R --numstat -z        of the diff turned round: old names. Asked of renames and copies alone
 *
 * It is given what diff-parse.c has read and nothing else, and must count the same files, added and removed lines.
 *
 * Which -p? One fits if all files that must be there are there: a/kernel/sys.c fits with -p1 alone,
 * a/linux-6.1/kernel/sys.c with -p2, kernel/sys.c with -p0. Names with a/ and b/ are git's: then
 * -p1 is taken if it fits. Else from 0 on each is tried, as long as git can name the files; and of
 * several the only one with which all hunks have a place.
 */
#include <string.h>
#include <unistd.h>

#include "lib/text.h"
#include "lib/error.h"
#include "lib/git.h"
#include "source/diff-names.h"
#include "source/diff-write.h"
#include "source/hunk-place.h"

#define MAX_STRIP 32

/* What the files are called with one -p. */
struct naming {
	int strip;
	GPtrArray *old_names, *new_names; /* of char *, by file */
	guint there; /* how many of the files that must be there are */
	const char *missing; /* the first that is not; or NULL */
};

static void naming_free(gpointer data)
{
	struct naming *n = data;

	g_ptr_array_unref(n->old_names);
	g_ptr_array_unref(n->new_names);
	g_free(n);
}

/* What git says of the diff in @file; with another status than 0 it cannot read it, or not with this -p. */
static GString *ask(const char *dir, const char *file, int strip, bool reverse, int *status,
		    GError **error)
{
	g_autofree char *p = g_strdup_printf("-p%d", strip);
	const char *const args[] = { "apply", "--numstat",	     "-z", p,
				     file,    reverse ? "-R" : NULL, NULL };

	return kgr_git(args, dir, NULL, status, error);
}

/* "5\t1\tname", each with a NUL behind it; as many as there are files. */
static bool read_numstat(const struct kgr_diff *d, const GString *said, GPtrArray *names)
{
	const char *at = said->str, *end = at + said->len;
	guint i;

	for (i = 0; i < d->files->len && at < end; i++) {
		const struct kgr_file_diff *f = d->files->pdata[i];
		g_autofree char *want = g_strdup_printf("%u\t%u\t", f->added, f->removed);

		if (f->binary && kgr_text_begins(at, "-\t-\t"))
			at += strlen("-\t-\t");
		else if (kgr_text_begins(at, want))
			at += strlen(want);
		else
			return false;
		g_ptr_array_add(names, g_strdup(at));
		at += strlen(at) + 1;
	}
	return i == d->files->len && at == end;
}

/* Of a rename or copy. */
static char *old_name(const struct kgr_diff *d, const struct kgr_file_diff *f, int strip,
		      const char *dir, GError **error)
{
	g_autofree char *file = g_build_filename(dir, "part.diff", NULL);
	g_autoptr(GString) text = kgr_file_diff_write(f, NULL), said = NULL;
	int status;

	if (!g_file_set_contents(file, text->str, (gssize)text->len, error))
		return NULL;
	said = ask(dir, file, strip, true, &status, error);
	if (said && !status) {
		const char *tab = strchr(said->str, '\t');

		tab = tab ? strchr(tab + 1, '\t') : NULL;
		if (tab)
			return g_strdup(tab + 1);
	}
	if (said) {
		g_autofree char *place = kgr_diff_place(d->text, f->line);
		g_autofree char *words = kgr_git_words(said);

		kgr_fail(error, KGR_REFUSED,
			 "%s: git apply cannot read this rename: %s; make the diff without it (git "
			 "diff --no-renames)",
			 place, words);
	}
	return NULL;
}

/* git has taken off what is quoted and escaped: now ".." and "/" show that were not seen before. */
static bool is_safe(const char *name)
{
	g_auto(GStrv) parts = g_strsplit(name, "/", -1);
	int i;

	for (i = 0; parts[i]; i++) {
		if (!*parts[i] || !strcmp(parts[i], "..") || !strcmp(parts[i], "."))
			return false;
	}
	return i;
}

static bool add_names(struct naming *n, const struct kgr_diff *d, GPtrArray *names, const char *dir,
		      GError **error)
{
	guint i;

	for (i = 0; i < d->files->len; i++) {
		const struct kgr_file_diff *f = d->files->pdata[i];
		const char *name = names->pdata[i];
		char *old = f->renamed || f->copied ? old_name(d, f, n->strip, dir, error) :
						      g_strdup(name);

		if (!old)
			return false;
		g_ptr_array_add(n->old_names, old);
		g_ptr_array_add(n->new_names, g_strdup(name));
		if (!is_safe(name) || !is_safe(old)) {
			g_autofree char *place = kgr_diff_place(d->text, f->line);

			return kgr_fail(
				error, KGR_REFUSED,
				"%s: with -p%d this is %s, no file of a source tree; make the diff "
				"in the tree's top directory, or say another -p",
				place, n->strip, is_safe(name) ? old : name);
		}
	}
	return true;
}

/* With this -p. NULL without @error set: git finds no names with it, and says so in @words. */
static struct naming *name_all(const struct kgr_diff *d, const char *file, int strip,
			       const char *dir, GString *words, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GString) said = NULL;
	struct naming *n;
	int status;

	said = ask(dir, file, strip, false, &status, error);
	if (!said || status) {
		if (said)
			g_string_assign(words, said->str);
		return NULL;
	}
	if (!read_numstat(d, said, names)) {
		kgr_fail(error, KGR_REFUSED,
			 "%s is read otherwise by git apply, so it is damaged; make it again",
			 d->text->name);
		return NULL;
	}
	if (g_str_has_prefix(names->pdata[0], "./"))
		return name_all(d, file, strip + 1, dir, words, error);
	n = g_new0(struct naming, 1);
	n->strip = strip;
	n->old_names = g_ptr_array_new_with_free_func(g_free);
	n->new_names = g_ptr_array_new_with_free_func(g_free);
	if (!add_names(n, d, names, dir, error))
		g_clear_pointer(&n, naming_free);
	return n;
}

static bool is_file_in(const char *tree, const char *name)
{
	g_autofree char *full = g_build_filename(tree, name, NULL);

	return g_file_test(full, G_FILE_TEST_EXISTS) && !g_file_test(full, G_FILE_TEST_IS_DIR);
}

/* Is the first directory of the name one of the tree's? */
static bool has_place_in(const char *tree, const char *name)
{
	const char *slash = strchr(name, '/');
	g_autofree char *top = slash ? g_strndup(name, (gsize)(slash - name)) : NULL;
	g_autofree char *full = top ? g_build_filename(tree, top, NULL) : NULL;

	return full && g_file_test(full, G_FILE_TEST_IS_DIR);
}

/*
 * Counts the files that must be there, those that the diff itself brings further up included. Where none must, new ones
 * have to come into a directory that the tree has.
 */
static bool fits(struct naming *n, const struct kgr_diff *d, const char *tree)
{
	g_autoptr(GHashTable) brought = g_hash_table_new(g_str_hash, g_str_equal);
	guint i, wanted = 0;

	for (i = 0; i < d->files->len; i++) {
		const struct kgr_file_diff *f = d->files->pdata[i];
		const char *old = n->old_names->pdata[i];

		if (!f->created) {
			wanted++;
			if (g_hash_table_contains(brought, old) || is_file_in(tree, old))
				n->there++;
			else if (!n->missing)
				n->missing = old;
		}
		if (f->created || f->renamed || f->copied)
			g_hash_table_add(brought, n->new_names->pdata[i]);
	}
	if (n->missing || wanted)
		return !n->missing;
	for (i = 0; i < d->files->len; i++) {
		if (!has_place_in(tree, n->new_names->pdata[i]))
			return false;
	}
	return true;
}

static void take(struct kgr_diff *d, const struct naming *n)
{
	guint i;

	d->strip = n->strip;
	for (i = 0; i < d->files->len; i++) {
		struct kgr_file_diff *f = d->files->pdata[i];

		g_free(f->old_name);
		g_free(f->new_name);
		f->old_name = f->created ? NULL : g_strdup(n->old_names->pdata[i]);
		f->new_name = f->deleted ? NULL : g_strdup(n->new_names->pdata[i]);
	}
}

/* Do all hunks of all files have a place, as the tree is? */
static bool has_places(const struct naming *n, const struct kgr_diff *d, const char *tree)
{
	bool all = true;
	guint i;

	for (i = 0; all && i < d->files->len; i++) {
		const struct kgr_file_diff *f = d->files->pdata[i];
		g_autofree char *full = g_build_filename(tree, n->old_names->pdata[i], NULL);
		g_autofree char *text = NULL;
		gsize size;

		if (f->created || !g_file_get_contents(full, &text, &size, NULL))
			continue;
		all = kgr_hunks_fit_somewhere(f, text, size);
	}
	return all;
}

static bool same_names(const struct naming *a, const struct naming *b)
{
	guint i;

	for (i = 0; i < a->new_names->len; i++) {
		if (strcmp(a->new_names->pdata[i], b->new_names->pdata[i]) != 0 ||
		    strcmp(a->old_names->pdata[i], b->old_names->pdata[i]) != 0)
			return false;
	}
	return true;
}

static bool all_prefixed(const struct kgr_diff *d)
{
	guint i;

	for (i = 0; i < d->files->len; i++) {
		const struct kgr_file_diff *f = d->files->pdata[i];

		if (!f->prefixed && !f->reversed)
			return false;
	}
	return true;
}

/* Of those that fit, the one meant; NULL with @error set if that is not known. */
static const struct naming *choose(const GPtrArray *fit, const struct kgr_diff *d, const char *tree,
				   GError **error)
{
	const struct naming *first = fit->pdata[0], *found = NULL;
	const struct naming *second = NULL;
	guint i;

	for (i = 1; i < fit->len && !second; i++)
		second = same_names(first, fit->pdata[i]) ? NULL : fit->pdata[i];
	if (!second)
		return first;
	for (i = 0; i < fit->len; i++) {
		const struct naming *n = fit->pdata[i];

		if (!has_places(n, d, tree) || (found && same_names(found, n)))
			continue;
		if (found)
			goto several;
		found = n;
	}
	if (found)
		return found;
several:
	kgr_fail(error, KGR_REFUSED,
		 "%s: its names fit the source tree with -p%d (%s) and with -p%d (%s); say which "
		 "with -p",
		 d->text->name, first->strip, (char *)first->new_names->pdata[0], second->strip,
		 (char *)second->new_names->pdata[0]);
	return NULL;
}

static bool none_fits(const struct kgr_diff *d, const GPtrArray *all, const GString *words,
		      bool given, GError **error)
{
	const struct naming *best = NULL;
	g_autofree char *said = NULL;
	guint i;

	for (i = 0; i < all->len; i++) {
		const struct naming *n = all->pdata[i];

		/* Of two as good, the one that git would take. */
		if (!best || n->there > best->there || (n->there == best->there && n->strip == 1))
			best = n;
	}
	if (best && best->missing)
		return kgr_fail(
			error, KGR_REFUSED,
			"%s does not apply: %s is not in the source tree (with -p%d%s); is it a diff "
			"of another tree, or applied already?",
			d->text->name, best->missing, best->strip,
			given ? "" : ", and no other makes all of its files be there");
	if (best)
		return kgr_fail(error, KGR_REFUSED,
				"%s: it is not known where its new files belong; say with -p how "
				"many leading directories its names have too many",
				d->text->name);
	said = kgr_git_words(words);
	return kgr_fail(error, KGR_REFUSED, "%s does not apply: git apply says: %s", d->text->name,
			*said ? said : "nothing");
}

static bool write_for_git(const struct kgr_diff *d, const char *file, GError **error)
{
	g_autoptr(GString) all = g_string_new(NULL);
	guint i;

	for (i = 0; i < d->files->len; i++) {
		g_autoptr(GString) one = kgr_file_diff_write(d->files->pdata[i], NULL);

		g_string_append_len(all, one->str, (gssize)one->len);
	}
	return g_file_set_contents(file, all->str, (gssize)all->len, error);
}

struct search {
	const struct kgr_diff *diff;
	const char *tree, *dir;
	const char *file; /* the diff, for git */
	GPtrArray *all, *fit; /* of struct naming, the second without its own */
	GString *words; /* of git, where it failed */
};

/* False: git cannot name the files with this -p, or @error is set. */
static bool try_strip(struct search *s, int strip, GError **error)
{
	struct naming *n = name_all(s->diff, s->file, strip, s->dir, s->words, error);

	if (!n)
		return false;
	g_ptr_array_add(s->all, n);
	if (fits(n, s->diff, s->tree))
		g_ptr_array_add(s->fit, n);
	return true;
}

/* Names with a/ and b/ are git's, which takes these off. */
static bool try_usual(struct search *s, GError **error)
{
	if (all_prefixed(s->diff))
		try_strip(s, 1, error);
	return s->fit->len;
}

static void try_all(struct search *s, GError **error)
{
	guint tried = s->all->len;
	int p;

	for (p = 0; p <= MAX_STRIP && !*error; p++) {
		if (p == 1 && tried)
			continue;
		/* The first may lack what the next has: names of what has no hunks. */
		if (!try_strip(s, p, error) && p > 1)
			return;
	}
}

static bool find_names(struct search *s, struct kgr_diff *d, int strip, GError **error)
{
	GError *problem = NULL;
	const struct naming *chosen = NULL;

	if (!write_for_git(d, s->file, error))
		return false;
	if (strip >= 0)
		try_strip(s, strip, &problem);
	else if (!try_usual(s, &problem) && !problem)
		try_all(s, &problem);
	if (problem) {
		g_propagate_error(error, problem);
		return false;
	}
	if (s->fit->len)
		chosen = choose(s->fit, d, s->tree, error);
	else if (strip >= 0 && s->all->len && !((struct naming *)s->all->pdata[0])->missing)
		chosen = s->all->pdata[0];
	else
		none_fits(d, s->all, s->words, strip >= 0, error);
	if (chosen)
		take(d, chosen);
	return chosen;
}

bool kgr_diff_find_names(struct kgr_diff *d, const char *tree, const char *dir, int strip,
			 GError **error)
{
	g_autofree char *file = g_build_filename(dir, "named.diff", NULL);
	g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(naming_free);
	g_autoptr(GPtrArray) fit = g_ptr_array_new();
	g_autoptr(GString) words = g_string_new(NULL);
	struct search s = { d, tree, dir, file, all, fit, words };
	bool ok = find_names(&s, d, strip, error);

	unlink(file);
	return ok;
}
