/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which files of the tree a diff is about, and how many leading directories its names have too many (-p). */
#ifndef KGR_DIFF_NAMES_H
#define KGR_DIFF_NAMES_H

#include "source/diff-parse.h"

#define KGR_STRIP_UNKNOWN (-1)

/* kgr_diff_find_names() - give every file of the diff its names, relative to the tree
 * @tree: with all earlier diffs applied
 * @dir: for temporary files
 * @strip: how many leading directories to take off; KGR_STRIP_UNKNOWN: as many as make all files that the diff changes
 *	be in the tree
 *
 * Where several fit, names with a/ and b/ are git's and lose one directory; else it has to be the only one with which
 * all hunks have a place. Refused, with the files named: none fits, or several do.
 */
bool kgr_diff_find_names(struct kgr_diff *diff, const char *tree, const char *dir, int strip,
			 GError **error);

#endif
