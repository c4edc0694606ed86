/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Types that only the functions of one file know, and that live on their stacks alone. */
#ifndef KGR_STACK_TYPES_H
#define KGR_STACK_TYPES_H

#include "dwarf/dwarf-types.h"

/* kgr_is_on_stacks() - is every object of a type on a stack, in the frame of a function that knows it?
 * @built: the unit as the kernel has it
 * @users: the names of these functions are added, if so; g_free() them
 * @why: what speaks against it, if not, for messages; g_free() it
 *
 * If they are all replaced, old functions see old objects only and new ones new ones, since no task goes from one to
 * the other in between: so its layout may change.
 */
bool kgr_is_on_stacks(struct kgr_obj *built, const struct kgr_type *type, GPtrArray *users,
		      char **why);

#endif
