// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "unit.h"
#include "lib/error.h"
#include "lib/subprocess.h"

static struct kgr_subprocess shell(const char *script)
{
	struct kgr_subprocess run = { 0 };

	kgr_subprocess_add(&run, "sh", "-c", script, NULL);
	return run;
}

static void clear_all(struct kgr_subprocess *runs, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		kgr_subprocess_clear(&runs[i]);
}

static void gives_output_and_status(void **state)
{
	struct kgr_subprocess runs[] = { shell("echo out; echo err >&2"), shell("exit 3"),
					 shell("kill -TERM $$") };

	(void)state;
	assert_true(kgr_subprocess_run_all(runs, 3, 2, NULL));
	assert_string_equal(runs[0].output, "out\nerr\n");
	assert_int_equal(runs[0].status, 0);
	assert_int_equal(runs[1].status, 3);
	assert_int_equal(runs[2].status, 128 + 15);
	clear_all(runs, 3);
	assert_null(runs[0].argv);
}

static void runs_where_and_with_what_it_is_told(void **state)
{
	struct kgr_subprocess run = shell("pwd; echo $WORD");

	(void)state;
	run.cwd = g_strdup("/");
	run.env = g_environ_setenv(g_get_environ(), "WORD", "said", TRUE);
	assert_true(kgr_subprocess_run_all(&run, 1, 1, NULL));
	assert_string_equal(run.output, "/\nsaid\n");
	kgr_subprocess_clear(&run);
}

/* One at a time: the second sees what the first left, if it was the first. */
static void keeps_to_its_limit(void **state)
{
	char *file = unit_path("turn");
	char *first = g_strdup_printf("sleep 0.1; echo first >>%s", file);
	char *second = g_strdup_printf("echo second >>%s; cat %s", file, file);
	struct kgr_subprocess runs[] = { shell(first), shell(second) };

	(void)state;
	assert_true(kgr_subprocess_run_all(runs, 2, 1, NULL));
	assert_string_equal(runs[1].output, "first\nsecond\n");
	clear_all(runs, 2);
	g_free(first);
	g_free(second);
	g_free(file);
}

/* The first waits for what the last does, for which there is a slot only if those between have freed theirs. */
static void any_that_ends_frees_its_slot(void **state)
{
	char *file = unit_path("last");
	char *waits = g_strdup_printf(
		"for n in $(seq 600); do test -e %s && exit 0; sleep 0.1; done; exit 1", file);
	char *comes = g_strdup_printf("echo e; touch %s", file);
	struct kgr_subprocess runs[] = { shell(waits), shell("echo b"), shell("true"),
					 shell("echo d; exit 3"), shell(comes) };

	(void)state;
	assert_true(kgr_subprocess_run_all(runs, 5, 2, NULL));
	assert_int_equal(runs[0].status, 0);
	assert_string_equal(runs[1].output, "b\n");
	assert_string_equal(runs[3].output, "d\n");
	assert_int_equal(runs[3].status, 3);
	assert_string_equal(runs[4].output, "e\n");
	clear_all(runs, 5);
	g_free(waits);
	g_free(comes);
	g_free(file);
}

static void runs_an_array(void **state)
{
	g_autoptr(GArray) runs = kgr_subprocesses_new(3);
	guint i;

	(void)state;
	for (i = 0; i < runs->len; i++)
		*kgr_subprocess_at(runs, i) = shell("echo out");
	assert_true(kgr_subprocesses_run(runs, 2, NULL));
	for (i = 0; i < 3; i++)
		assert_string_equal(kgr_subprocess_at(runs, i)->output, "out\n");
}

static void stops_behind_what_is_vital(void **state)
{
	struct kgr_subprocess runs[] = { shell("exit 1"), shell("exit 0") };

	(void)state;
	runs[0].vital = true;
	assert_true(kgr_subprocess_run_all(runs, 2, 1, NULL));
	assert_int_equal(runs[0].status, 1);
	assert_int_equal(runs[1].status, -1);
	assert_null(runs[1].output);
	clear_all(runs, 2);
}

static void says_what_cannot_be_started(void **state)
{
	g_auto(kgr_subprocess) run = { 0 };
	GError *error = NULL;

	(void)state;
	kgr_subprocess_add(&run, "/no/such/program", "its argument", NULL);
	assert_false(kgr_subprocess_run_all(&run, 1, 1, &error));
	assert_non_null(strstr(error->message, "/no/such/program"));
	assert_int_equal(run.status, -1);
	unit_failed(&error, KGR_TROUBLE, "; is it installed, and in PATH?");
	/* That is no answer to a directory that is not there. */
	kgr_subprocess_clear(&run);
	kgr_subprocess_add(&run, "true", NULL);
	run.cwd = g_strdup("/no/such/directory");
	assert_false(kgr_subprocess_run_all(&run, 1, 1, &error));
	assert_null(strstr(error->message, "installed"));
	assert_non_null(strstr(error->message, "true cannot be run"));
	unit_failed(&error, KGR_TROUBLE, "/no/such/directory");
}

static void shows_what_a_failed_one_said(void **state)
{
	struct kgr_subprocess run = shell("echo the cause; exit 1");
	GError *error = NULL;

	(void)state;
	assert_false(kgr_subprocess_run(&run, "the step", &error));
	unit_failed(&error, KGR_TROUBLE, "the step failed:\nthe cause\n");
}

UNIT_MAIN("subprocess", cmocka_unit_test(gives_output_and_status),
	  cmocka_unit_test(runs_where_and_with_what_it_is_told),
	  cmocka_unit_test(keeps_to_its_limit), cmocka_unit_test(any_that_ends_frees_its_slot),
	  cmocka_unit_test(runs_an_array), cmocka_unit_test(stops_behind_what_is_vital),
	  cmocka_unit_test(says_what_cannot_be_started),
	  cmocka_unit_test(shows_what_a_failed_one_said))
