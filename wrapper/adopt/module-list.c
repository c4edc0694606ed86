// SPDX-License-Identifier: GPL-3.0-or-later
/* The modules below a directory, as the packages of a kernel have them: fs/xfs/xfs.ko, or packed fs/xfs/xfs.ko.xz. */
#include "adopt/module-list.h"
#include "lib/error.h"
#include "lib/subprocess.h"
#include "lib/sort.h"

#define AT_A_TIME 200 /* files for one run of a program */

static void add_below(GPtrArray *names, const char *dir, const char *below, const char *suffix)
{
	g_autofree char *path = g_build_filename(dir, below, NULL);
	g_autoptr(GDir) entries = g_dir_open(path, 0, NULL);
	const char *entry;

	while (entries && (entry = g_dir_read_name(entries))) {
		g_autofree char *name =
			*below ? g_build_filename(below, entry, NULL) : g_strdup(entry);
		g_autofree char *full = g_build_filename(dir, name, NULL);

		if (g_file_test(full, G_FILE_TEST_IS_DIR))
			add_below(names, dir, name, suffix);
		else if (g_str_has_suffix(name, suffix))
			g_ptr_array_add(names, g_steal_pointer(&name));
	}
}

static GPtrArray *list(const char *dir, const char *suffix)
{
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);

	add_below(names, dir, "", suffix);
	g_ptr_array_sort(names, kgr_by_name);
	return names;
}

GPtrArray *kgr_list_modules(const char *dir)
{
	return list(dir, ".ko");
}

static bool unpack(const char *dir, const char *suffix, const char *program, GError **error)
{
	g_autoptr(GPtrArray) names = list(dir, suffix);
	guint first, i;

	for (first = 0; first < names->len; first += AT_A_TIME) {
		g_auto(kgr_subprocess) run = { .cwd = g_strdup(dir) };

		kgr_subprocess_add(&run, program, "-d", "-q", "-f", "--", NULL);
		for (i = first; i < MIN(first + AT_A_TIME, names->len); i++)
			kgr_subprocess_add(&run, names->pdata[i], NULL);
		if (!kgr_subprocess_run(&run, program, error))
			return false;
	}
	return true;
}

bool kgr_unpack_modules(const char *dir, GError **error)
{
	return unpack(dir, ".ko.xz", "xz", error) && unpack(dir, ".ko.gz", "gzip", error) &&
	       unpack(dir, ".ko.zst", "zstd", error);
}
