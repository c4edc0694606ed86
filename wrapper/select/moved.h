/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a diff takes from one file and puts into another. To the kernel a function that moves is the old one still, and
 * its callers, whom no diff touches, have to be led to the new one. A variable cannot move: the kernel's would be left
 * behind, with what is in it.
 */
#ifndef KGR_MOVED_H
#define KGR_MOVED_H

#include "kernel/linked-image.h"
#include "elf/object.h"
#include "units/unit.h"

/* Where a symbol was before. */
struct kgr_moved {
	const struct kgr_unit *unit;
	const struct kgr_image *image;
	struct kgr_obj *built;
	struct kgr_sym *sym;
};

/* kgr_gone_new() - an empty list of what is no more where it was; g_hash_table_destroy() it */
GHashTable *kgr_gone_new(void);

/* kgr_gone_add() - add what is gone (KGR_GONE) from one unit
 * @built: what the kernel has of it; it and the others outlive the list
 */
void kgr_gone_add(GHashTable *gone, const struct kgr_unit *unit, const struct kgr_image *image,
		  struct kgr_obj *built);

/* kgr_find_moved() - set moved of each new function of @patched that another file of @image had before
 *
 * Refuses a variable that moves, and one that the kernel has already by that name.
 */
bool kgr_find_moved(GHashTable *gone, const struct kgr_unit *unit, const struct kgr_image *image,
		    struct kgr_obj *patched, GError **error);

#endif
