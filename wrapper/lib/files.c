// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Copying files so that they are there whole or not at all, having many open, and finding those
 * that came with kgraft.
 */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/error.h"
#include "lib/files.h"
#include "lib/install-path.h"

#define OPEN_FILES                                                                                 \
	64 /* at a time: a compiler's includes, or the images of the modules that a diff touches */

bool kgr_copy_file(const char *from, const char *dir, const char *name, GError **error)
{
	g_autofree char *to = g_build_filename(dir, name, NULL), *text = NULL;
	gsize size;

	return g_file_get_contents(from, &text, &size, error) &&
	       g_file_set_contents(to, text, (gssize)size, error);
}

bool kgr_check_output(const char *path, char *const *inputs, GError **error)
{
	g_autofree char *dir = g_path_get_dirname(path);
	struct stat out, in;

	if (lstat(path, &out)) {
		if (errno != ENOENT || access(dir, W_OK | X_OK))
			return kgr_fail(error, KGR_TROUBLE, "%s cannot be written: %s", path,
					g_strerror(errno));
		return true;
	}
	if (!S_ISREG(out.st_mode))
		return kgr_fail(error, KGR_TROUBLE,
				"%s is there and no regular file; only those are replaced: name "
				"another output",
				path);
	for (; inputs && *inputs; inputs++) {
		if (!stat(*inputs, &in) && in.st_dev == out.st_dev && in.st_ino == out.st_ino)
			return kgr_fail(error, KGR_TROUBLE,
					"%s is an input, too; name another output", path);
	}
	return !access(dir, W_OK | X_OK) ||
	       kgr_fail(error, KGR_TROUBLE, "%s cannot be replaced: %s", path, g_strerror(errno));
}

bool kgr_install_file(const char *from, const char *to, GError **error)
{
	g_autofree char *text = NULL;
	gsize size;

	/* It writes beside the target, syncs and renames; a full disk leaves the old file. */
	return kgr_check_output(to, NULL, error) &&
	       g_file_get_contents(from, &text, &size, error) &&
	       g_file_set_contents_full(to, text, (gssize)size, G_FILE_SET_CONTENTS_CONSISTENT,
					0644, error);
}

bool kgr_allow_open_files(GError **error)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return kgr_fail(error, KGR_TROUBLE,
				"the limit of open files is not known: %s; set it (ulimit -n %d)",
				g_strerror(errno), OPEN_FILES);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	return limit.rlim_max >= OPEN_FILES ||
	       kgr_fail(error, KGR_TROUBLE,
			"too many open files: at most %ld may be open, and a build needs %d; raise "
			"the limit (ulimit -n %d)",
			(long)limit.rlim_max, OPEN_FILES, OPEN_FILES);
}

const char *kgr_path_below(const char *dir, const char *path)
{
	size_t len = strlen(dir);

	if (!g_str_has_prefix(path, dir) || (path[len] && path[len] != '/'))
		return NULL;
	return path[len] ? path + len + 1 : path + len;
}

bool kgr_installed(char *path, const char *name, GError **error)
{
	return !kgr_install_path(path, PATH_MAX, "share", name) ||
	       kgr_fail(error, KGR_TROUBLE, "%s is not installed; install kgraft again", name);
}
