/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Types that only the functions of one file know, and that live on their stacks alone. */
#ifndef KGR_STACK_TYPES_H
#define KGR_STACK_TYPES_H

#include "dwarf/dwarf-types.h"

/* kgr_container_use_fn - may somebody make something else, as a member of one, a pointer to one
 * (source/container-use.h)?
 * @names: of char *, variables and parameters that are one or point to one
 */
typedef bool (*kgr_container_use_fn)(void *arg, const struct kgr_type *type,
				     const GPtrArray *names);

/* kgr_is_on_stacks() - is every object of a type on a stack, in the frame of a function that knows it?
 * @built: the unit as the kernel has it
 * @container_use: NULL: the source is not known, so of a type with a structure inside it is taken to be so
 * @users: the names of these functions are added, if so; g_free() them
 * @why: what speaks against it, if not, for messages; g_free() it
 *
 * If they are all replaced, old functions see old objects only and new ones new ones, since no task goes from one to
 * the other in between: so its layout may change.
 */
bool kgr_is_on_stacks(struct kgr_obj *built, const struct kgr_type *type,
		      kgr_container_use_fn container_use, void *arg, GPtrArray *users, char **why);

#endif
