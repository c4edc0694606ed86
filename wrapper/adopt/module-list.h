/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The modules of a package. */
#ifndef KGR_MODULE_LIST_H
#define KGR_MODULE_LIST_H

#include <stdbool.h>
#include <glib.h>

/* kgr_list_modules() - the names of all *.ko below @dir, relative to it, sorted; g_ptr_array_unref() it */
GPtrArray *kgr_list_modules(const char *dir);

/* kgr_unpack_modules() - make *.ko of all *.ko.xz (Debian since 6.5), *.ko.zst and *.ko.gz below @dir
 *
 * False with @error set if one is damaged, or the program for it is not installed.
 */
bool kgr_unpack_modules(const char *dir, GError **error);

#endif
