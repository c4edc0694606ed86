/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where one unit uses a type: may an object of it outlive the functions that know it? If not, its layout may
 * change when all of them are replaced.
 */
#ifndef KGR_TYPE_ESCAPE_H
#define KGR_TYPE_ESCAPE_H

#include "elf/object.h"

typedef struct kgr_type_escape kgr_type_escape;

struct kgr_type_escape {
	char *source; /* what the unit was compiled from */
	char *escape; /* what is one, or may point to one, that is not on a stack alone; NULL: nothing */
	GPtrArray *users; /* of char *: functions, as DWARF names them, whose code uses one */
	char *nested; /* a member that is a structure, from which one may be come back to; NULL: none */
	GPtrArray *names; /* of char *: variables and parameters that are one or point to one */
	GPtrArray *given; /* of char *: functions that are given a pointer to one */
};

/* kgr_find_type_escape() - the uses of a structure or union that only this unit knows
 * @type: "struct foo"
 *
 * A local variable is on a stack, and a pointer that a local function is given points there if its
 * callers have nothing else to give: a pointer in a variable, in an object, or for functions of
 * other files may point anywhere. From a structure inside of one a pointer to it may be made again
 * (container_of()), of which DWARF says nothing: see @nested.
 *
 * Returns false if the DWARF is damaged. Clear @uses in any case.
 */
bool kgr_find_type_escape(struct kgr_obj *obj, const char *type, struct kgr_type_escape *uses);

/* kgr_type_escape_clear() - free what kgr_find_type_escape() filled in */
void kgr_type_escape_clear(struct kgr_type_escape *uses);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(kgr_type_escape, kgr_type_escape_clear)

#endif
