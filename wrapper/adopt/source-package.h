/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The source of another version of a kernel, as Debian has it. */
#ifndef KGR_SOURCE_PACKAGE_H
#define KGR_SOURCE_PACKAGE_H

#include <stdbool.h>
#include <glib.h>

/* kgr_source_version() - the version of the packages that @to means: "6.1.192-2" of
 * "6.1.0-56-cloud-amd64"
 * @to: a release, as uname -r says it, or a version, which is returned as it is
 * @from: the directory that has the packages' files; NULL: the archive, as far as apt knows it
 *
 * g_free() it. NULL with @error set if there is no such release, or its version is none of
 * Debian's.
 */
char *kgr_source_version(const char *to, const char *from, GError **error);

/* kgr_source_unpack() - make the directory @tree with the source of a version, as linux-source-X.Y
 * has it
 * @version: from kgr_source_version()
 * @from: the directory that has the packages' files; NULL: the archive, by apt-get download
 * @dir: an existing directory, for the package if it is downloaded, and for its files
 * @tree: must not exist, its parent must
 *
 * False with @error set if there is no room in @dir, the package is not to be had, or it cannot be
 * unpacked. What was made in @dir and @tree by then stays.
 */
bool kgr_source_unpack(const char *version, const char *from, const char *dir, const char *tree,
		       GError **error);

#endif
