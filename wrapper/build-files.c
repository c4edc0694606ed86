// SPDX-License-Identifier: GPL-3.0-or-later
#define _GNU_SOURCE
#include <ftw.h>
#include <string.h>
#include <unistd.h>

#include "build-files.h"

/* nftw(3) has no argument for its caller. */
static struct kgr_build_files *collecting;

static int collect(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	if (kind != FTW_F || path[ftw->base] != '.')
		return 0;
	if (g_str_has_suffix(path, ".o.kgr"))
		g_ptr_array_add(collecting->records, g_strdup(path));
	else if (g_str_has_suffix(path, ".o.cmd") || g_str_has_suffix(path, ".s.cmd"))
		g_ptr_array_add(collecting->commands, g_strdup(path));
	return 0;
}

void kgr_build_files_read(struct kgr_build_files *files, const char *build)
{
	if (files->records)
		return;
	files->records = g_ptr_array_new_with_free_func(g_free);
	files->commands = g_ptr_array_new_with_free_func(g_free);
	collecting = files;
	nftw(build, collect, 64, FTW_PHYS | FTW_MOUNT);
}

void kgr_build_files_clear(struct kgr_build_files *files)
{
	g_clear_pointer(&files->records, g_ptr_array_unref);
	g_clear_pointer(&files->commands, g_ptr_array_unref);
}

bool kgr_has_record(const char *command)
{
	char *record =
		g_strdup_printf("%.*s.kgr", (int)(strlen(command) - strlen(".cmd")), command);
	bool there = !access(record, F_OK);

	g_free(record);
	return there;
}

char *kgr_made_by(const char *command)
{
	char *dir = g_path_get_dirname(command), *base = g_path_get_basename(command), *made;

	base[strlen(base) - strlen(".cmd")] = 0;
	made = g_build_filename(dir, base + 1, NULL);
	g_free(base);
	g_free(dir);
	return made;
}
