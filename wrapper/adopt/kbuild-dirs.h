/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What Kbuild makes of a source, and the directories that its top Makefile goes to for that. */
#ifndef KGR_KBUILD_DIRS_H
#define KGR_KBUILD_DIRS_H

#include <stdbool.h>

#include "kernel/kernel-build.h"

/* kgr_makes_constants() - is it C of which the build makes a header, besides the kernel (bounds.c, asm-offsets.c)? */
bool kgr_makes_constants(const char *source);

/* kgr_unit_object() - what it is compiled to; g_free() it
 *
 * "fs/namespace.o" of "fs/namespace.c", "kernel/bounds.s" of "kernel/bounds.c",
 * "kernel/vmlinux.lds" of "kernel/vmlinux.lds.S".
 */
char *kgr_unit_object(const char *source);

/* Why such a unit is refused: as tools/lib/bpf/relo_core.c, by kernel/bpf/Makefile of 6.1. */
#define KGR_RULE_OF_ITS_OWN                                                                        \
	"the kernel has code of it, which Kbuild compiles by a rule of its own; that is not supported for adopted kernels"

/* kgr_kbuild_dirs() - for each directory that make has to be called for an array of the objects below it
 * @objects: of char *, relative to the build directory; they stay the caller's
 *
 * g_hash_table_unref() it. NULL with @error set if one is compiled by a rule of its own, in another directory.
 */
GHashTable *kgr_kbuild_dirs(const struct kgr_kernel *kernel, const GPtrArray *objects,
			    GError **error);

#endif
