// SPDX-License-Identifier: GPL-3.0-or-later
/* The names of all records and of Kbuild's .cmd files below a build directory, found by one walk. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel/build-index.h"
#include "lib/sort.h"

G_DEFINE_AUTOPTR_CLEANUP_FUNC(DIR, closedir)

static void add(struct kgr_build_index *files, const char *dir, const char *name)
{
	if (g_str_has_suffix(name, ".o.kgr"))
		g_ptr_array_add(files->records, g_build_filename(dir, name, NULL));
	else if (g_str_has_suffix(name, ".o.cmd") || g_str_has_suffix(name, ".s.cmd"))
		g_ptr_array_add(files->commands, g_build_filename(dir, name, NULL));
	else if (g_str_has_suffix(name, ".cmd"))
		g_ptr_array_add(files->other_commands, g_build_filename(dir, name, NULL));
}

/* Most file systems give the type with the name. */
static bool is_directory(DIR *dir, const struct dirent *entry)
{
	struct stat st;

	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_DIR;
	return !fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) && S_ISDIR(st.st_mode);
}

/* A kernel's build directory has tens of thousands of files: only their names are looked at. */
static void walk(struct kgr_build_index *files, const char *path)
{
	g_autoptr(DIR) dir = opendir(path);
	struct dirent *entry;

	if (!dir && !files->problem)
		files->problem = g_strdup_printf("%s: %s", path, g_strerror(errno));
	while (dir && (entry = readdir(dir))) {
		const char *name = entry->d_name;
		bool directory = is_directory(dir, entry), hidden = *name == '.';

		if (directory && !hidden) {
			g_autofree char *below = g_build_filename(path, name, NULL);

			walk(files, below);
		} else if (!directory && hidden) {
			add(files, path, name);
		}
	}
}

void kgr_build_index_read(struct kgr_build_index *files, const char *build)
{
	if (files->records)
		return;
	files->records = g_ptr_array_new_with_free_func(g_free);
	files->commands = g_ptr_array_new_with_free_func(g_free);
	files->other_commands = g_ptr_array_new_with_free_func(g_free);
	walk(files, build);
	/* Whatever the file system's order: the same build has the same outcome. */
	g_ptr_array_sort(files->records, kgr_by_name);
	g_ptr_array_sort(files->commands, kgr_by_name);
}

void kgr_build_index_clear(struct kgr_build_index *files)
{
	g_clear_pointer(&files->records, g_ptr_array_unref);
	g_clear_pointer(&files->commands, g_ptr_array_unref);
	g_clear_pointer(&files->inputs, g_hash_table_unref);
	g_clear_pointer(&files->other_commands, g_ptr_array_unref);
	g_clear_pointer(&files->unrecorded, g_ptr_array_unref);
	g_clear_pointer(&files->problem, g_free);
}

static char *hidden_beside(const char *object, const char *suffix)
{
	g_autofree char *dir = g_path_get_dirname(object), *base = g_path_get_basename(object);

	return g_strdup_printf("%s/.%s%s", dir, base, suffix);
}

char *kgr_record_beside(const char *object)
{
	return hidden_beside(object, ".kgr");
}

char *kgr_command_beside(const char *object)
{
	return hidden_beside(object, ".cmd");
}

bool kgr_has_record(const char *command)
{
	g_autofree char *record =
		g_strdup_printf("%.*s.kgr", (int)(strlen(command) - strlen(".cmd")), command);

	return !access(record, F_OK);
}

char *kgr_made_by(const char *command)
{
	g_autofree char *dir = g_path_get_dirname(command), *base = g_path_get_basename(command);

	base[strlen(base) - strlen(".cmd")] = 0;
	return g_build_filename(dir, base + 1, NULL);
}
