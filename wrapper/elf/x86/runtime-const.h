/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Immediates that the kernel fills in at boot (arch/x86/include/asm/runtime-const.h, since 6.11). */
#ifndef KGR_RUNTIME_CONST_H
#define KGR_RUNTIME_CONST_H

#include "elf/object.h"

/* kgr_add_runtime_constants() - give each such immediate a relocation to the variable whose value it is
 *
 * Section runtime_TYPE_VARIABLE lists the places. From then on they are references like any other, of the
 * types KGR_REL_VALUE and KGR_REL_SHIFT. Returns false with @error set for entries that lead nowhere.
 */
bool kgr_add_runtime_constants(struct kgr_obj *obj, GError **error);

#endif
