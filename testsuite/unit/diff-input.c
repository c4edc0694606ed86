// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"
#include "lib/error.h"
#include "source/diff-input.h"

#define DIFF "--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-int a = 1;\n+int a = 2;\n"
#define HEAD                                                                                       \
	"From 0123456789abcdef0123456789abcdef01234567 Mon Sep 17 00:00:00 2001\n"                 \
	"From: A Tester <t@example.org>\nDate: Thu, 1 Jan 2026 00:00:00 +0000\n"                   \
	"Subject: [PATCH] a\n"
#define SIGNATURE "-- \n2.39.5\n\n"
/* "HEAD", 4 lines, an empty one, and this of 9. */
#define EXAMPLE                                                                                    \
	"Try this:\n\n    --- a/y.c\n    +++ b/y.c\n    @@ -1 +1 @@\n    -int a = 1;\n"            \
	"    +int a = 4711;\n> --- a/z.c\n# +++ b/z.c\n"

static GPtrArray *texts_of(const char *path, GError **error)
{
	GPtrArray *texts = g_ptr_array_new_with_free_func(kgr_diff_text_free);
	g_autofree char *dir = unit_path("tmp/x"), *tmp = g_path_get_dirname(dir);

	if (!kgr_diff_read(path, tmp, texts, error))
		g_clear_pointer(&texts, g_ptr_array_unref);
	return texts;
}

static void refused(const char *text, int code, const char *says)
{
	g_autofree char *path = unit_write("in.diff", text);
	GError *error = NULL;

	assert_null(texts_of(path, &error));
	unit_failed(&error, code, says);
}

static const char *text_at(const GPtrArray *texts, guint i)
{
	const struct kgr_diff_text *t = texts->pdata[i];

	return g_bytes_get_data(t->text, NULL);
}

static void holds(const GPtrArray *texts, guint i, const char *want)
{
	assert_true(texts->len > i);
	assert_string_equal(text_at(texts, i), want);
}

static GPtrArray *read_text(const char *text)
{
	g_autofree char *path = unit_write("in.diff", text);
	GError *error = NULL;
	GPtrArray *texts = texts_of(path, &error);

	if (!texts)
		fail_msg("%s", error->message);
	return texts;
}

static void is_one_text(const char *given, const char *want)
{
	GPtrArray *texts = read_text(given);

	assert_int_equal(texts->len, 1);
	holds(texts, 0, want);
	g_ptr_array_unref(texts);
}

static void reads_files_as_they_are(void **state)
{
	GError *error = NULL;

	(void)state;
	is_one_text(DIFF, DIFF);
	is_one_text("commit 0123\nAuthor: A Tester <t@example.org>\n\n    a\n\n" DIFF,
		    "commit 0123\nAuthor: A Tester <t@example.org>\n\n    a\n\n" DIFF);
	is_one_text("Index: x.c\n=====\n" DIFF, "Index: x.c\n=====\n" DIFF);
	assert_null(texts_of("/no/such.diff", &error));
	assert_non_null(strstr(error->message, "/no/such.diff"));
	g_clear_error(&error);
}

static void reads_standard_input(void **state)
{
	g_autofree char *path = unit_write("stdin.diff", DIFF);
	GPtrArray *texts;

	(void)state;
	assert_non_null(freopen(path, "r", stdin));
	texts = texts_of("-", NULL);
	assert_non_null(texts);
	holds(texts, 0, DIFF);
	assert_string_equal(((struct kgr_diff_text *)texts->pdata[0])->name, "standard input");
	g_ptr_array_unref(texts);
}

/* The message is no diff, whatever is in it. */
static void cuts_mails(void **state)
{
	g_autofree char *place = NULL;
	GPtrArray *texts = read_text(HEAD "\n" EXAMPLE "---\n x.c | 2 +-\n\n" DIFF SIGNATURE);

	(void)state;
	assert_int_equal(texts->len, 1);
	holds(texts, 0, "---\n x.c | 2 +-\n\n" DIFF SIGNATURE);
	place = kgr_diff_place(texts->pdata[0], 4);
	assert_true(g_str_has_suffix(place, "/in.diff:18"));
	g_ptr_array_unref(texts);
	/* Without "From ", and with a mailer's line ends. */
	is_one_text("Subject: a\nX-Folded: b\n\tc\n\n" EXAMPLE "---\n" DIFF, "---\n" DIFF);
	is_one_text(
		"From: A <t@example.org>\r\nSubject: a\r\n\r\na\r\n---\r\n--- a/x.c\r\n+++ b/x.c\r\n"
		"@@ -1 +1 @@\r\n-int a = 1;\r\n+int a = 2;\r\n",
		"---\n" DIFF);
}

static void decodes_mails(void **state)
{
	GPtrArray *texts;
	g_autofree char *body =
		g_base64_encode((const guchar *)"a\n---\n" DIFF, strlen("a\n---\n" DIFF));
	g_autofree char *place = NULL,
			*mail = g_strconcat(
				HEAD "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
				     "Content-Transfer-Encoding: base64\n\n",
				body, "\n", NULL);

	(void)state;
	is_one_text(mail, "---\n" DIFF);
	texts = read_text(HEAD "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
			       "Content-Transfer-Encoding: quoted-printable\n\na\n---\n--- a/x.c\n"
			       "+++ b/x.c\n@@ -1 +1 @@\n-int a =3D 1;\n+int a =3D =\n2;\n");
	holds(texts, 0, "---\n" DIFF);
	place = kgr_diff_place(texts->pdata[0], 4);
	assert_true(g_str_has_suffix(place, "/in.diff (decoded):4"));
	g_ptr_array_unref(texts);
}

static void splits_mailboxes(void **state)
{
	GPtrArray *texts = read_text(HEAD "\nThe first of two.\n\n" HEAD "\na\n---\n" DIFF "\n" HEAD
					  "\nb\n---\n--- a/y.c\n+++ b/y.c\n@@ -1 +1 @@\n-a\n+b\n");

	(void)state;
	assert_int_equal(texts->len, 2);
	holds(texts, 0, "---\n" DIFF "\n");
	holds(texts, 1, "---\n--- a/y.c\n+++ b/y.c\n@@ -1 +1 @@\n-a\n+b\n");
	g_ptr_array_unref(texts);
}

static void unpack_with(const char *program)
{
	g_autofree char *path = unit_write("packed", DIFF), *bad = NULL, *packed = NULL;
	g_autofree char *command = g_strdup_printf("%s -c <%s >%s.packed", program, path, path);
	g_autofree char *to = g_strconcat(path, ".packed", NULL);
	GError *error = NULL;
	GPtrArray *texts;
	gsize size;

	assert_int_equal(system(command), 0);
	texts = texts_of(to, &error);
	if (!texts)
		fail_msg("%s: %s", program, error->message);
	holds(texts, 0, DIFF);
	g_ptr_array_unref(texts);
	assert_true(g_file_get_contents(to, &packed, &size, NULL));
	assert_true(g_file_set_contents(to, packed, (gssize)size / 2, NULL));
	assert_null(texts_of(to, &error));
	unit_failed(&error, KGR_TROUBLE, program);
}

static void unpacks(void **state)
{
	static const char *const programs[] = { "gzip", "xz", "zstd", "bzip2" };
	size_t i;

	(void)state;
	for (i = 0; i < G_N_ELEMENTS(programs); i++) {
		g_autofree char *found = g_find_program_in_path(programs[i]);

		if (found)
			unpack_with(programs[i]);
		else
			print_message("%s is not there: what it packs is not unpacked\n",
				      programs[i]);
	}
}

static void refuses_what_is_no_text(void **state)
{
	static const char data[] = "\177ELF\0\0\0";
	g_autofree char *path = unit_path("binary");
	GError *error = NULL;

	(void)state;
	refused("", KGR_REFUSED, "is empty: no diff in it");
	refused("\033[1mdiff --git a/x.c b/x.c\033[m\n\033[1m--- a/x.c\033[m\n", KGR_REFUSED,
		"in.diff:1: colour codes, as for a terminal");
	refused("a\n\033[36m@@ -1 +1 @@\033[m\n", KGR_REFUSED, "in.diff:2: colour codes");
	refused(HEAD "\na\n---\ndiff --git a/x.c b/x.c\n\033[36m@@ -1 +1 @@\033[m\n", KGR_REFUSED,
		"in.diff:9: colour codes");
	/* A source file may have such bytes. */
	is_one_text("+\t\"\033[1m\"\n \033[1m\n", "+\t\"\033[1m\"\n \033[1m\n");
	assert_true(g_file_set_contents(path, data, sizeof(data), NULL));
	assert_null(texts_of(path, &error));
	unit_failed(&error, KGR_REFUSED, "is no text: no diff in it");
}

UNIT_MAIN("diff-input", cmocka_unit_test(reads_files_as_they_are),
	  cmocka_unit_test(reads_standard_input), cmocka_unit_test(cuts_mails),
	  cmocka_unit_test(decodes_mails), cmocka_unit_test(splits_mailboxes),
	  cmocka_unit_test(unpacks), cmocka_unit_test(refuses_what_is_no_text))
