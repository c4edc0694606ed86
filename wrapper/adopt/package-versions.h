/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Versions of packages: which linux-kbuild a kernel's headers can do with, and what the archive has. */
#ifndef KGR_PACKAGE_VERSIONS_H
#define KGR_PACKAGE_VERSIONS_H

#include <stdbool.h>
#include <glib.h>

/* kgr_kbuild_of() - "linux-kbuild-6.1" of the Depends of a package of headers; NULL with no error
 * set if it names none; g_free() it
 * @or_later: is a later version than that of the headers as good?
 */
char *kgr_kbuild_of(const char *depends, bool *or_later);

/* kgr_version_is_at_least() - does dpkg say so? */
bool kgr_version_is_at_least(const char *version, const char *least);

/* kgr_version_in_archive() - a version of a package, from @least on, of those that apt knows; NULL
 * with no error set if there is none; g_free() it
 * @last: of several the last one, not the first
 */
char *kgr_version_in_archive(const char *name, const char *least, bool last);

#endif
