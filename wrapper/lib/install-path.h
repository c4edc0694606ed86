/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where kgraft's own files are, found from where the running program is. */
#ifndef KGR_INSTALL_PATH_H
#define KGR_INSTALL_PATH_H

#include <stddef.h>

/* kgr_install_path() - full name of an installed file
 * @buf, @size: where to put it
 * @kind: "libexec" or "share"
 * @name: file name below <prefix>/<kind>/kgraft/
 *
 * An installation may be moved as a whole (DESTDIR, a stage of the tests), so the place is taken
 * from /proc/self/exe first and from configure's prefix only if nothing is there.
 * Returns 0, or -1 when the file is in neither place.
 */
int kgr_install_path(char *buf, size_t size, const char *kind, const char *name);

#endif
