/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A unified diff as structures: files, their hunks, the lines of these. */
#ifndef KGR_DIFF_PARSE_H
#define KGR_DIFF_PARSE_H

#include <stdbool.h>
#include <glib.h>

#include "source/diff-input.h"

/* A line of a text, with its newline if it has one; points into the text. */
struct kgr_text_line {
	const char *at;
	gsize len;
};

struct kgr_hunk {
	guint line; /* of the diff's text, at which its header stands */
	guint old_start, old_count, new_start, new_count; /* as the header says, from 1 */
	struct kgr_text_line heading; /* behind the second "@@", trimmed; len 0: none */
	GArray *before, *after; /* of struct kgr_text_line: what it wants, and what it puts there */
	guint leading, trailing; /* lines of context before its first change, and behind its last */
	const char *body; /* its lines as they stand in the diff */
	gsize size;
};

struct kgr_file_diff {
	guint line; /* of the diff's text, at which it begins */
	char *header; /* all before the first hunk, with "/./" and "//" made "/" */
	const char *binary; /* what stands there instead of hunks; or NULL */
	gsize binary_size;
	GPtrArray *hunks; /* of struct kgr_hunk, in ascending order, without overlap */
	guint added, removed; /* lines */
	bool created, deleted; /* as the header says, or a hunk of nothing but one side */
	bool renamed, copied;
	bool link; /* what it makes or changes is a symbolic link, or a submodule */
	bool prefixed; /* its names begin with a/ and b/ */
	bool reversed; /* with b/ and a/ */
	char *old_name,
		*new_name; /* from kgr_diff_find_names(); NULL: it creates, or deletes, the file */
};

struct kgr_diff {
	const struct kgr_diff_text *text;
	GPtrArray *files; /* of struct kgr_file_diff, in the diff's order */
	int strip; /* from kgr_diff_find_names() */
};

/* kgr_diff_parse() - the files and hunks of a diff, which points into @text
 *
 * As git apply reads: what does not begin a diff of a file is passed over. But nothing of a diff is passed over: what
 * git would ignore without a word (lines behind the end of a hunk, context diffs, "Only in") is refused, as is a hunk
 * that is not as long as its header says, a name that is absolute or leads upwards, and one out of order.
 * Names are not read here, see kgr_diff_find_names(). Without any file it is empty; NULL with @error set if refused.
 */
struct kgr_diff *kgr_diff_parse(const struct kgr_diff_text *text, GError **error);

/* kgr_diff_free() - free a diff with its files and hunks; the text stays the caller's. NULL is fine
 */
void kgr_diff_free(struct kgr_diff *diff);

/* kgr_by_line() - orders hunks as they stand in the diff; a GCompareFunc of pointers to them */
gint kgr_by_line(gconstpointer a, gconstpointer b);

/* kgr_split_lines() - the lines of a text, of struct kgr_text_line */
GArray *kgr_split_lines(const char *text, gsize size);

/* kgr_same_line() - are they the same, newline included? */
bool kgr_same_line(const struct kgr_text_line *a, const struct kgr_text_line *b);

#endif
