// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit.h"
#include "lib/command-line.h"
#include "lib/error.h"

struct line {
	gchar *build;
	gint jobs;
	gboolean json;
	gchar **files;
};

static bool parse(struct line *l, const char *text, GError **error)
{
	static const struct kgr_program program = { .name = "kgr-try" };
	const GOptionEntry options[] = {
		{ "build", 'C', 0, G_OPTION_ARG_FILENAME, &l->build, "where", "DIR" },
		{ "jobs", 'j', 0, G_OPTION_ARG_INT, &l->jobs, "how many", "N" },
		{ "json", 'J', 0, G_OPTION_ARG_NONE, &l->json, "how", NULL },
		{ G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &l->files, NULL, NULL },
		G_OPTION_ENTRY_NULL,
	};
	g_auto(GStrv) argv = g_strsplit(text, " ", -1);

	*l = (struct line){ 0 };
	return kgr_command_line_parse(&program, options, argv, error);
}

static void clear(struct line *l)
{
	g_free(l->build);
	g_strfreev(l->files);
}

/* @files: what is no option, with a space between each two */
static void means(const char *text, const char *build, int jobs, bool json, const char *files)
{
	g_autofree char *got = NULL;
	struct line l;

	assert_true(parse(&l, text, NULL));
	got = l.files ? g_strjoinv(" ", l.files) : g_strdup("");
	assert_int_equal(g_strcmp0(l.build, build), 0);
	assert_int_equal(l.jobs, jobs);
	assert_int_equal(l.json, json);
	assert_string_equal(got, files);
	clear(&l);
}

static void takes_a_value_in_every_form(void **state)
{
	(void)state;
	means("kgr-try -j 4 a.diff", NULL, 4, false, "a.diff");
	means("kgr-try -j4 a.diff", NULL, 4, false, "a.diff");
	means("kgr-try --jobs=4 a.diff", NULL, 4, false, "a.diff");
	means("kgr-try --jobs 4 a.diff -J", NULL, 4, true, "a.diff");
	means("kgr-try -C/b -j12 -J a.diff b.diff", "/b", 12, true, "a.diff b.diff");
}

static void leaves_values_and_files_whole(void **state)
{
	(void)state;
	means("kgr-try -C -j4 a.diff", "-j4", 0, false, "a.diff");
	means("kgr-try --build -j4 a.diff", "-j4", 0, false, "a.diff");
	means("kgr-try -C/b -j4", "/b", 4, false, "");
	means("kgr-try -J -- -j4", NULL, 0, true, "-j4");
	means("-j4 a.diff", NULL, 0, false, "a.diff");
}

static void fails(const char *text, const char *says)
{
	g_autoptr(GError) error = NULL;
	struct line l;

	assert_false(parse(&l, text, &error));
	unit_failed(&error, KGR_TROUBLE, says);
	clear(&l);
}

static void says_what_it_does_not_understand(void **state)
{
	(void)state;
	fails("kgr-try -x4", "-x4; see kgr-try --help");
	fails("kgr-try -jfour", "four");
	fails("kgr-try -J4", "; see kgr-try --help");
	fails("kgr-try -j", "; see kgr-try --help");
}

static void takes_no_empty_value(void **state)
{
	(void)state;
	fails("kgr-try -C  a.diff", "the value of --build is empty; see kgr-try --help");
	fails("kgr-try --build= a.diff", "the value of --build is empty; see kgr-try --help");
	fails("kgr-try a.diff ", "an argument is empty; see kgr-try --help");
}

static void reads_numbers(void **state)
{
	GError *error = NULL;
	int number = 7;

	(void)state;
	assert_true(kgr_command_line_number("-j", NULL, 1, &number, NULL));
	assert_int_equal(number, 7);
	assert_true(kgr_command_line_number("-j", "1", 1, &number, NULL));
	assert_int_equal(number, 1);
	assert_false(kgr_command_line_number("-j", "0", 1, &number, &error));
	unit_failed(&error, KGR_TROUBLE, "-j needs a number, 1 or above, and not 0");
	assert_false(kgr_command_line_number("-p", "-1", 0, &number, &error));
	unit_failed(&error, KGR_TROUBLE, "-p needs a number, 0 or above, and not -1");
	assert_false(kgr_command_line_number("-j", "four", 1, &number, NULL));
	assert_false(kgr_command_line_number("-j", "2x", 1, &number, NULL));
	assert_false(kgr_command_line_number("-j", "9999999999", 1, &number, NULL));
	assert_int_equal(number, 1);
}

UNIT_MAIN("command-line", cmocka_unit_test(takes_a_value_in_every_form),
	  cmocka_unit_test(leaves_values_and_files_whole), cmocka_unit_test(takes_no_empty_value),
	  cmocka_unit_test(reads_numbers), cmocka_unit_test(says_what_it_does_not_understand))
