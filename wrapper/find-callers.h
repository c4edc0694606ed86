/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From functions that cannot be redirected to the recorded compilations that call them. */
#ifndef KGR_FIND_CALLERS_H
#define KGR_FIND_CALLERS_H

#include "build-files.h"
#include "kernel.h"
#include "replay.h"
#include "select.h"

/* kgr_find_callers() - the units of the same image that refer to a bypassed function of another file
 * @files: of the build directory; read if they were not yet
 * @units: those that are known already
 * @found: gets the others, to be freed with kgr_unit_free()
 *
 * Refuses, with @bypassed marked impossible, if something refers to it that cannot be compiled again:
 * assembly for example.
 */
bool kgr_find_callers(struct kgr_kernel *kernel, struct kgr_build_files *files,
		      struct kgr_bypassed *bypassed, const GPtrArray *units, GPtrArray *found,
		      GError **error);

#endif
