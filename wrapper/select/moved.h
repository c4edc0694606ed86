/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a diff takes from one file and puts into another. The running kernel has such a function at
 * its old place, where callers in other files go on calling it, so that is redirected to the new
 * one. A variable cannot move: its value would stay in the kernel's own.
 */
#ifndef KGR_MOVED_H
#define KGR_MOVED_H

#include "select/compared.h"

/* Where a symbol was before. */
struct kgr_moved {
	const struct kgr_compared *from;
	const struct kgr_sym *sym; /* of what the kernel has of that unit */
};

/* kgr_gone_new() - an empty list of what is no more where it was; g_hash_table_unref() it */
GHashTable *kgr_gone_new(void);

/* kgr_gone_add() - add what is gone (KGR_GONE) from one unit, which outlives the list */
void kgr_gone_add(GHashTable *gone, const struct kgr_compared *of);

/* kgr_find_moved() - which new functions of a unit did another file of its image have before?
 * @moved: gets them: struct kgr_sym of the patched object -> struct kgr_moved, which stays the list's
 *
 * Refuses a variable that moves, and one that the kernel has already by that name.
 */
bool kgr_find_moved(GHashTable *gone, const struct kgr_compared *of, GHashTable *moved,
		    GError **error);

#endif
