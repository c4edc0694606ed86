/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files that a diff brings or takes away, and the Makefiles that list them: nothing else of a Makefile may
 * change.
 */
#ifndef KGR_MAKEFILE_LISTS_H
#define KGR_MAKEFILE_LISTS_H

#include "source/source-overlay.h"

/* A file's place in a Makefile: "VARIABLE += OBJECT". */
struct kgr_makefile_entry {
	char *file; /* the source, relative to the tree: "fs/ext4/new.c" */
	char *makefile; /* relative to the tree, too */
	char *variable; /* "obj-y", "ext4-$(CONFIG_X)", ... */
	bool conditional; /* between an if and its end */
	GPtrArray *beside; /* of char *: the sources that the same list had before the diff */
	char *was; /* the source that it takes the place of; NULL if there is none, or are several */
};

/* kgr_is_added() - do the overlay's diffs make this file?
 * @file: relative to the tree; false if the diffs do not touch it
 */
bool kgr_is_added(const struct kgr_overlay *overlay, const char *file);

/* kgr_is_removed() - do the overlay's diffs delete this file?
 * @file: as for kgr_is_added()
 */
bool kgr_is_removed(const struct kgr_overlay *overlay, const char *file);

/* kgr_is_makefile() - is it a Makefile or a Kbuild file, by its name? */
bool kgr_is_makefile(const char *file);

/* kgr_makefile_lists() - do the diffs change no more of a Makefile than which files it lists, and these are
 * ones that they bring or take away?
 * @makefile: relative to the tree
 */
bool kgr_makefile_lists(const struct kgr_overlay *overlay, const char *makefile);

/* kgr_find_makefile_entry() - where a Makefile that the diffs touch lists a file that they bring
 * @file: relative to the tree
 *
 * Free it with kgr_makefile_entry_free(). NULL if no Makefile lists it.
 */
struct kgr_makefile_entry *kgr_find_makefile_entry(const struct kgr_overlay *overlay,
						   const char *file);

/* kgr_makefile_entry_free() - free an entry; NULL is fine */
void kgr_makefile_entry_free(struct kgr_makefile_entry *entry);

typedef struct kgr_makefile_entry kgr_makefile_entry;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kgr_makefile_entry, kgr_makefile_entry_free)

#endif
