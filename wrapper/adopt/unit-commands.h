/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How Kbuild would compile units of an adopted kernel, without doing it. */
#ifndef KGR_UNIT_COMMANDS_H
#define KGR_UNIT_COMMANDS_H

#include "kernel/kernel-build.h"

/* kgr_unit_commands() - the commands of units
 * @sources: of char *, relative to the source
 *
 * Returns an array of struct kgr_record, made by kgr_record_of_command(), in the order of @sources; or NULL with @error set.
 */
GPtrArray *kgr_unit_commands(struct kgr_kernel *kernel, const GPtrArray *sources, GError **error);

#endif
