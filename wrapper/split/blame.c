// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Finds the file that a refusal is about, and of its parts (cut.c) the one that its words name,
 * otherwise the part that holds its code. The first of these that gives a part which is still in:
 *
 *   1. the file itself, if that was judged
 *   2. the places that the words name: a compiler's first error, and where it notes another
 *      declaration; a type's declaration ("FILE:LINE: struct foo"); an object whose initial value
 *      is a part
 *   3. the source of the unit in which it was found
 *   4. of the headers of the diff that the unit reads those that are nearest to it: mm/internal.h of mm/slab.c, and
 *      include/linux/mm.h and all others in include/ only if it is still refused without that
 *
 * A type whose layout changes is named where it is declared; the file is to blame only if the diff
 * changes that type there, for it may hold another one that did.
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
	guint64 line; /* that the compiler names */
	guint found; /* parts that are to blame, in or out by now */
};

/* Of one refusal after the other in a round the first leaves the part out. */
static bool can_be_blamed(const struct judging *j, const struct kgr_split_part *p)
{
	return p->state == KGR_SPLIT_IN ||
	       (p->state == KGR_SPLIT_OUT && p->round == j->split->round);
}

static bool any_can_be_blamed(const struct judging *j, const struct kgr_split_file *f)
{
	guint i;

	for (i = 0; f && i < f->parts->len; i++) {
		if (can_be_blamed(j, f->parts->pdata[i]))
			return true;
	}
	return false;
}

/* Do the words of the refusal name an object whose initial value is the part? */
static bool is_named(const struct judging *j, const struct kgr_split_part *p)
{
	guint i;

	for (i = 0; p->objects && i < p->objects->len; i++) {
		g_autofree char *name = g_regex_escape_string(p->objects->pdata[i], -1);
		g_autofree char *pattern = g_strdup_printf("\\bobject %s\\b", name);

		if (g_regex_match_simple(pattern, j->aside->error->message, 0, 0))
			return true;
	}
	return false;
}

/* What else a file has than initial values. */
static bool is_rest(const struct judging *j, const struct kgr_split_part *p)
{
	(void)j;
	return !p->objects;
}

static bool is_any(const struct judging *j, const struct kgr_split_part *p)
{
	(void)j;
	(void)p;
	return true;
}

static bool blame_parts(struct judging *j, struct kgr_split_file *f,
			bool (*which)(const struct judging *, const struct kgr_split_part *))
{
	guint found = j->found, i;

	for (i = 0; i < f->parts->len; i++) {
		struct kgr_split_part *p = f->parts->pdata[i];

		if (!can_be_blamed(j, p) || !which(j, p))
			continue;
		j->found++;
		kgr_split_leave_out(j->split, p, j->why);
	}
	return j->found > found;
}

/* NULL: it is no file of the diff. */
static bool blame(struct judging *j, struct kgr_split_file *f)
{
	return f && (blame_parts(j, f, is_named) || blame_parts(j, f, is_rest) ||
		     blame_parts(j, f, is_any));
}

/* One unit may include several .c files of the diff. */
static void blame_named(struct judging *j)
{
	guint i;

	for (i = 0; i < j->aside->reads->len; i++) {
		struct kgr_split_file *f = kgr_split_file(j->split, j->aside->reads->pdata[i]);

		if (f)
			blame_parts(j, f, is_named);
	}
}

static struct kgr_split_file *file_at(const struct judging *j, const char *path)
{
	/* An include through "..", too. */
	g_autofree char *full = g_canonicalize_filename(path, kgr_kernel_tree(j->session->kernel));
	const char *below = kgr_path_below(kgr_kernel_tree(j->session->kernel), full);

	return below ? kgr_split_file(j->split, below) : NULL;
}

static bool has_line(const struct kgr_split_part *p, guint64 line, bool added)
{
	guint i;

	for (i = 0; i < p->hunks->len; i++) {
		const struct kgr_hunk *h = p->hunks->pdata[i];
		guint count = added ? h->new_count : h->old_count;

		if (line >= h->old_start && line < h->old_start + count)
			return true;
	}
	return false;
}

static bool is_at_line(const struct judging *j, const struct kgr_split_part *p)
{
	return has_line(p, j->line, false);
}

/*
 * Behind what a hunk adds, lines have their old numbers again (line-directives.c), so this may be
 * another hunk's line.
 */
static bool is_at_added_line(const struct judging *j, const struct kgr_split_part *p)
{
	return has_line(p, j->line, true);
}

/* The first place that the compiler says with one of these words, if that is a file that can be blamed. */
static void blame_place(struct judging *j, const char *words)
{
	g_autofree char *pattern =
		g_strdup_printf("([^\\s:]+\\.[chS]):([0-9]+):[0-9]+: %s:", words);
	g_autoptr(GRegex) place = g_regex_new(pattern, 0, 0, NULL);
	g_autoptr(GMatchInfo) match = NULL;

	if (g_regex_match(place, j->aside->error->message, 0, &match)) {
		g_autofree char *path = g_match_info_fetch(match, 1);
		g_autofree char *line = g_match_info_fetch(match, 2);
		struct kgr_split_file *f = file_at(j, path);

		j->line = g_ascii_strtoull(line, NULL, 10);
		if (f && !blame_parts(j, f, is_at_line) && !blame_parts(j, f, is_at_added_line))
			blame(j, f);
	}
}

/* The compiler's first error is where it is; what follows may come of it. */
static void blame_compiled(struct judging *j)
{
	blame_place(j, "(?:fatal )?error");
	if (!j->found)
		blame_place(j, "note");
}

static bool changes_type(const struct kgr_split_file *f, const char *tag)
{
	guint i;

	for (i = 0; i < f->parts->len; i++) {
		const struct kgr_split_part *p = f->parts->pdata[i];

		if (g_hash_table_contains(p->names->types, tag))
			return true;
	}
	return false;
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

		if (!f || !changes_type(f, tag))
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

		if (any_can_be_blamed(j, kgr_split_file(j->split, name)))
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
			blame_named(j);
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

	for (i = 0; i < s->files->len; i++) {
		const struct kgr_split_file *f = s->files->pdata[i];

		count += f->parts->len - kgr_split_count(f, KGR_SPLIT_IN);
	}
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

		if (f && kgr_split_count(f, KGR_SPLIT_IN) && !g_ptr_array_find(absent, f, NULL))
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
		struct judging j = { s, session, session->aside->pdata[i], NULL, 0, 0 };

		if (j.aside->error && !judge(&j, error))
			return false;
	}
	absent = find_absent(s, session->aside);
	kgr_split_leave_absent_out(s, absent);
	*left_out = count_out(s) - before;
	return true;
}
