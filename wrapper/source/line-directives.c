// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Line numbers of a patched file as they were before, by #line behind each change. Otherwise every WARN() and
 * might_sleep() below an added line would be compiled to another __LINE__, and its function would differ.
 *
 *   old                     new
 *   1  int a;               int a;
 *   2                       int added;
 *   3  int f(void)
 *                           #line 3
 *                           int f(void)
 *
 * A line is put where no macro call can be in the way: behind a "}" in column one, or before a word in column
 * one that follows a blank line or a comment. So it stands at the first such place behind the change. If that is within
 * an #if, which may be off, there is another one at the first such place behind its #endif, and in its #else.
 */
#include <stdio.h>
#include <string.h>

#include "lib/error.h"
#include "source/line-directives.h"
#include "lib/subprocess.h"

/* Where the numbering is off: from line @from of the new file on, by @shift. */
struct shift {
	long from, shift;
};

/* diff(1) knows best; this asks it for one line "old-next new-next" a change. */
static GArray *find_shifts(const char *old, const char *new, GError **error)
{
	g_auto(kgr_subprocess) run = { 0 };
	g_auto(GStrv) lines = NULL;
	GArray *out;
	size_t i;

	kgr_subprocess_add(&run, "diff",
			   "--unchanged-group-format=", "--changed-group-format=%dm %dM%c'\\012'",
			   old, new, NULL);
	if (!kgr_subprocess_run_all(&run, 1, 1, error))
		return NULL;
	if (run.status > 1) {
		kgr_fail(error, KGR_TROUBLE, "diff could not compare %s and %s: %s", old, new,
			 g_strstrip(run.output));
		return NULL;
	}
	out = g_array_new(FALSE, FALSE, sizeof(struct shift));
	lines = g_strsplit(run.output, "\n", -1);
	for (i = 0; lines[i]; i++) {
		struct shift s;
		long was, is;

		if (sscanf(lines[i], "%ld %ld", &was, &is) != 2)
			continue;
		s.from = is;
		s.shift = was - is;
		g_array_append_val(out, s);
	}
	return out;
}

/*
 * A directive must not land in a macro's definition or arguments, or inside a string. The line
 * behind a closing brace in the first column, and the start of something in the first column
 * behind an empty line or a comment, are outside of all of them. (Inside a comment it would do nothing.)
 */
static bool is_safe(char *const *lines, long i)
{
	const char *prev = i > 0 ? lines[i - 1] : "";

	if (!strcmp(prev, "}") || !strcmp(prev, "};"))
		return true;
	if (!g_ascii_isalpha(lines[i][0]) && lines[i][0] != '_')
		return false;
	return g_str_has_suffix(prev, "*/") ||
	       (!*prev && (i < 2 || !g_str_has_suffix(lines[i - 2], "\\")));
}

/* Where the numbering is. */
struct numbering {
	long shift; /* from a line's number to what it was before */
	bool pending; /* that is not said yet, or not in what is sure to be compiled if this line is */
	int depth, said_at; /* how many #if this line is in; how many the last directive is in */
};

static bool is_directive(const char *line, const char *begins)
{
	line += strspn(line, " \t");
	if (*line++ != '#')
		return false;
	return g_str_has_prefix(line + strspn(line, " \t"), begins);
}

/* What is said within an #if does not count behind it. */
static void follow_conditional(struct numbering *n, const char *line)
{
	bool ends = is_directive(line, "endif");

	if (is_directive(line, "if"))
		n->depth++;
	else if ((ends || is_directive(line, "el")) && n->depth && n->depth == n->said_at)
		n->pending = true;
	if (ends && n->depth)
		n->depth--;
}

bool kgr_add_line_directives(const char *old, const char *new, GError **error)
{
	g_autoptr(GArray) shifts = find_shifts(old, new, error);
	g_autoptr(GString) out = g_string_new(NULL);
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;
	struct numbering n = { 0 };
	guint next = 0;
	long i;

	if (!shifts || !g_file_get_contents(new, &text, NULL, error))
		return false;
	lines = g_strsplit(text, "\n", -1);
	for (i = 0; lines[i]; i++) {
		while (next < shifts->len &&
		       g_array_index(shifts, struct shift, next).from <= i + 1) {
			n.shift = g_array_index(shifts, struct shift, next++).shift;
			n.pending = true;
		}
		/* Before an #endif it is still within the #if. */
		if (n.pending && lines[i + 1] && is_safe(lines, i)) {
			g_string_append_printf(out, "#line %ld\n", i + 1 + n.shift);
			n.pending = false;
			n.said_at = n.depth;
		}
		follow_conditional(&n, lines[i]);
		g_string_append(out, lines[i]);
		if (lines[i + 1])
			g_string_append_c(out, '\n');
	}
	return g_file_set_contents(new, out->str, (gssize)out->len, error);
}
