/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A diff as text again, for git apply. */
#ifndef KGR_DIFF_WRITE_H
#define KGR_DIFF_WRITE_H

#include "source/diff-parse.h"

/* kgr_file_diff_write() - what was read of a file's diff, and nothing else
 * @lines: where each hunk shall land, 0-based; NULL: where it says itself
 */
GString *kgr_file_diff_write(const struct kgr_file_diff *file, const guint *lines);

/* kgr_file_diff_patch() - what a text becomes by the hunks, each at the lines that it names; g_string_free() it
 *
 * NULL if one does not stand there.
 */
GString *kgr_file_diff_patch(const struct kgr_file_diff *file, const char *old, gsize size);

#endif
