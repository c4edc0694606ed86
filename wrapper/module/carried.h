/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a module tells of itself: modinfo, the report, the diffs. */
#ifndef KGR_CARRIED_H
#define KGR_CARRIED_H

#include "elf/elf-writer.h"
#include "module/report.h"

/* kgr_carried_info() - lines "key=value" for modinfo, of char *; g_ptr_array_unref() it
 * @diffs: their names
 * @old: of struct kgr_patched_func, what is replaced
 */
GPtrArray *kgr_carried_info(char **diffs, const GPtrArray *old);

/* kgr_carry() - add sections with the report, and with each diff as it was applied
 * @diffs: of GBytes
 */
void kgr_carry(struct kgr_out_obj *graft, const struct kgr_report *report, const GPtrArray *diffs);

#endif
