/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Applying a diff to a private tree. */
#ifndef KGR_DIFF_APPLY_H
#define KGR_DIFF_APPLY_H

#include "source/diff-parse.h"

/* kgr_diff_apply() - apply a diff, whose names are known, to the files below @root
 * @root: where the files that the diff changes are regular ones, in real directories; nothing else is touched
 * @dir: for temporary files
 * @notes: gets a char * for every hunk that lands at another line than it says
 *
 * All or nothing as far as files are independent of each other. False with @error set, see kgr_hunks_place(), if a hunk
 * does not fit, or if the diff is in the source already.
 */
bool kgr_diff_apply(const struct kgr_diff *diff, const char *root, const char *dir,
		    GPtrArray *notes, GError **error);

#endif
