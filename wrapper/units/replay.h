/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compiling a recorded unit again, with the diff applied. */
#ifndef KGR_REPLAY_H
#define KGR_REPLAY_H

#include "kernel/kernel-build.h"
#include "source/source-overlay.h"
#include "units/unit.h"

/* kgr_replay() - make patched of all units, with one section per function and object, and through objtool
 * as the kernel's own build does
 * @dir: where to put them
 * @jobs: how many programs may run at a time
 *
 * What the unit was before is @built: the recorded build's own object, not another compilation. Refuses if
 * an input or the compiler is not what was recorded. Returns false with @error set; a patched source that
 * does not compile is KGR_COMPILE with the compiler's words in the message.
 */
bool kgr_replay(GPtrArray *units, struct kgr_overlay *overlay, const struct kgr_kernel *kernel,
		const char *dir, guint jobs, GError **error);

/* kgr_compile_normally() - make normal of all units: the recorded command, with nothing of ours
 *
 * Parameters and errors as above.
 */
bool kgr_compile_normally(GPtrArray *units, struct kgr_overlay *overlay,
			  const struct kgr_kernel *kernel, const char *dir, guint jobs,
			  GError **error);

#endif
