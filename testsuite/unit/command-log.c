// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdlib.h>

#include "unit.h"
#include "lib/command-log.h"

/* Run a program that writes what it is given into a file; then run its script, which writes another. */
static void scripts_do_the_same(void **state)
{
	char *was = unit_path("was/out"), *now = unit_path("now/out"),
	     *dir = unit_path("scripts/x");
	struct kgr_subprocess run = { .argv = g_ptr_array_new_with_free_func(g_free) };
	char *up = g_path_get_dirname(dir), *from = g_path_get_dirname(was), *text;
	GArray *moved = g_array_new(FALSE, FALSE, sizeof(struct kgr_moved_name));
	struct kgr_moved_name name = { from, g_path_get_dirname(now) };
	char *script = g_build_filename(up, "001-sh", NULL);

	(void)state;
	g_array_append_val(moved, name);
	kgr_command_log_start();
	g_ptr_array_add(run.argv, g_strdup("sh"));
	g_ptr_array_add(run.argv, g_strdup("-c"));
	g_ptr_array_add(run.argv, g_strdup("echo \"it's $WORD $HOME in $(pwd)\" >$1"));
	g_ptr_array_add(run.argv, g_strdup("sh"));
	g_ptr_array_add(run.argv, g_strdup(was));
	run.cwd = g_strdup("/");
	run.env = g_environ_unsetenv(g_environ_setenv(g_get_environ(), "WORD", "a 'word'", TRUE),
				     "HOME");
	assert_true(kgr_subprocess_run(&run, "sh", NULL));
	assert_true(kgr_command_log_write(up, moved, NULL));
	assert_int_equal(system(script), 0);
	assert_true(g_file_get_contents(now, &text, NULL, NULL));
	assert_string_equal(text, "it's a 'word'  in /\n");
	g_free(text);
	kgr_command_log_clear();
	g_free(name.to);
	g_free(script);
	g_array_unref(moved);
	g_free(was);
	g_free(now);
	g_free(dir);
	g_free(up);
	g_free(from);
}

UNIT_MAIN("command-log", cmocka_unit_test(scripts_do_the_same))
