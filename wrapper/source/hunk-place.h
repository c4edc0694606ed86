/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where in a file the hunks of a diff belong. */
#ifndef KGR_HUNK_PLACE_H
#define KGR_HUNK_PLACE_H

#include "source/diff-parse.h"

/* A file that a diff changes, as it is. */
struct kgr_hunk_target {
	const struct kgr_diff_text *text; /* the diff, for messages */
	const char *name; /* of the file, relative to the tree */
	const char *content;
	gsize size;
};

/* kgr_hunks_place() - find the line of @target at which each hunk of @file belongs
 * @lines: out, by hunk: the line, 0-based
 * @notes: gets a char * for every hunk that is not at the line it names
 *
 * False with @error set, with file, hunk and lines named, if one has no place, more than one, or another one than its
 * heading says.
 */
bool kgr_hunks_place(const struct kgr_file_diff *file, const struct kgr_hunk_target *target,
		     guint *lines, GPtrArray *notes, GError **error);

/* kgr_hunks_fit_somewhere() - does each hunk's old side stand somewhere in the text? */
bool kgr_hunks_fit_somewhere(const struct kgr_file_diff *file, const char *content, gsize size);

/* kgr_hunks_are_in() - does each hunk's new side: is the change there already? */
bool kgr_hunks_are_in(const struct kgr_file_diff *file, const char *content, gsize size);

#endif
