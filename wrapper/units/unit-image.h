/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a recorded compilation to what it was linked into. */
#ifndef KGR_UNIT_IMAGE_H
#define KGR_UNIT_IMAGE_H

#include "kernel/kernel-build.h"
#include "units/unit.h"

/* kgr_unit_image() - vmlinux or the module that holds a unit's object
 *
 * The image stays the kernel's. NULL with @error set if there is no such module, or it cannot be read.
 */
struct kgr_image *kgr_unit_image(struct kgr_kernel *kernel, const struct kgr_unit *unit,
				 GError **error);

#endif
