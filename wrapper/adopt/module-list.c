// SPDX-License-Identifier: GPL-3.0-or-later
/* The modules below a directory, as the packages of a kernel have them: fs/xfs/xfs.ko. */
#include "adopt/module-list.h"

static void add_below(GPtrArray *names, const char *dir, const char *below)
{
	g_autofree char *path = g_build_filename(dir, below, NULL);
	g_autoptr(GDir) entries = g_dir_open(path, 0, NULL);
	const char *entry;

	while (entries && (entry = g_dir_read_name(entries))) {
		g_autofree char *name =
			*below ? g_build_filename(below, entry, NULL) : g_strdup(entry);
		g_autofree char *full = g_build_filename(dir, name, NULL);

		if (g_file_test(full, G_FILE_TEST_IS_DIR))
			add_below(names, dir, name);
		else if (g_str_has_suffix(name, ".ko"))
			g_ptr_array_add(names, g_steal_pointer(&name));
	}
}

static gint by_name(gconstpointer a, gconstpointer b)
{
	return g_strcmp0(*(char *const *)a, *(char *const *)b);
}

GPtrArray *kgr_list_modules(const char *dir)
{
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);

	add_below(names, dir, "");
	g_ptr_array_sort(names, by_name);
	return names;
}
