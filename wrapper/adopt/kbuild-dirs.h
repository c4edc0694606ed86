/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From objects of the kernel's to the directories that Kbuild's top Makefile goes to for them. */
#ifndef KGR_KBUILD_DIRS_H
#define KGR_KBUILD_DIRS_H

#include "kernel/kernel-build.h"

/* kgr_unit_object() - "fs/namespace.o" of "fs/namespace.c"; g_free() it */
char *kgr_unit_object(const char *source);

/* kgr_kbuild_dirs() - for each directory that make has to be called for an array of the objects below it
 * @objects: of char *, relative to the build directory; they stay the caller's
 *
 * g_hash_table_unref() it.
 */
GHashTable *kgr_kbuild_dirs(const struct kgr_kernel *kernel, const GPtrArray *objects);

#endif
