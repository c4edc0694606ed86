/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that are there whole or not at all, how many may be open, and those that came with kgraft. */
#ifndef KGR_FILES_H
#define KGR_FILES_H

#include <stdbool.h>
#include <glib.h>

/* kgr_copy_file() - copy a file's content to @dir/@name, which is replaced if it is there
 *
 * False with @error set if one cannot be read or the other not be written.
 */
bool kgr_copy_file(const char *from, const char *dir, const char *name, GError **error);

/* kgr_check_output() - could a file be written to @path? Said before the work that makes it
 * @inputs: files that must not be replaced, ended by NULL; or NULL
 *
 * Only a regular file is ever replaced: no directory, device, pipe or link. False with @error set if it cannot.
 */
bool kgr_check_output(const char *path, char *const *inputs, GError **error);

/* kgr_install_file() - copy @from to @to by way of a temporary file beside it and a rename
 *
 * False with @error set if that fails; @to is then what it was.
 */
bool kgr_install_file(const char *from, const char *to, GError **error);

/* kgr_allow_open_files() - let this process, and what it runs, have as many files open as it may
 *
 * False with @error set if these are too few to work with.
 */
bool kgr_allow_open_files(GError **error);

/* kgr_path_below() - @path relative to the directory @dir, as part of @path; "" if it is @dir, NULL if it is elsewhere
 *
 * Both are canonical and absolute. "/src/linux-other/a.c" is not below "/src/linux".
 */
const char *kgr_path_below(const char *dir, const char *path);

/* kgr_installed() - the full name, in @path of PATH_MAX bytes, of a file that came with kgraft, below
 * share/kgraft; false with @error set if it is not there
 */
bool kgr_installed(char *path, const char *name, GError **error);

#endif
