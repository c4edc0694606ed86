/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which hunks of a file stay or go together. */
#ifndef KGR_CUT_H
#define KGR_CUT_H

#include "split/split.h"

/* kgr_split_cut() - fill in the parts of a file
 * @old, @patched: its text before and after; NULL: it is not there
 */
void kgr_split_cut(struct kgr_split_file *file, const char *old, const char *patched);

#endif
