// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Finds the place of every hunk of a file: the line from which on its old side stands in the file,
 * word for word. A hunk that has fewer lines of context behind its change than before it ends the
 * file; one of line 1 begins it (as for git).
 *
 * If all hunks fit at the lines that they name, the file is the one that the diff was made of, and that is all. If one
 * does not, or fits elsewhere too and is not in the function that it names, it is another version, where numbers prove
 * nothing any more. Then
 *
 *   - a hunk has to fit one place only. These six lines stand in four functions of kernel/sys.c:
 *		new = prepare_creds();
 *		if (!new)
 *			return -ENOMEM;
 *     so a hunk with nothing but them is refused, unless it is where it says and in the function that it says;
 *   - the function that its heading names ("@@ -388,6 +388,7 @@ long __sys_setgid(gid_t gid)") has
 *     to be the one in which it lands: the nearest line above that diff would have taken for the
 *     heading.
 *
 * Nothing is fuzzy: a line of context that differs is a refusal, which says where and how.
 */
#include <string.h>

#include "lib/text.h"
#include "lib/error.h"
#include "source/hunk-place.h"

#define SHOWN 4 /* places that a message lists */

struct placing {
	const struct kgr_file_diff *file;
	const struct kgr_diff_text *text;
	const char *name;
	GArray *content; /* of struct kgr_text_line */
};

static const struct kgr_text_line *line_of(const GArray *lines, guint i)
{
	return &g_array_index(lines, struct kgr_text_line, i);
}

/* Does one side of a hunk stand at this line of the file? */
static bool stands_at(const GArray *content, const GArray *side, const struct kgr_hunk *h, guint at)
{
	guint i;

	if (at > content->len || side->len > content->len - at)
		return false;
	if (!h->trailing && at + side->len != content->len)
		return false;
	if (h->old_start <= 1 && at)
		return false;
	for (i = 0; i < side->len; i++) {
		if (!kgr_same_line(line_of(content, at + i), line_of(side, i)))
			return false;
	}
	return true;
}

/* How many places there are from line @from on; the first SHOWN in @where. */
static guint places_from(const GArray *content, const GArray *side, const struct kgr_hunk *h,
			 guint from, guint *where)
{
	guint count = 0, at;

	for (at = from; at <= content->len; at++) {
		if (!stands_at(content, side, h, at))
			continue;
		if (count < SHOWN)
			where[count] = at;
		count++;
	}
	return count;
}

static guint stated(const struct kgr_hunk *h)
{
	return h->old_start ? h->old_start - 1 : 0;
}

/* As diff -U0 makes them: such a hunk says nothing about where it belongs. */
static bool has_no_context(const struct kgr_hunk *h)
{
	return !h->leading && !h->trailing && h->old_start > !!h->old_count;
}

/* "out:", which diff(1) takes for a heading, and git in C files does not. */
static bool is_label(const struct kgr_text_line *line)
{
	gsize i = 0;

	while (i < line->len && (g_ascii_isalnum(line->at[i]) || line->at[i] == '_'))
		i++;
	if (i == line->len || line->at[i] != ':')
		return false;
	for (i++; i < line->len && g_ascii_isspace(line->at[i]); i++)
		;
	return i == line->len || line->at[i] == '/';
}

/* The heading that diff would write above a hunk at line @at; NULL: none. */
static const struct kgr_text_line *heading_at(const GArray *content, guint at, bool labels)
{
	while (at--) {
		const struct kgr_text_line *line = line_of(content, at);

		if (g_ascii_isalpha(*line->at) || *line->at == '_' || *line->at == '$') {
			if (labels || !is_label(line))
				return line;
		}
	}
	return NULL;
}

static gsize trimmed(const struct kgr_text_line *line)
{
	gsize len = line->len;

	while (len && g_ascii_isspace(line->at[len - 1]))
		len--;
	return len;
}

/*
 * The name before a parenthesis: of "static int foo(int a)", foo. With several ("__printf(1, 2) int foo(") the first
 * that does not begin with "__". For macros it takes their first argument as well: "SYSCALL_DEFINE2(foo".
 */
static char *function_named(const char *text, gsize len)
{
	const char *end = text + len, *at, *fallback = NULL;
	gsize fallback_len = 0;
	int depth = 0;

	for (at = text; at < end; at++) {
		const char *from = at, *stop;
		bool macro = true;

		depth += *at == '(';
		depth -= *at == ')';
		if (*at != '(' || depth != 1)
			continue;
		while (from > text && (g_ascii_isalnum(from[-1]) || from[-1] == '_'))
			macro &= !g_ascii_islower(*--from);
		if (from == at)
			continue;
		for (stop = at; macro && stop < end && !strchr(",)", *stop);)
			stop++;
		if (!kgr_text_begins(from, "__"))
			return g_strndup(from, (gsize)(stop - from));
		if (!fallback) {
			fallback = from;
			fallback_len = (gsize)(stop - from);
		}
	}
	return fallback ? g_strndup(fallback, fallback_len) : NULL;
}

/* diff cuts long headings: then the beginning is all there is. */
static bool same_heading(const struct kgr_text_line *want, const struct kgr_text_line *is)
{
	g_autofree char *a = NULL, *b = NULL;

	if (!is)
		return false;
	if (want->len <= trimmed(is) && !memcmp(want->at, is->at, want->len))
		return true;
	a = function_named(want->at, want->len);
	b = function_named(is->at, trimmed(is));
	return a && b && !strcmp(a, b);
}

static bool heading_fits(const struct placing *p, const struct kgr_hunk *h, guint at)
{
	return !h->heading.len || same_heading(&h->heading, heading_at(p->content, at, false)) ||
	       same_heading(&h->heading, heading_at(p->content, at, true));
}

/* Each hunk at the line that it names; where it fits elsewhere too, in the function that it names. */
static bool all_as_stated(const struct placing *p, guint *lines)
{
	guint i, where[SHOWN];

	for (i = 0; i < p->file->hunks->len; i++) {
		const struct kgr_hunk *h = p->file->hunks->pdata[i];

		lines[i] = stated(h);
		if (has_no_context(h) || !stands_at(p->content, h->before, h, lines[i]))
			return false;
		if (!heading_fits(p, h, lines[i]) &&
		    places_from(p->content, h->before, h, 0, where) > 1)
			return false;
	}
	return true;
}

/* For people: the function's name, or the line. */
static char *shown(const struct kgr_text_line *heading)
{
	char *name = heading ? function_named(heading->at, trimmed(heading)) : NULL;

	if (!heading)
		return g_strdup("the top of the file");
	return name ?: g_strndup(heading->at, trimmed(heading));
}

static char *shown_at(const struct placing *p, guint at)
{
	return shown(heading_at(p->content, at, false));
}

/* "NAME.diff:12: hunk 2 of kernel/sys.c" */
static char *which(const struct placing *p, guint i)
{
	const struct kgr_hunk *h = p->file->hunks->pdata[i];
	g_autofree char *place = kgr_diff_place(p->text, h->line);

	return g_strdup_printf("%s: hunk %u of %s", place, i + 1, p->name);
}

static bool several(const struct placing *p, guint i, const guint *where, guint count,
		    GError **error)
{
	const struct kgr_hunk *h = p->file->hunks->pdata[i];
	g_autofree char *hunk = which(p, i), *names = NULL;
	g_autoptr(GString) list = g_string_new(NULL);
	guint n;

	for (n = 0; n < MIN(count, SHOWN); n++) {
		g_autofree char *in = shown_at(p, where[n]);

		g_string_append_printf(list, "%s%s:%u (%s)", n ? ", " : "", p->name, where[n] + 1,
				       in);
	}
	names = h->heading.len ? shown(&h->heading) : g_strdup("no function");
	return kgr_fail(error, KGR_REFUSED,
			"%s fits %u places, and the source is not the one that it was made of: "
			"%s%s; the hunk says line %u and names %s; refresh the diff against this "
			"source",
			hunk, count, list->str, count > SHOWN ? ", ..." : "", h->old_start, names);
}

static bool other_function(const struct placing *p, guint i, guint at, GError **error)
{
	const struct kgr_hunk *h = p->file->hunks->pdata[i];
	g_autofree char *hunk = which(p, i), *names = shown(&h->heading), *in = shown_at(p, at);

	return kgr_fail(
		error, KGR_REFUSED,
		"%s names %s, and the only place that it fits, %s:%u, is in %s; refresh the "
		"diff against this source",
		hunk, names, p->name, at + 1, in);
}

/* Of two lines that differ: how? */
static const char *kind_of_difference(const struct kgr_text_line *want,
				      const struct kgr_text_line *is)
{
	const char *a = want->at, *b = is->at, *a_end = a + want->len, *b_end = b + is->len;
	gsize want_len = trimmed(want), is_len = trimmed(is);

	if (want_len == is_len && !memcmp(want->at, is->at, want_len))
		return memchr(want->at, '\r', want->len) || memchr(is->at, '\r', is->len) ?
			       "; they differ in the line's end: one has CRLF, the other LF" :
			       "; they differ in white space at the line's end";
	for (;;) {
		while (a < a_end && g_ascii_isspace(*a))
			a++;
		while (b < b_end && g_ascii_isspace(*b))
			b++;
		if (a == a_end || b == b_end || *a != *b)
			break;
		a++;
		b++;
	}
	return a == a_end && b == b_end ?
		       "; only white space differs, as in what was copied from a screen" :
		       "";
}

/* Where most lines of the hunk are the same; of several such places the nearest to the line that it names. */
static guint best_place(const struct placing *p, const struct kgr_hunk *h)
{
	guint best = MIN(stated(h), p->content->len), most = 0, at, i;

	for (at = 0; at < p->content->len; at++) {
		guint same = 0, off = at > stated(h) ? at - stated(h) : stated(h) - at;
		guint best_off = best > stated(h) ? best - stated(h) : stated(h) - best;

		for (i = 0; i < h->before->len && at + i < p->content->len; i++)
			same += kgr_same_line(line_of(p->content, at + i), line_of(h->before, i));
		if (same > most || (same && same == most && off < best_off)) {
			most = same;
			best = at;
		}
	}
	return best;
}

static bool differs(const struct placing *p, guint i, GError **error)
{
	const struct kgr_hunk *h = p->file->hunks->pdata[i];
	g_autofree char *hunk = which(p, i), *want = NULL, *is = NULL;
	const struct kgr_text_line *a, *b;
	guint at = best_place(p, h), n = 0;

	if (has_no_context(h))
		return kgr_fail(error, KGR_REFUSED,
				"%s has no lines of context, so its place is not known; make the "
				"diff with them (diff -u, git diff)",
				hunk);
	while (n < h->before->len && at + n < p->content->len &&
	       kgr_same_line(line_of(p->content, at + n), line_of(h->before, n)))
		n++;
	if (n == h->before->len)
		return kgr_fail(
			error, KGR_REFUSED,
			"%s is to %s the file, and fits elsewhere only (%s:%u); refresh the "
			"diff against this source",
			hunk, h->old_start <= 1 ? "begin" : "end", p->name, at + 1);
	a = line_of(h->before, n);
	want = g_strndup(a->at, trimmed(a));
	if (at + n >= p->content->len)
		return kgr_fail(error, KGR_REFUSED,
				"%s does not apply: %s ends at line %u, where the diff has \"%s\"; "
				"refresh the diff against this source",
				hunk, p->name, p->content->len, want);
	b = line_of(p->content, at + n);
	is = g_strndup(b->at, trimmed(b));
	return kgr_fail(error, KGR_REFUSED,
			"%s does not apply: %s:%u has \"%s\", where the diff has \"%s\"%s; refresh "
			"the diff against this source",
			hunk, p->name, at + n + 1, is, want, kind_of_difference(a, b));
}

/* No place for its old side. */
static bool no_place(const struct placing *p, guint i, GError **error)
{
	const struct kgr_hunk *h = p->file->hunks->pdata[i];
	g_autofree char *hunk = NULL;
	guint where[SHOWN];

	if (has_no_context(h) || !places_from(p->content, h->after, h, 0, where))
		return differs(p, i, error);
	hunk = which(p, i);
	return kgr_fail(error, KGR_REFUSED,
			"%s is in the source already, at %s:%u; leave it out of the diff", hunk,
			p->name, where[0] + 1);
}

static void note_offset(const struct placing *p, guint i, guint at, GPtrArray *notes)
{
	const struct kgr_hunk *h = p->file->hunks->pdata[i];
	g_autofree char *hunk = which(p, i), *in = shown_at(p, at);
	long offset = (long)at - (long)stated(h);

	g_ptr_array_add(notes,
			g_strdup_printf("%s: at line %u (%s) instead of %u, %ld line%s %s", hunk,
					at + 1, in, stated(h) + 1, ABS(offset),
					ABS(offset) == 1 ? "" : "s", offset < 0 ? "up" : "down"));
}

static bool place_one(const struct placing *p, guint i, guint from, guint *line, GPtrArray *notes,
		      GError **error)
{
	const struct kgr_hunk *h = p->file->hunks->pdata[i];
	guint where[SHOWN], count = places_from(p->content, h->before, h, from, where);

	*line = stated(h);
	if (!count || has_no_context(h))
		return no_place(p, i, error);
	if (*line >= from && stands_at(p->content, h->before, h, *line) &&
	    (count == 1 || (h->heading.len && heading_fits(p, h, *line))))
		return true;
	if (count > 1)
		return several(p, i, where, count, error);
	*line = where[0];
	if (!heading_fits(p, h, *line))
		return other_function(p, i, *line, error);
	note_offset(p, i, *line, notes);
	return true;
}

bool kgr_hunks_place(const struct kgr_file_diff *f, const struct kgr_hunk_target *target,
		     guint *lines, GPtrArray *notes, GError **error)
{
	g_autoptr(GArray) split = kgr_split_lines(target->content, target->size);
	struct placing p = { f, target->text, target->name, split };
	bool ok = true;
	guint i, from = 0;

	if (!all_as_stated(&p, lines)) {
		for (i = 0; ok && i < f->hunks->len; i++) {
			const struct kgr_hunk *h = f->hunks->pdata[i];

			ok = place_one(&p, i, from, &lines[i], notes, error);
			from = lines[i] + h->before->len;
		}
	}
	return ok;
}

static bool fit_somewhere(const struct kgr_file_diff *f, const char *content, gsize size,
			  bool after)
{
	g_autoptr(GArray) lines = kgr_split_lines(content, size);
	guint i, from = 0, where[SHOWN];
	bool ok = true;

	for (i = 0; ok && i < f->hunks->len; i++) {
		const struct kgr_hunk *h = f->hunks->pdata[i];
		const GArray *side = after ? h->after : h->before;

		ok = places_from(lines, side, h, from, where);
		if (ok)
			from = where[0] + side->len;
	}
	return ok;
}

bool kgr_hunks_fit_somewhere(const struct kgr_file_diff *f, const char *content, gsize size)
{
	return fit_somewhere(f, content, size, false);
}

bool kgr_hunks_are_in(const struct kgr_file_diff *f, const char *content, gsize size)
{
	return fit_somewhere(f, content, size, true);
}
