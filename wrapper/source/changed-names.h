/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a diff changes in a file that other files may depend on, and what its changed lines depend on themselves. */
#ifndef KGR_CHANGED_NAMES_H
#define KGR_CHANGED_NAMES_H

#include "source/diff-parse.h"

/* Sets of char *. */
struct kgr_changed_names {
	GHashTable *brings; /* functions, objects, macros, types, enumerators: new to the file */
	GHashTable *changes; /* ... that are declared in another way, or are gone */
	GHashTable *members; /* of structures: new */
	GHashTable *other_members; /* ... declared in another way, or gone */
	GHashTable *types; /* structures, unions and enumerations that differ, a file's own too */
	GHashTable *touched; /* functions that differ, in whatever way, static ones too */
	GHashTable *uses; /* words of changed lines */
	GHashTable *reaches; /* ... that stand behind "." or "->" */
	GHashTable *mentions; /* all words of the file, before and after */
	GHashTable *includes; /* files that changed #include lines name */
};

/* kgr_changed_names_new() - of one file
 * @name: relative to the tree; what it ends in decides how it is read
 * @old, @patched: its text before and after; NULL: it is not there
 * @file: its hunks
 *
 * C is read as it stands, without macros being expanded. Of a .c file what is static is its own. Free it with
 * kgr_changed_names_free().
 */
struct kgr_changed_names *kgr_changed_names_new(const char *name, const char *old,
						const char *patched,
						const struct kgr_file_diff *file);

/* kgr_changed_names_free() - NULL is fine */
void kgr_changed_names_free(struct kgr_changed_names *names);

#endif
