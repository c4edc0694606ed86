// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Finds the file that a refusal is about. Of the following the first that gives one that is still in:
 *
 *   1. the file itself, if that was judged
 *   2. the places that the words name: a compiler's first error, and where it notes another declaration; a type's declaration
 *      ("FILE:LINE: struct foo")
 *   3. the source of the unit in which it was found
 *   4. of the headers of the diff that the unit reads those that are nearest to it: mm/internal.h of mm/slab.c, and
 *      include/linux/mm.h and all others in include/ only if it is still refused without that
 *
 * A type whose layout changes is named where it is declared; the file is to blame only if the diff changes that type there, for
 * it may hold another one that did.
 */
#include <string.h>

#include "lib/error.h"
#include "lib/files.h"
#include "split/blame.h"
#include "units/aside.h"

struct judging {
	struct kgr_split *split;
	const struct kgr_session *session;
	const struct kgr_aside *aside;
	char *why;
	guint found; /* files that are to blame, in or out by now */
};

/* Of one refusal after the other in a round the first leaves the file out. */
static bool can_be_blamed(const struct judging *j, const struct kgr_split_file *f)
{
	return f && (f->state == KGR_SPLIT_IN ||
		     (f->state == KGR_SPLIT_OUT && f->round == j->split->round));
}

static bool blame(struct judging *j, struct kgr_split_file *f)
{
	if (!can_be_blamed(j, f))
		return false;
	j->found++;
	kgr_split_leave_out(j->split, f, j->why);
	return true;
}

static struct kgr_split_file *file_at(const struct judging *j, const char *path)
{
	/* An include through "..", too. */
	g_autofree char *full = g_canonicalize_filename(path, kgr_kernel_tree(j->session->kernel));
	const char *below = kgr_path_below(kgr_kernel_tree(j->session->kernel), full);

	return below ? kgr_split_file(j->split, below) : NULL;
}

/* The first place that the compiler says with one of these words, if that is a file that can be blamed. */
static void blame_place(struct judging *j, const char *words)
{
	g_autofree char *pattern = g_strdup_printf("([^\\s:]+\\.[chS]):[0-9]+:[0-9]+: %s:", words);
	g_autoptr(GRegex) place = g_regex_new(pattern, 0, 0, NULL);
	g_autoptr(GMatchInfo) match = NULL;

	if (g_regex_match(place, j->aside->error->message, 0, &match)) {
		g_autofree char *path = g_match_info_fetch(match, 1);

		blame(j, file_at(j, path));
	}
}

/* The compiler's first error is where it is; what follows may come of it. */
static void blame_compiled(struct judging *j)
{
	blame_place(j, "(?:fatal )?error");
	if (!j->found)
		blame_place(j, "note");
}

/* "FILE:LINE: struct foo: what; FILE:LINE: struct bar: what", in words that go on behind it; each file gets its own. */
static void blame_types(struct judging *j)
{
	g_autoptr(GRegex) place =
		g_regex_new("([^\\s:;]+\\.[ch]):[0-9]+: ((?:struct |union |enum )?(\\w+)): ([^;]*)",
			    0, 0, NULL);
	g_autoptr(GMatchInfo) match = NULL;

	for (g_regex_match(place, j->aside->error->message, 0, &match); g_match_info_matches(match);
	     g_match_info_next(match, NULL)) {
		g_autofree char *path = g_match_info_fetch(match, 1);
		g_autofree char *type = g_match_info_fetch(match, 2);
		g_autofree char *tag = g_match_info_fetch(match, 3);
		g_autofree char *what = g_match_info_fetch(match, 4);
		struct kgr_split_file *f = file_at(j, path);

		if (!f || !g_hash_table_contains(f->names->types, tag))
			continue;
		g_free(j->why);
		j->why =
			g_strdup_printf("it changes the layout of a type that code and data of the "
					"running kernel share: %s: %s",
					type, what);
		blame(j, f);
	}
}

/* How many directories two files have in common: 1 of "mm/slab.c" and "mm/internal.h". */
static guint in_common(const char *a, const char *b)
{
	guint count = 0;

	for (; *a && *a == *b; a++, b++)
		count += *a == '/';
	return count;
}

static void blame_headers(struct judging *j)
{
	guint nearest = 0, i;

	for (i = 0; i < j->aside->reads->len; i++) {
		const char *name = j->aside->reads->pdata[i];

		if (can_be_blamed(j, kgr_split_file(j->split, name)))
			nearest = MAX(nearest, in_common(name, j->aside->unit));
	}
	for (i = 0; i < j->aside->reads->len; i++) {
		const char *name = j->aside->reads->pdata[i];

		if (in_common(name, j->aside->unit) == nearest)
			blame(j, kgr_split_file(j->split, name));
	}
}

/* One line: what a compiler says is long. */
static char *first_lines(const char *message)
{
	g_auto(GStrv) lines = g_strsplit(message, "\n", 0);
	int i;

	for (i = 0; lines[i]; i++) {
		if (strstr(lines[i], "error:"))
			return g_strconcat(lines[0], " ", lines[i], NULL);
	}
	return g_strdup(lines[0]);
}

static bool judge(struct judging *j, GError **error)
{
	j->why = first_lines(j->aside->error->message);
	if (j->aside->file) {
		blame(j, kgr_split_file(j->split, j->aside->file));
	} else {
		if (j->aside->error->code == KGR_COMPILE)
			blame_compiled(j);
		else
			blame_types(j);
		if (!j->found)
			blame(j, kgr_split_file(j->split, j->aside->unit));
		if (!j->found)
			blame_headers(j);
	}
	g_free(j->why);
	if (j->found)
		return true;
	g_propagate_error(error, g_error_copy(j->aside->error));
	return false;
}

static guint count_out(const struct kgr_split *s)
{
	guint count = 0, i;

	for (i = 0; i < s->files->len; i++)
		count += ((struct kgr_split_file *)s->files->pdata[i])->state != KGR_SPLIT_IN;
	return count;
}

/* What was noted without an error. */
static GPtrArray *find_absent(const struct kgr_split *s, const GPtrArray *aside)
{
	GPtrArray *absent = g_ptr_array_new();
	guint i;

	for (i = 0; i < aside->len; i++) {
		const struct kgr_aside *a = aside->pdata[i];
		struct kgr_split_file *f = a->error ? NULL : kgr_split_file(s, a->file);

		if (f && f->state == KGR_SPLIT_IN && !g_ptr_array_find(absent, f, NULL))
			g_ptr_array_add(absent, f);
	}
	return absent;
}

bool kgr_split_judge(struct kgr_split *s, const struct kgr_session *session, guint *left_out,
		     GError **error)
{
	g_autoptr(GPtrArray) absent = NULL;
	guint before = count_out(s), i;

	s->round++;
	for (i = 0; i < session->aside->len; i++) {
		struct judging j = { s, session, session->aside->pdata[i], NULL, 0 };

		if (j.aside->error && !judge(&j, error))
			return false;
	}
	absent = find_absent(s, session->aside);
	kgr_split_leave_absent_out(s, absent);
	*left_out = count_out(s) - before;
	return true;
}
