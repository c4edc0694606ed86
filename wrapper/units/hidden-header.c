// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A new header can shadow an existing one in files that the diff does not touch:
 *
 *   new      include/linux/romfs_fs.h
 *   there    include/uapi/linux/romfs_fs.h, which is <linux/romfs_fs.h> so far
 *
 * Headers that are found by a Makefile's -I, or in the directory of the file that includes them,
 * are not looked at.
 */
#include <string.h>

#include "elf/arch.h"
#include "units/hidden-header.h"

/* Directories whose headers are all found by the names that they have below them, of the source and of the build. */
static bool is_include_dir(const char *dir)
{
	return g_str_has_suffix(dir, "/include") || g_str_has_suffix(dir, "/uapi") ||
	       g_str_has_suffix(dir, "/generated") || !strcmp(dir, "include");
}

static bool exists_in(const char *top, const char *dir, const char *name, const char *but)
{
	g_autofree char *file = g_build_filename(dir, name, NULL);
	g_autofree char *path = g_build_filename(top, file, NULL);

	return strcmp(file, but) != 0 && g_file_test(path, G_FILE_TEST_EXISTS);
}

/* What is included by this name so far, by files that the diff may not touch. */
static bool is_elsewhere(struct kgr_session *s, const char *file, const char *name)
{
	static const char *const dirs[] = { "include", "include/uapi", "include/generated",
					    "include/generated/uapi" };
	const char *arch = s->kernel->vmlinux->arch->source_dir;
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(dirs); i++) {
		g_autofree char *own = g_strconcat(arch, dirs[i], NULL);

		if (exists_in(s->kernel->source, dirs[i], name, file) ||
		    exists_in(kgr_kernel_objects(s->kernel), dirs[i], name, file) ||
		    exists_in(s->kernel->source, own, name, file) ||
		    exists_in(kgr_kernel_objects(s->kernel), own, name, file))
			return true;
	}
	return false;
}

bool kgr_hides_header(struct kgr_session *s, const char *file)
{
	const char *at;

	for (at = strchr(file, '/'); at; at = strchr(at + 1, '/')) {
		g_autofree char *above = g_strndup(file, (gsize)(at - file));

		if (is_include_dir(above) && is_elsewhere(s, file, at + 1))
			return true;
	}
	return false;
}
