/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compressed files, told by their names, and compressed data, told by how it begins. */
#ifndef KGR_UNPACK_H
#define KGR_UNPACK_H

#include <glib.h>

/* kgr_unpacked() - the name of a file with the unpacked content of @path; g_free() it
 *
 * That is @path itself, or if its name ends with .gz, .xz, .zst or .bz2 a copy in kgr_temp_dir(), unpacked by
 * the program that made it, which has to be installed. NULL with @error set if that fails.
 */
char *kgr_unpacked(const char *path, GError **error);

/* kgr_unpack_bytes() - the same for what is in memory, whatever its name
 * @what: what it is, for the error
 *
 * Returns a reference, to @bytes itself if it is not compressed; or NULL with @error set.
 */
GBytes *kgr_unpack_bytes(GBytes *bytes, const char *what, GError **error);

#endif
