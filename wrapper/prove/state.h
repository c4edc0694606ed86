/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whose objects a module's functions use, the kernel's or the patch's own, and whether that is as it should be. */
#ifndef KGR_STATE_H
#define KGR_STATE_H

#include <stdbool.h>

#include "elf/object.h"

/* One object that functions of the module use, or a function whose address they give away. */
struct kgr_state_row {
	char *unit; /* its source */
	char *object, *place; /* its name; the function that declares it, or NULL */
	char *kind; /* "guard", "lock", "static key", "lock class", "object", "function", "string" */
	char *kernel; /* what it is of the kernel's; NULL: the patch's own */
	char *rule; /* why it is that, or why it should not be */
	bool proved;
};

/* What functions of the module use instead of one object of a normal build. */
struct kgr_state_use {
	GSList *kernels; /* of struct kgr_ksym, not owned: what is there in the kernel */
	bool exported; /* what the module loader finds, the kernel's too */
	bool own; /* an object of the module's */
};

/* kgr_state_rows_new() - no rows yet, of struct kgr_state_row; g_ptr_array_unref() it */
GPtrArray *kgr_state_rows_new(void);

/* kgr_state_row_add() - add a copy of @row; its texts are the rows' from then on */
void kgr_state_row_add(GPtrArray *rows, const struct kgr_state_row *row);

/* kgr_state_is_object() - an object of at least a byte that can be written, and is no table of the kernel's */
bool kgr_state_is_object(const struct kgr_sym *sym);

/* kgr_state_judge() - add a row for every object of a unit that the module's functions use
 * @built, @normal: the unit as the kernel has it and as a normal build makes it; what DWARF says of
 *	their symbols has been read
 * @uses: struct kgr_sym of @normal -> struct kgr_state_use
 */
void kgr_state_judge(GPtrArray *rows, const char *unit, const struct kgr_obj *built,
		     const struct kgr_obj *normal, GHashTable *uses);

#endif
