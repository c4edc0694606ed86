/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The source of another version of a kernel, as Debian has it. */
#ifndef KGR_SOURCE_PACKAGE_H
#define KGR_SOURCE_PACKAGE_H

#include <stdbool.h>
#include <glib.h>

/* kgr_source_version() - the version of packages that somebody means
 * @to: a release, as uname -r says it, or a version; g_free() what is returned
 * @from: the directory that has the packages' files; NULL: the archive
 */
char *kgr_source_version(const char *to, const char *from, GError **error);

/* kgr_source_unpack() - have the source of a version in @tree, which is made
 * @version: of kgr_source_version()
 * @from: see there
 * @dir: where packages go that are downloaded
 */
bool kgr_source_unpack(const char *version, const char *from, const char *dir, const char *tree,
		       GError **error);

#endif
