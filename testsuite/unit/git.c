// SPDX-License-Identifier: GPL-3.0-or-later
/* A git that says what it was given. */
#include <string.h>
#include <sys/stat.h>

#include "unit.h"
#include "lib/error.h"
#include "lib/git.h"

static GString *run(const char *script, int *status)
{
	const char *const args[] = { "some", "words", NULL };
	g_autofree char *path = unit_write("bin/git", script), *bin = g_path_get_dirname(path);
	g_autofree char *input = unit_write("input", "given\n");
	g_autofree char *own = g_strdup(g_getenv("PATH")), *both = g_strconcat(bin, ":", own, NULL);
	GError *error = NULL;
	GString *said;

	assert_int_equal(chmod(path, 0755), 0);
	g_setenv("PATH", both, TRUE);
	said = kgr_git(args, bin, input, status, &error);
	g_setenv("PATH", own, TRUE);
	if (!said)
		fail_msg("%s", error->message);
	return said;
}

static void gets_no_settings(void **state)
{
	g_autoptr(GString) said = NULL;
	int status;

	(void)state;
	g_setenv("GIT_INDEX_FILE", "x", TRUE);
	g_setenv("LC_ALL", "de_DE.UTF-8", TRUE);
	said = run(
		"#!/bin/sh\necho \"$@\"\ncat\nenv | grep '^GIT_\\|^LC_ALL\\|^HOME' | sort\nexit 3\n",
		&status);
	g_unsetenv("GIT_INDEX_FILE");
	g_unsetenv("LC_ALL");
	assert_int_equal(status, 3);
	assert_string_equal(said->str, "some words\ngiven\n"
				       "GIT_ATTR_NOSYSTEM=1\nGIT_CONFIG_GLOBAL=/dev/null\n"
				       "GIT_CONFIG_NOSYSTEM=1\nGIT_DIR=/dev/null/none\n"
				       "HOME=/dev/null/none\nLC_ALL=C\n");
}

static void keeps_all_bytes(void **state)
{
	g_autoptr(GString) said = NULL;
	int status;

	(void)state;
	said = run("#!/bin/sh\nprintf 'a\\0b\\0'\n", &status);
	assert_int_equal(status, 0);
	assert_int_equal(said->len, 4);
	assert_memory_equal(said->str, "a\0b\0", 4);
}

static void takes_the_first_line(void **state)
{
	g_autoptr(GString) said = g_string_new("error: one\nerror: two\n");
	g_autofree char *words = kgr_git_words(said);

	(void)state;
	assert_string_equal(words, "one");
}

UNIT_MAIN("git", cmocka_unit_test(gets_no_settings), cmocka_unit_test(keeps_all_bytes),
	  cmocka_unit_test(takes_the_first_line))
