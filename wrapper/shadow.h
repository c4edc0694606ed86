/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A private look-alike of the source tree with the diffs applied: real directories along the paths
 * of patched files, real copies of those files, symbolic links to the source for all else.
 */
#ifndef KGR_SHADOW_H
#define KGR_SHADOW_H

#include <stdbool.h>
#include <glib.h>

struct kgr_shadow {
	char *source; /* the tree it stands for */
	char *root; /* where it is; as long a name as the tree's, if that can be */
	GPtrArray *files; /* what the diffs touch, relative to the root, sorted */
	GHashTable *
		texts; /* file in the shadow -> char *, as the diffs leave it, where #line was added */
};

/* kgr_shadow_make() - make the shadow of @source below @dir, with @diffs applied in order
 *
 * A diff that does not apply exactly is refused with the hunk named. In the patched files line
 * numbers are set back with #line behind each change, so that what follows it compiles to what it
 * was: __LINE__ is the only thing in it that the diff would have changed.
 */
struct kgr_shadow *kgr_shadow_make(const char *source, const char *dir, char *const *diffs,
				   GError **error);

/* kgr_shadow_renumber() - from now on patched files have their own line numbers: for what a compiler says of them to
 * people, and no good for objects
 */
bool kgr_shadow_renumber(struct kgr_shadow *shadow, GError **error);
void kgr_shadow_free(struct kgr_shadow *shadow);

/* kgr_shadow_spine() - make @path (a directory, relative to the root) a real one whose entries are
 * links to the source's
 */
bool kgr_shadow_spine(struct kgr_shadow *shadow, const char *path, GError **error);

/* kgr_shadow_unname() - have an object that was compiled in the shadow name the source tree instead
 *
 * UBSAN's and KASAN's descriptions have the names of files as the compiler was given them, which no option maps. Where
 * the source tree's name is too short for the shadow to have one as long, they keep the shadow's: then functions with
 * such descriptions seem to have changed.
 */
bool kgr_shadow_unname(const struct kgr_shadow *shadow, const char *object, GError **error);

/* kgr_shadow_text() - @text with every mention of the source tree turned to the shadow */
char *kgr_shadow_text(const struct kgr_shadow *shadow, const char *text);

#endif
