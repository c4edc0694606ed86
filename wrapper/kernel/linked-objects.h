/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which compiled objects of the kernel and its modules have no record. */
#ifndef KGR_LINKED_OBJECTS_H
#define KGR_LINKED_OBJECTS_H

#include "kernel/build-index.h"

/* kgr_unrecorded() - the objects that a compiler made, that are linked into vmlinux or a module, and that
 * have no record
 * @index: of @build, read; the answer is stored in it, so that it costs something once
 *
 * Returns an array of char *, full names, which stays the index's; NULL with @error set if it is not known
 * what was linked.
 */
const GPtrArray *kgr_unrecorded(struct kgr_build_index *index, const char *build, GError **error);

/* kgr_all_recorded() - has every compiled object a record? To be asked before any question about all units
 * @index: of @build, read
 *
 * False with @error set, a refusal that names objects that have none.
 */
bool kgr_all_recorded(struct kgr_build_index *index, const char *build, GError **error);

/* kgr_command_names() - does the .cmd file of @object name @file (a full or relative path) as what it was made
 * of? By the last part of the name: what cannot be told, or cannot be read, does.
 */
bool kgr_command_names(const char *object, const char *file);

#endif
