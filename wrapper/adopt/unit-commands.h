/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How Kbuild would compile units of an adopted kernel, without doing it. */
#ifndef KGR_UNIT_COMMANDS_H
#define KGR_UNIT_COMMANDS_H

#include "kernel/kernel-build.h"

/* kgr_unit_commands() - the commands of units, and of what else Kbuild compiles (kgr_unit_object())
 * @sources: of char *, relative to the source
 *
 * Returns an array of struct kgr_record, made by kgr_record_of_command(), in the order of @sources;
 * or NULL with @error set. An element is NULL if nothing of that source is linked into what its
 * place is there for (struct kgr_arch_place): it is a program's.
 */
GPtrArray *kgr_unit_commands(struct kgr_kernel *kernel, const GPtrArray *sources, GError **error);

#endif
