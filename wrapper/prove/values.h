/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Are the values that a module writes to the kernel's data those of a normal build? */
#ifndef KGR_PROVE_VALUES_H
#define KGR_PROVE_VALUES_H

#include "prove/module-reader.h"
#include "units/unit.h"

/* kgr_prove_values() - judge the module's values of objects that a unit has
 * @rows: gets a row for each of them, see state.h
 * @built, @normal: the unit as the kernel has it and as a normal build makes it
 */
void kgr_prove_values(struct kgr_module_reader *view, GPtrArray *rows, const struct kgr_unit *unit,
		      struct kgr_obj *built, struct kgr_obj *normal);

#endif
