/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was given as a diff, read as git reads it: a file, standard input, compressed, a mail or a mailbox. */
#ifndef KGR_DIFF_INPUT_H
#define KGR_DIFF_INPUT_H

#include <stdbool.h>
#include <glib.h>

/* The text of one diff: of a file, or of one mail of a mailbox. */
struct kgr_diff_text {
	char *name; /* of the file, as people gave it */
	GBytes *text; /* with a NUL behind it */
	guint line; /* of the file, at which the text begins, from 1; 0: it was decoded, and has none */
};

/* kgr_diff_read() - append to @texts what a file holds, of struct kgr_diff_text
 * @path: "-" is standard input
 * @dir: for temporary files
 * @texts: frees its entries with kgr_diff_text_free()
 *
 * gzip, xz, zstd and bzip2 are unpacked. Of a mail, what git mailinfo takes for its diff: not its message. A mail
 * without any is left out. Refused: nothing in it, colour codes, data that is no text.
 */
bool kgr_diff_read(const char *path, const char *dir, GPtrArray *texts, GError **error);

/* kgr_diff_text_new() - @text as a diff; it is taken */
struct kgr_diff_text *kgr_diff_text_new(const char *name, GBytes *text, guint line);

/* kgr_diff_text_free() - free a struct kgr_diff_text; a GDestroyNotify. NULL is not allowed */
void kgr_diff_text_free(gpointer text);

/* kgr_diff_place() - "NAME:LINE" of a line of the text, from 1; g_free() it */
char *kgr_diff_place(const struct kgr_diff_text *text, guint line);

#endif
