// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Units of an adopted kernel are compiled in a directory of the user's cache, so that a patch build
 * changes nothing of the build directory. To Kbuild it is a build directory as any other: it has
 * links to all that the real one has before anything is compiled. Objects and records stay in it
 * for the next time.
 *
 *   ~/.cache/kgraft-adopted/BUILD-ID-XXXXXXXX/include -> BUILD/include
 *                                             fs/namespace.o, fs/.namespace.o.kgr, ...
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "adopt/object-tree.h"
#include "elf/arch.h"
#include "lib/error.h"

static bool link_one(const struct kgr_kernel *k, const char *name, GError **error)
{
	g_autofree char *target = g_build_filename(k->build, name, NULL);
	g_autofree char *path = g_build_filename(k->adopted->objects, name, NULL);
	g_autofree char *dir = g_path_get_dirname(path);

	if (access(target, F_OK))
		return true;
	if (g_mkdir_with_parents(dir, 0755))
		return kgr_fail(error, KGR_TROUBLE, "%s cannot be made: %s", dir,
				g_strerror(errno));
	return !symlink(target, path) || errno == EEXIST ||
	       kgr_fail(error, KGR_TROUBLE, "%s cannot be made a link: %s", path,
			g_strerror(errno));
}

static bool link_all(const struct kgr_kernel *k, GError **error)
{
	static const char *const names[] = { "include", "scripts",	  "tools",
					     "certs",	"Module.symvers", ".config" };
	g_autofree char *generated =
		g_build_filename(k->vmlinux->arch->source_dir, "include", NULL);
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(names); i++) {
		if (!link_one(k, names[i], error))
			return false;
	}
	return link_one(k, generated, error);
}

bool kgr_object_tree_open(const struct kgr_kernel *k, kgr_fd *lock, GError **error)
{
	const char *dir = k->adopted->objects;
	g_auto(kgr_fd) fd = -1;

	if (g_mkdir_with_parents(dir, 0755))
		return kgr_fail(
			error, KGR_TROUBLE,
			"%s cannot be made: %s; units are compiled there, set XDG_CACHE_HOME to a "
			"directory that can be written to",
			dir, g_strerror(errno));
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || flock(fd, LOCK_EX))
		return kgr_fail(
			error, KGR_TROUBLE,
			"%s cannot be locked: %s; set XDG_CACHE_HOME to a directory on a file "
			"system with locks",
			dir, g_strerror(errno));
	if (!link_all(k, error))
		return false;
	*lock = fd;
	fd = -1;
	return true;
}
