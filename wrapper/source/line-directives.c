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
 * one that follows a blank line or a comment. So it stands at the first such place behind the change.
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
	static const char *const words[] = { "diff", "--unchanged-group-format=",
					     "--changed-group-format=%dm %dM%c'\\012'" };
	struct kgr_subprocess run = { .argv = g_ptr_array_new() };
	GArray *out = NULL;
	char **lines;
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(words); i++)
		g_ptr_array_add(run.argv, (void *)words[i]);
	g_ptr_array_add(run.argv, (void *)old);
	g_ptr_array_add(run.argv, (void *)new);
	if (!kgr_subprocess_run_all(&run, 1, 1, error))
		goto out;
	if (run.status > 1) {
		kgr_fail(error, KGR_TROUBLE, "diff: %s", g_strstrip(run.output));
		goto out;
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
	g_strfreev(lines);
out:
	kgr_subprocess_clear(&run);
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

bool kgr_add_line_directives(const char *old, const char *new, GError **error)
{
	GArray *shifts = find_shifts(old, new, error);
	GString *out;
	char *text, **lines;
	long i, pending = 0;
	guint next = 0;
	bool ok, owed = false;

	if (!shifts)
		return false;
	if (!g_file_get_contents(new, &text, NULL, error)) {
		g_array_free(shifts, TRUE);
		return false;
	}
	out = g_string_new(NULL);
	lines = g_strsplit(text, "\n", -1);
	for (i = 0; lines[i]; i++) {
		while (next < shifts->len &&
		       g_array_index(shifts, struct shift, next).from <= i + 1) {
			pending = g_array_index(shifts, struct shift, next++).shift;
			owed = true;
		}
		if (owed && lines[i + 1] && is_safe(lines, i)) {
			g_string_append_printf(out, "#line %ld\n", i + 1 + pending);
			owed = false;
		}
		g_string_append(out, lines[i]);
		if (lines[i + 1])
			g_string_append_c(out, '\n');
	}
	ok = g_file_set_contents(new, out->str, (gssize)out->len, error);
	g_string_free(out, TRUE);
	g_strfreev(lines);
	g_free(text);
	g_array_free(shifts, TRUE);
	return ok;
}
