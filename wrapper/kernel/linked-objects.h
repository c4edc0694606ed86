/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which compiled objects of what is to be patched have no record: of the kernel and its modules, or
 * of external modules.
 */
#ifndef KGR_LINKED_OBJECTS_H
#define KGR_LINKED_OBJECTS_H

#include "kernel/build-index.h"
#include "kernel/kernel-build.h"

/* kgr_modules_order() - the modules that were made in a directory, as its modules.order has them
 *
 * Returns an array of char *, full names without the suffix; g_ptr_array_unref() it. NULL with @error set if there is no
 * such list.
 */
GPtrArray *kgr_modules_order(const char *dir, GError **error);

/* kgr_unrecorded() - the objects that a compiler made, that are linked into vmlinux or a module, and that
 * have no record
 * @index: of kgr_kernel_objects(), read; the answer is stored in it, so that it costs something once
 *
 * Returns an array of char *, full names, which stays the index's; NULL with @error set if it is not known
 * what was linked.
 */
const GPtrArray *kgr_unrecorded(struct kgr_build_index *index, const struct kgr_kernel *kernel,
				GError **error);

/* kgr_all_recorded() - has every compiled object a record? To be asked before any question about all units
 * @index: as for kgr_unrecorded()
 *
 * False with @error set, a refusal that names objects that have none.
 */
bool kgr_all_recorded(struct kgr_build_index *index, const struct kgr_kernel *kernel,
		      GError **error);

/* kgr_command_names() - does the .cmd file of @object name @file (a full or relative path) as what it was made
 * of? By the last part of the name: what cannot be told, or cannot be read, does.
 */
bool kgr_command_names(const char *object, const char *file);

#endif
