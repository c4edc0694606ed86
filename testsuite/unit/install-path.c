// SPDX-License-Identifier: GPL-3.0-or-later
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "unit.h"
#include "lib/install-path.h"

/* A copy of this program in PREFIX/bin is asked for a file; what it says, or NULL. */
static char *found_by(const char *prefix, const char *kind, const char *name)
{
	char *program = g_build_filename(prefix, "bin", "program", NULL), *output = NULL;
	const char *const argv[] = { program, kind, name, NULL };
	int status = 1;

	assert_true(g_spawn_sync(NULL, (char **)argv, NULL, 0, NULL, NULL, &output, NULL, &status,
				 NULL));
	g_free(program);
	if (status)
		g_clear_pointer(&output, g_free);
	return output;
}

static char *make_prefix(void)
{
	char *program = unit_path("moved/bin/program"), *text;
	gsize size;

	assert_true(g_file_get_contents("/proc/self/exe", &text, &size, NULL));
	assert_true(g_file_set_contents_full(program, text, (gssize)size, 0, 0755, NULL));
	g_free(text);
	g_free(program);
	return unit_path("moved");
}

static void follows_the_program(void **state)
{
	char *prefix = make_prefix(), *file = unit_write("moved/share/kgraft/some/file", "");
	char *found = found_by(prefix, "share", "some/file");

	(void)state;
	assert_non_null(found);
	assert_string_equal(found, file);
	g_free(found);
	g_free(file);
	g_free(prefix);
}

static void kinds_are_apart(void **state)
{
	char *prefix = make_prefix(), *file = unit_write("moved/share/kgraft/some/file", "");

	(void)state;
	assert_null(found_by(prefix, "libexec", "some/file"));
	g_free(file);
	g_free(prefix);
}

static void refuses_what_is_too_long(void **state)
{
	char small[8];

	(void)state;
	assert_int_equal(kgr_install_path(small, sizeof(small), "share", "x"), -1);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(follows_the_program),
					    cmocka_unit_test(kinds_are_apart),
					    cmocka_unit_test(refuses_what_is_too_long) };
	char path[PATH_MAX];

	if (argc == 1)
		return unit_run("install-path", tests, G_N_ELEMENTS(tests));
	if (kgr_install_path(path, sizeof(path), argv[1], argv[2]))
		return 1;
	fputs(path, stdout);
	return 0;
}
