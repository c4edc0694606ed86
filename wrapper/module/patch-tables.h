/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of kgraft-abi.h that tell the runtime of the patch, as data of the graft. */
#ifndef KGR_PATCH_TABLES_H
#define KGR_PATCH_TABLES_H

#include "module/patch-module.h"

/* kgr_add_patch_tables() - kgr_patch, with all that it points to, and kgr_link_NAME for what the runtime
 * uses of the kernel; into @module's graft
 *
 * It may add symbols to @module->objects. False with @error set, a refusal, for a kernel that lacks what the runtime
 * needs.
 */
bool kgr_add_patch_tables(const struct kgr_patch_module *module, GError **error);

#endif
