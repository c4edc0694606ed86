/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kernel's build does to an object after the compiler: objtool adds tables to it. */
#ifndef KGR_OBJTOOL_H
#define KGR_OBJTOOL_H

#include "kernel/kernel-build.h"
#include "units/unit.h"

/* kgr_objtool_all() - run objtool on what was compiled of all units, as the build did on the original
 * @dir: where a copy of the built object may be put
 * @jobs: how many programs may run at a time
 *
 * A build that waits with objtool for the linked vmlinux.o (IBT) leaves the built object as the
 * compiler made it; a copy in @dir goes through objtool, too, and becomes the unit's @finished.
 * Returns false with @error set.
 */
bool kgr_objtool_all(GPtrArray *units, const struct kgr_kernel *kernel, const char *dir, guint jobs,
		     GError **error);

#endif
