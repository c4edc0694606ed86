/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A private look-alike of the source tree with the diffs applied: real directories along the paths
 * of patched files, real copies of those files, symbolic links to the source for all else.
 */
#ifndef KGR_SOURCE_OVERLAY_H
#define KGR_SOURCE_OVERLAY_H

#include <stdbool.h>
#include <glib.h>

struct kgr_overlay {
	char *source; /* the tree it stands for */
	char *root; /* where it is; as long a name as the tree's, if that can be */
	char *plain; /* a directory: files as the diffs leave them, where #line was added */
	GHashTable *plains; /* name in files -> its path there */
	GHashTable *
		versions; /* name in files -> how often it was put there; see kgr_overlay_version() */
	GPtrArray *diffs; /* of GBytes: the diffs as they were applied, in that order */
	GPtrArray *files; /* what the diffs touch, relative to the root, sorted */
	GPtrArray *notes; /* of char *: hunks that landed at other lines than they say */
};

/* kgr_overlay_create() - make the overlay of @source below @dir, with @diffs applied in order
 * @diffs: names of files as kgr_diff_read() takes them, ending with NULL
 * @strip: how many leading directories the names in them have too many; KGR_STRIP_UNKNOWN: that is found out
 *
 * A diff that does not apply exactly is refused with the hunk named. In the patched files line
 * numbers are set back with #line behind each change, so that what follows it compiles to what it
 * was: __LINE__ is the only thing in it that the diff would have changed.
 */
struct kgr_overlay *kgr_overlay_create(const char *source, const char *dir, char *const *diffs,
				       int strip, GError **error);

/* kgr_overlay_drop_line_directives() - from now on patched files have their own line numbers: for
 * what a compiler says of them to people, and no good for objects
 */
bool kgr_overlay_drop_line_directives(struct kgr_overlay *overlay, GError **error);

/* kgr_overlay_has() - is a file, relative to the source, one that the diffs touch? */
bool kgr_overlay_has(const struct kgr_overlay *overlay, const char *file);

/* kgr_overlay_text() - a file as the diffs leave it, without #line; NULL if it is not there; g_free() it */
char *kgr_overlay_text(const struct kgr_overlay *overlay, const char *file);

/* kgr_overlay_put() - have a file of the overlay be what a part of its diff makes of it, see kgr_overlay_set_diff() */
bool kgr_overlay_put(struct kgr_overlay *overlay, const char *file, const GString *text,
		     GError **error);

/* kgr_overlay_version() - how often that was done with a file */
guint kgr_overlay_version(const struct kgr_overlay *overlay, const char *file);

/* kgr_overlay_leave_out() - have a file be again what it is in the source, or not be there
 *
 * It is no file of the overlay any more, and the diffs do not fit, see kgr_overlay_set_diff().
 */
bool kgr_overlay_leave_out(struct kgr_overlay *overlay, const char *file, GError **error);

/* kgr_overlay_set_diff() - the diff that would have made the overlay what it is now, instead of
 * those that were applied
 */
void kgr_overlay_set_diff(struct kgr_overlay *overlay, GBytes *diff);

/* kgr_overlay_free() - forget an overlay; its files stay until its directory is removed */
void kgr_overlay_free(struct kgr_overlay *overlay);

/* kgr_overlay_make_dir() - make @path (a directory, relative to the root) a real one whose entries are
 * links to the source's
 */
bool kgr_overlay_make_dir(struct kgr_overlay *overlay, const char *path, GError **error);

/* kgr_overlay_make_way() - have a name lead to where it does in the source, though ".." is in it
 * @dir: what relative names are relative to
 * @file: a file of the source as somebody names it, "../" at any place; others are left alone
 *
 * Behind a link to the source's directory ".." is the source, with files as they were: so
 * directories before a ".." become real, and the file's own, from which its includes may climb.
 */
bool kgr_overlay_make_way(struct kgr_overlay *overlay, const char *dir, const char *file,
			  GError **error);

/* kgr_overlay_restore_names() - have an object that was compiled in the overlay name the source tree instead
 *
 * UBSAN's and KASAN's descriptions have the names of files as the compiler was given them, which no option maps. Where
 * the source tree's name is too short for the overlay to have one as long, they keep the overlay's: then functions with
 * such descriptions seem to have changed.
 */
bool kgr_overlay_restore_names(const struct kgr_overlay *overlay, const char *object,
			       GError **error);

/* kgr_overlay_map_path() - a compiler's argument with the source tree turned to the overlay, see kgr_map_path() */
char *kgr_overlay_map_path(const struct kgr_overlay *overlay, const char *arg);

#endif
