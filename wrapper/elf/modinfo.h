/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The .modinfo section of a module: strings "key=value". */
#ifndef KGR_MODINFO_H
#define KGR_MODINFO_H

#include <glib.h>

/* kgr_modinfo_read() - all strings of a module's .modinfo, in their order
 *
 * The module may be compressed, if this system's libkmod reads that (kmod --version lists it).
 * Returns an array of char * to g_ptr_array_unref(), or NULL with @error set if the file cannot be
 * read or has no .modinfo.
 */
GPtrArray *kgr_modinfo_read(const char *path, GError **error);

/* kgr_modinfo_get() - the value of the first string with that key, or NULL; belongs to @info */
const char *kgr_modinfo_get(const GPtrArray *info, const char *key);

#endif
