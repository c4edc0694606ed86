/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A diff whose parts need not all become the patch: which are left out, and why. */
#ifndef KGR_SPLIT_H
#define KGR_SPLIT_H

#include "source/changed-names.h"
#include "source/diff-parse.h"
#include "units/session.h"

enum kgr_split_state {
	KGR_SPLIT_IN, /* it is part of what is built */
	KGR_SPLIT_ABSENT, /* nothing of this kernel is made of it */
	KGR_SPLIT_OUT /* it is refused, or belongs to what is */
};

struct kgr_split_part;

/* One file of the diff. */
struct kgr_split_file {
	char *name; /* relative to the tree, after the diff; before, if the diff takes it away */
	const struct kgr_file_diff *diff;
	gsize start, end; /* where in the diff's text it stands */
	GHashTable *
		reads; /* set of char *: what its units were compiled from, relative to the tree; NULL: no .c file */
	GPtrArray *parts; /* of struct kgr_split_part, at least one; each of its hunks is in one */
	guint laid; /* how many of these the overlay has */
};

/* What is in or out as a whole: a file, or some of its hunks, see cut.h. */
struct kgr_split_part {
	struct kgr_split_file *file;
	GPtrArray *hunks; /* of struct kgr_hunk, in ascending order */
	GPtrArray *
		objects; /* of char *: nothing but their initial values; NULL: what else the file has */
	struct kgr_changed_names *names;
	GPtrArray *needs; /* of struct kgr_split_part: without one of these it cannot stay */
	GPtrArray *needed_by; /* the other way round */
	enum kgr_split_state state;
	guint round; /* in which it was left out */
	const struct kgr_split_part
		*cause; /* the one that was refused, perhaps itself; NULL if it is not out */
	char *why; /* of the one that was refused: the refusal */
};

struct kgr_split {
	struct kgr_diff_text *text;
	struct kgr_diff *diff;
	GPtrArray *files; /* of struct kgr_split_file, in the diff's order */
	GHashTable *by_name; /* old and new names -> struct kgr_split_file */
	guint round; /* how often it was judged */
};

/* kgr_split_new() - the parts of a diff
 * @session: has the kernel, and the overlay with all of the diff
 * @path: of the diff
 * @strip: see kgr_overlay_create()
 *
 * NULL with @error set if it cannot be read, or is more than one diff.
 */
struct kgr_split *kgr_split_new(struct kgr_session *session, const char *path, int strip,
				GError **error);

/* kgr_split_file_free() - of a struct kgr_split_file, with its parts; a GDestroyNotify */
void kgr_split_file_free(gpointer file);

/* kgr_split_part_new() - one more part of a file
 * @hunks: of struct kgr_hunk; becomes the part's own
 * @objects, @names: become its own, too
 */
struct kgr_split_part *kgr_split_part_new(struct kgr_split_file *file, GPtrArray *hunks,
					  GPtrArray *objects, struct kgr_changed_names *names);

/* kgr_split_part_label() - for people: "kernel/fork.c", or "kernel/fork.c (1 of 4 hunks: fork_ops)"; g_free() it */
char *kgr_split_part_label(const struct kgr_split_part *part);

/* kgr_split_free() - NULL is fine */
void kgr_split_free(struct kgr_split *split);
typedef struct kgr_split kgr_split;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kgr_split, kgr_split_free)

/* kgr_split_file() - the file of that name; NULL: the diff has none */
struct kgr_split_file *kgr_split_file(const struct kgr_split *split, const char *name);

/* kgr_split_count() - how many parts of a file are in that state */
guint kgr_split_count(const struct kgr_split_file *file, enum kgr_split_state state);

/* kgr_split_text() - what is in, as the diff that it is; g_bytes_unref() it */
GBytes *kgr_split_text(const struct kgr_split *split);

/* kgr_split_update() - have the overlay be the source with what is in */
bool kgr_split_update(struct kgr_split *split, struct kgr_overlay *overlay, GError **error);

/* kgr_split_leave_out() - leave a part out, with all that cannot stay without it; false if it is out already */
bool kgr_split_leave_out(struct kgr_split *split, struct kgr_split_part *part, const char *why);

/* kgr_split_refusal() - why the first part that was refused is out; NULL: none was */
const char *kgr_split_refusal(const struct kgr_split *split);

/* kgr_split_leave_absent_out() - leave out what nothing of this kernel is made of, unless something that is in needs it
 * @absent: of struct kgr_split_file of which something is in; those that stay are taken out of it
 */
void kgr_split_leave_absent_out(const struct kgr_split *split, GPtrArray *absent);

/* kgr_split_outdates() - was something left out in the last round of which no record tells who reads it? Then what is
 * remembered of units is no good any more
 */
bool kgr_split_outdates(const struct kgr_split *split);

#endif
