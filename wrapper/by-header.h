/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a changed header to what it changes. */
#ifndef KGR_BY_HEADER_H
#define KGR_BY_HEADER_H

#include "kernel.h"
#include "replay.h"
#include "shadow.h"

/* kgr_keep_changed() - of the units that only a header brought, keep those that it changes
 * @headers: absolute paths; may be empty
 * @commands: of struct kgr_record, what was made without a record: assembly, generated constants
 * @dir: for files that are in the way soon
 * @dropped: how many units were not kept
 *
 * Each is preprocessed as it was and patched, and what that gives is compared (tokens.h). Refuses if it
 * differs where nothing can be replaced.
 */
bool kgr_keep_changed(GPtrArray *units, GPtrArray *commands, struct kgr_shadow *shadow,
		      const char *dir, guint jobs, guint *dropped, GError **error);

/* kgr_command_read() - what a .cmd file of Kbuild says was run, if it is assembly or makes assembly, and
 * names one of @headers; else NULL
 */
struct kgr_record *kgr_command_read(const struct kgr_kernel *kernel, const char *path,
				    const GPtrArray *headers);

#endif
