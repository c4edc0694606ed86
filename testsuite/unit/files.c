// SPDX-License-Identifier: GPL-3.0-or-later
#include <limits.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"
#include "lib/error.h"
#include "lib/files.h"

static void knows_what_is_below(void **state)
{
	(void)state;
	assert_string_equal(kgr_path_below("/src/linux", "/src/linux/fs/a.c"), "fs/a.c");
	assert_string_equal(kgr_path_below("/src/linux", "/src/linux"), "");
	assert_null(kgr_path_below("/src/linux", "/src/linux-other/fs/a.c"));
	assert_null(kgr_path_below("/src/linux", "/src"));
}

static void copies_whole_files(void **state)
{
	g_autofree char *from = unit_write("from", "new"), *to = unit_write("dir/to", "old");
	g_autofree char *dir = g_path_get_dirname(to), *text = NULL;
	GError *error = NULL;

	(void)state;
	assert_false(kgr_copy_file("/no/such/file", dir, "to", &error));
	assert_non_null(error);
	g_clear_error(&error);
	assert_false(kgr_install_file("/no/such/file", to, NULL));
	assert_true(g_file_get_contents(to, &text, NULL, NULL));
	assert_string_equal(text, "old");
	g_clear_pointer(&text, g_free);
	assert_true(kgr_copy_file(from, dir, "to", NULL));
	assert_true(g_file_get_contents(to, &text, NULL, NULL));
	assert_string_equal(text, "new");
}

static void says_what_is_not_installed(void **state)
{
	char path[PATH_MAX];
	GError *error = NULL;

	(void)state;
	assert_false(kgr_installed(path, "no/such/file", &error));
	unit_failed(&error, KGR_TROUBLE, "no/such/file is not installed; install kgraft again");
}

/* In a process of its own, which cannot get more again. */
static int end_with_few_files(void)
{
	struct rlimit limit = { .rlim_cur = 12, .rlim_max = 200 };
	g_autoptr(GError) error = NULL;

	if (setrlimit(RLIMIT_NOFILE, &limit) || !kgr_allow_open_files(NULL) ||
	    getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur != 200)
		return 1;
	limit = (struct rlimit){ .rlim_cur = 12, .rlim_max = 12 };
	if (setrlimit(RLIMIT_NOFILE, &limit) || kgr_allow_open_files(&error))
		return 2;
	return strstr(error->message, "at most 12 may be open") && error->code == KGR_TROUBLE ? 0 :
												3;
}

static void says_that_few_files_may_be_open(void **state)
{
	pid_t pid = fork();
	int status;

	(void)state;
	if (!pid)
		_exit(end_with_few_files());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

UNIT_MAIN("files", cmocka_unit_test(says_that_few_files_may_be_open),
	  cmocka_unit_test(knows_what_is_below), cmocka_unit_test(copies_whole_files),
	  cmocka_unit_test(says_what_is_not_installed))
