// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "unit.h"
#include "lib/error.h"
#include "source/diff-parse.h"

/* The text's NUL is not of it, but behind it. */
static struct kgr_diff *parse(const char *diff, struct kgr_diff_text **text, GError **error)
{
	*text = kgr_diff_text_new("x.diff", g_bytes_new_static(diff, strlen(diff)), 1);
	return kgr_diff_parse(*text, error);
}

static void refused(const char *diff, const char *says)
{
	struct kgr_diff_text *text;
	GError *error = NULL;

	assert_null(parse(diff, &text, &error));
	unit_failed(&error, KGR_REFUSED, says);
	kgr_diff_text_free(text);
}

static guint files_in(const char *diff)
{
	struct kgr_diff_text *text;
	GError *error = NULL;
	struct kgr_diff *d = parse(diff, &text, &error);
	guint n;

	if (!d)
		fail_msg("%s", error->message);
	n = d->files->len;
	kgr_diff_free(d);
	kgr_diff_text_free(text);
	return n;
}

#define NAMES "--- a/x.c\n+++ b/x.c\n"
#define HUNK "@@ -3,3 +3,4 @@ int f(void)\n {\n \treturn 1;\n+\treturn 2;\n }\n"

static void reads_hunks(void **state)
{
	struct kgr_diff_text *text;
	struct kgr_diff *d = parse(
		NAMES HUNK "@@ -10 +11,0 @@\n-int a;\n\\ No newline at end of file\n", &text, NULL);
	const struct kgr_file_diff *f;
	const struct kgr_hunk *h;
	const struct kgr_text_line *line;

	(void)state;
	assert_non_null(d);
	assert_int_equal(d->files->len, 1);
	f = d->files->pdata[0];
	assert_int_equal(f->hunks->len, 2);
	assert_int_equal(f->added, 1);
	assert_int_equal(f->removed, 1);
	assert_true(f->prefixed);
	assert_false(f->created || f->deleted || f->renamed || f->reversed || f->link);
	assert_string_equal(f->header, NAMES);
	h = f->hunks->pdata[0];
	assert_int_equal(h->line, 3);
	assert_int_equal(h->old_start, 3);
	assert_int_equal(h->before->len, 3);
	assert_int_equal(h->after->len, 4);
	assert_int_equal(h->leading, 2);
	assert_int_equal(h->trailing, 1);
	assert_int_equal(h->heading.len, strlen("int f(void)"));
	h = f->hunks->pdata[1];
	assert_int_equal(h->heading.len, 0);
	line = &g_array_index(h->before, struct kgr_text_line, 0);
	assert_int_equal(line->len, strlen("int a;"));
	kgr_diff_free(d);
	kgr_diff_text_free(text);
}

static void passes_over_what_is_no_diff(void **state)
{
	(void)state;
	assert_int_equal(files_in(""), 0);
	assert_int_equal(files_in("Some words.\n\n" NAMES HUNK "-- \n2.39.5\n\n"), 1);
	assert_int_equal(files_in("Index: x.c\n=====\n" NAMES HUNK "\nIndex: y.c\n" NAMES HUNK), 2);
	assert_int_equal(files_in("    "
				  "--- a/x.c\n    +++ b/x.c\n    @@ -1 +1 @@\n    -a\n    +b\n"),
			 0);
	assert_int_equal(files_in("> --- a/x.c\n> +++ b/x.c\n> @@ -1 +1 @@\n> -a\n> +b\n"), 0);
	assert_int_equal(files_in("# --- a/x.c\n# +++ b/x.c\n# @@ -1 +1 @@\n# -a\n# +b\n"), 0);
	assert_int_equal(files_in("diff --git a/x b/x\nof which nothing follows\n"), 0);
	/* A removed line that looks like a name. */
	assert_int_equal(files_in(NAMES "@@ -1,2 +1,1 @@\n--- a/y.c\n a\n"), 1);
	/* An empty line of context that has lost its blank. */
	assert_int_equal(files_in(NAMES "@@ -1,3 +1,4 @@\n a\n\n+b\n c\n"), 1);
}

static void refuses_wrong_counts(void **state)
{
	(void)state;
	refused(NAMES "@@ -3,4 +3,5 @@\n {\n+\treturn 2;\n }\n",
		"x.diff:7: the hunk at line 3 of the diff ends here, with 2 lines before and 3 after; "
		"its header says other numbers (@@ -3,4 +3,5 @@)");
	refused(NAMES "@@ -3,4 +3,5 @@\n {\n+\treturn 2;\n }\ndiff --git a/y b/y\n", "ends here");
	refused(NAMES "@@ -3,1 +3,2 @@\n {\n+\treturn 2;\n+\treturn 3;\n",
		"x.diff:6: this line goes on where the hunk has all the lines that its header says");
	refused(NAMES "@@ -3,2 +3,2 @@\n {\n }\n\n-\treturn 3;\n", "x.diff:7: this line goes on");
	refused(NAMES "@@ -3,2 +3,2 @@\n {\n }\n context\n", "this line goes on");
	refused(NAMES "@@ -3,1 +3,1 @@\n-a\n-b\n", "ends here");
	refused(NAMES "@@ -3,1 +3,1 @@\n-a\n", "ends here");
	refused(NAMES "@@ -3,1 +3,1 @@\n\\ No newline at end of file\n", "ends here");
	refused(NAMES HUNK "@@ -1,1 +1,1 @@\n-a\n+b\n",
		"this hunk is not behind the one before it");
	refused(NAMES HUNK "@@ -5,1 +5,1 @@\n-a\n+b\n",
		"this hunk is not behind the one before it");
}

/* Whether the hunk has all its lines or not: what the last one says nobody knows. */
static void refuses_what_ends_within_a_line(void **state)
{
	(void)state;
	refused(NAMES "@@ -3,1 +3,2 @@\n {\n+\treturn 2;",
		"x.diff:5: the diff ends within this line, for it has no newline: get all of it");
	refused(NAMES "@@ -3,4 +3,5 @@\n {\n+\tretu", "x.diff:5: the diff ends within this line");
}

static void refuses_damaged_headers(void **state)
{
	static const char *const bad[] = {
		"@@ -3 +3\n",	  "@@ -3,x +3 @@\n",	     "@@ -,3 +3 @@\n",
		"@@ -3, +3 @@\n", "@@ -3 +99999999999 @@\n", "@@ -3 3 @@\n"
	};
	size_t i;

	(void)state;
	for (i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autofree char *diff = g_strconcat(NAMES, bad[i], " a\n", NULL);

		refused(diff, "x.diff:3: this hunk header is damaged");
	}
	refused(NAMES "@ -3 +3 @@\n a\n", "a hunk is missing behind these names");
	refused("diff --git a/x b/x\n" NAMES "@ -3 +3 @@\n", "a hunk is missing here");
	refused(HUNK, "a hunk, and no file's names before it");
}

/* What git would pass over without a word. */
static void refuses_what_it_cannot_take(void **state)
{
	(void)state;
	refused("*** a/x.c\n--- b/x.c\n***************\n*** 1,2 ****\n", "a context diff");
	refused("diff --cc x.c\nindex 1,2..3\n--- a/x.c\n+++ b/x.c\n@@@ -1,2 -1,2 +1,3 @@@\n",
		"a combined diff of a merge");
	refused(NAMES HUNK "Only in b/kernel: new.c\n", "this file is not in the diff");
	assert_int_equal(files_in("Only in this: a fix.\n" NAMES HUNK), 1);
	refused(NAMES HUNK "Binary files a/logo and b/logo differ\n", "content of a binary file");
	refused("diff --git a/logo b/logo\nindex 1..2 100644\nBinary files a/logo and b/logo differ\n",
		"content of a binary file");
	refused("--- a/../x.c\n+++ b/../x.c\n" HUNK, "leads out of the source tree");
	refused("diff --git a/x.c b/../x.c\nsimilarity index 100%\nrename from x.c\nrename to ../x.c\n",
		"leads out of the source tree");
	refused("--- /x.c\n+++ /x.c\n" HUNK, "this name is absolute");
	assert_int_equal(files_in("--- a/x..c\n+++ b/x..c\n" HUNK), 1);
}

UNIT_MAIN("diff-parse", cmocka_unit_test(reads_hunks),
	  cmocka_unit_test(passes_over_what_is_no_diff), cmocka_unit_test(refuses_wrong_counts),
	  cmocka_unit_test(refuses_what_ends_within_a_line),
	  cmocka_unit_test(refuses_damaged_headers), cmocka_unit_test(refuses_what_it_cannot_take))
