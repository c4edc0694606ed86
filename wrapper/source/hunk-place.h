/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where in a file the hunks of a diff belong. */
#ifndef KGR_HUNK_PLACE_H
#define KGR_HUNK_PLACE_H

#include "source/diff-parse.h"

/* kgr_hunks_place() - find the line of @text at which each hunk of a file belongs
 * @text: the diff, for messages
 * @name: of the file, relative to the tree
 * @content, @size: of the file
 * @lines: out, by hunk: the line, 0-based
 * @notes: gets a char * for every hunk that is not at the line it names
 *
 * False with @error set, with file, hunk and lines named, if one has no place, more than one, or another one than its
 * heading says.
 */
bool kgr_hunks_place(const struct kgr_file_diff *file, const struct kgr_diff_text *text,
		     const char *name, const char *content, gsize size, guint *lines,
		     GPtrArray *notes, GError **error);

/* kgr_hunks_fit_somewhere() - does each hunk's old side stand somewhere in the text? */
bool kgr_hunks_fit_somewhere(const struct kgr_file_diff *file, const char *content, gsize size);

/* kgr_hunks_are_in() - does each hunk's new side: is the change there already? */
bool kgr_hunks_are_in(const struct kgr_file_diff *file, const char *content, gsize size);

#endif
