/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What /sys/kernel/kgraft says of the patches that are loaded. */
#ifndef KGR_LIVE_SYSFS_H
#define KGR_LIVE_SYSFS_H

#include <stdbool.h>
#include <glib.h>

/* kgr_live_name() - the name of the patch that "kgraft_foo", "kgraft-foo", "foo" or "dir/kgraft-foo.ko"
 * means: the one of a loaded patch, or else the one with the prefix "kgraft-"; g_free() it
 */
char *kgr_live_name(const char *given);

/* kgr_live_is_loaded() - is there such a patch? @patch is a name from kgr_live_name() here and below */
bool kgr_live_is_loaded(const char *patch);

/* kgr_live_read() - an attribute's text without the last newline, to g_free(); NULL if it cannot be read */
char *kgr_live_read(const char *patch, const char *attr);

/* kgr_live_write() - write an attribute; false with @error set, and with what the runtime says of it */
bool kgr_live_write(const char *patch, const char *attr, const char *value, GError **error);

/* kgr_live_entries() - the names in a directory, sorted (of char *, to g_ptr_array_unref()); none if
 * there is no such directory
 */
GPtrArray *kgr_live_entries(const char *path);

/* kgr_live_patches() - the names of all loaded patches, as kgr_live_entries() gives them */
GPtrArray *kgr_live_patches(void);

/* kgr_live_functions() - the functions that a patch replaces, of char *, "NAME" or "NAME [MODULE]" */
GPtrArray *kgr_live_functions(const char *patch);

/* kgr_live_state() - "patching", "patched", "unpatching" or "unpatched" */
const char *kgr_live_state(const char *patch);

#endif
