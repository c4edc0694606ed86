// SPDX-License-Identifier: GPL-3.0-or-later
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"
#include "lib/error.h"
#include "lib/subprocess.h"
#include "lib/tmpdir.h"

/*
 * This program once more, with temporary files below @base: it makes a directory there and ends as @how says. Its exit
 * status, as struct kgr_subprocess has it; in @said what it said.
 */
static int end_as(const char *base, const char *how, char **said)
{
	g_auto(kgr_subprocess) run = { 0 };

	kgr_subprocess_add(&run, "/proc/self/exe", how, NULL);
	run.env = g_environ_setenv(g_get_environ(), "TMPDIR", base, TRUE);
	assert_true(kgr_subprocess_run_all(&run, 1, 1, NULL));
	if (said)
		*said = g_steal_pointer(&run.output);
	return run.status;
}

static guint entries_of(const char *base)
{
	g_autoptr(GDir) dir = g_dir_open(base, 0, NULL);
	guint count = 0;

	assert_non_null(dir);
	while (g_dir_read_name(dir))
		count++;
	return count;
}

static void is_gone_when_the_program_is(void **state)
{
	g_autofree char *file = unit_write("ended/file", ""), *base = g_path_get_dirname(file);

	(void)state;
	assert_int_equal(end_as(base, "exit", NULL), 0);
	assert_int_equal(entries_of(base), 1);
	assert_int_equal(end_as(base, "TERM", NULL), 128 + SIGTERM);
	assert_int_equal(entries_of(base), 1);
	assert_int_equal(end_as(base, "HUP", NULL), 128 + SIGHUP);
	assert_int_equal(entries_of(base), 1);
	assert_int_equal(end_as(base, "nohup", NULL), 0);
	assert_int_equal(entries_of(base), 1);
}

/* What writes into it is gone first, whoever started it: here the child of a child. */
static void is_gone_with_all_that_writes_into_it(void **state)
{
	g_autofree char *file = unit_write("busy/writer", ""), *base = g_path_get_dirname(file);
	g_autofree char *writer = NULL;

	(void)state;
	assert_int_equal(end_as(base, "busy", NULL), 128 + SIGTERM);
	assert_int_equal(entries_of(base), 1);
	assert_true(g_file_get_contents(file, &writer, NULL, NULL));
	assert_true(atoi(writer) > 0);
	assert_int_equal(kill(atoi(writer), 0), -1);
}

/* The next one removes what a killed one left, but nothing without a lock of ours. */
static void is_removed_later_if_it_was_killed(void **state)
{
	g_autofree char *file = unit_write("killed/kgr.other/file", "");
	g_autofree char *other = g_path_get_dirname(file), *base = g_path_get_dirname(other);

	(void)state;
	assert_int_equal(end_as(base, "KILL", NULL), 128 + SIGKILL);
	assert_int_equal(entries_of(base), 2);
	assert_int_equal(end_as(base, "exit", NULL), 0);
	assert_int_equal(entries_of(base), 1);
	assert_true(g_file_test(file, G_FILE_TEST_EXISTS));
}

/* A second program leaves that of a running one alone. */
static void is_not_removed_while_it_is_used(void **state)
{
	g_autofree char *file = unit_write("used/file", ""), *base = g_path_get_dirname(file);

	(void)state;
	assert_int_equal(end_as(base, "another", NULL), 0);
	assert_int_equal(entries_of(base), 1);
}

static void says_where_it_cannot_be(void **state)
{
	g_autofree char *said = NULL;

	(void)state;
	assert_int_equal(end_as("/no/such/directory", "exit", &said), KGR_TROUBLE);
	assert_non_null(strstr(said, "/no/such/directory: no temporary directory can be made"));
}

/* By its real name, whatever TMPDIR calls it; and not where make would take its name apart. */
static void has_a_name_for_everybody(void **state)
{
	g_autofree char *file = unit_write("names/real/file", ""), *real = g_path_get_dirname(file);
	g_autofree char *base = g_path_get_dirname(real), *said = NULL;
	g_autofree char *link = g_build_filename(base, "a link", NULL);
	g_autofree char *odd = g_build_filename(base, "a name", NULL), *here = g_get_current_dir();

	(void)state;
	assert_int_equal(symlink(real, link), 0);
	assert_int_equal(end_as(link, "name", NULL), 0);
	assert_int_equal(chdir(base), 0);
	assert_int_equal(end_as("real", "name", NULL), 0);
	assert_int_equal(chdir(here), 0);
	assert_int_equal(mkdir(odd, 0700), 0);
	assert_int_equal(end_as(odd, "exit", &said), KGR_TROUBLE);
	assert_non_null(strstr(said, "with ' ' in its name; set TMPDIR"));
	assert_int_equal(entries_of(real), 1);
}

/* A program that has started another one, and ends us when there are many files. */
static int write_until_killed(void)
{
	g_auto(kgr_subprocess) run = { 0 };

	kgr_subprocess_add(&run, "sh", "-c",
			   "cd \"$TMPDIR\"; (while :; do n=$((n+1)); mkdir $n; : >$n/$n; done) & "
			   "echo $! >../writer; while [ ! -e 50 ]; do sleep 0.05; done; "
			   "kill -TERM $PPID; wait",
			   NULL);
	return kgr_subprocess_run_all(&run, 1, 1, NULL) ? 11 : 12;
}

/* What end_as() runs. The directory gets a file in a directory. */
static int make_and_end(const char *how)
{
	g_autofree char *sub = NULL, *file = NULL, *base = g_strdup(g_getenv("TMPDIR"));
	g_autoptr(GError) error = NULL;
	const char *dir;

	/* The tests may run under nohup themselves. */
	signal(SIGHUP, strcmp(how, "nohup") ? SIG_DFL : SIG_IGN);
	dir = kgr_temp_dir(&error);
	if (!dir)
		return kgr_error_print("tmpdir", error);
	sub = g_build_filename(dir, "sub", NULL);
	file = g_build_filename(sub, "file", NULL);
	if (mkdir(sub, 0700) || !g_file_set_contents(file, "", -1, NULL))
		return 10;
	if (!strcmp(how, "name")) {
		g_autofree char *real = realpath(dir, NULL);

		return strcmp(dir, real) != 0;
	}
	if (!strcmp(how, "busy"))
		return write_until_killed();
	if (!strcmp(how, "TERM"))
		raise(SIGTERM);
	if (!strcmp(how, "HUP") || !strcmp(how, "nohup"))
		raise(SIGHUP);
	if (!strcmp(how, "KILL"))
		raise(SIGKILL);
	if (!strcmp(how, "another"))
		return end_as(base, "exit", NULL) || !g_file_test(file, G_FILE_TEST_EXISTS);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(is_gone_when_the_program_is),
					    cmocka_unit_test(is_gone_with_all_that_writes_into_it),
					    cmocka_unit_test(is_removed_later_if_it_was_killed),
					    cmocka_unit_test(is_not_removed_while_it_is_used),
					    cmocka_unit_test(says_where_it_cannot_be),
					    cmocka_unit_test(has_a_name_for_everybody) };

	return argc == 1 ? unit_run("tmpdir", tests, G_N_ELEMENTS(tests)) : make_and_end(argv[1]);
}
