// SPDX-License-Identifier: GPL-3.0-or-later
#define _GNU_SOURCE
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "unit.h"
#include "lib/error.h"

static char *dir;

static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static void remove_dir(void)
{
	nftw(dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	g_free(dir);
}

char *unit_path(const char *name)
{
	char *path, *up;

	if (!dir) {
		dir = g_dir_make_tmp("kgraft-unit.XXXXXX", NULL);
		if (!dir)
			abort();
		atexit(remove_dir);
	}
	path = g_build_filename(dir, name, NULL);
	up = g_path_get_dirname(path);
	assert_int_equal(g_mkdir_with_parents(up, 0700), 0);
	g_free(up);
	return path;
}

char *unit_write(const char *name, const char *text)
{
	char *path = unit_path(name);

	assert_true(g_file_set_contents(path, text, -1, NULL));
	return path;
}

char *unit_compile(const char *name, const char *text, const char *flags)
{
	char *stem = unit_path(name), *object = g_strconcat(stem, ".o", NULL), *command;
	char *source_name = g_strconcat(name, ".c", NULL), *source = unit_write(source_name, text);
	int status;

	command = g_strdup_printf("gcc -c -O2 -g -ffunction-sections -fdata-sections "
				  "-fno-stack-protector -fcf-protection=none "
				  "-fno-asynchronous-unwind-tables %s -o %s %s",
				  flags ?: "", object, source);
	status = system(command);
	assert_true(WIFEXITED(status) && !WEXITSTATUS(status));
	g_free(command);
	g_free(source);
	g_free(source_name);
	g_free(stem);
	return object;
}

struct kgr_obj *unit_object(const char *name, const char *text, const char *flags)
{
	char *path = unit_compile(name, text, flags);
	GError *error = NULL;
	struct kgr_obj *obj = kgr_obj_open(path, &error);

	if (!obj)
		fail_msg("%s", error->message);
	g_free(path);
	return obj;
}

void unit_failed(GError **error, int code, const char *says)
{
	assert_non_null(*error);
	if (!strstr((*error)->message, says))
		fail_msg("\"%s\" does not say \"%s\"", (*error)->message, says);
	assert_int_equal((*error)->domain, KGR_ERROR);
	assert_int_equal((*error)->code, code);
	g_clear_error(error);
}

int unit_run(const char *name, const struct CMUnitTest *tests, size_t count)
{
	return _cmocka_run_group_tests(name, tests, count, NULL, NULL) ? 1 : 0;
}
