/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a module says of what is new in it that the kernel may keep its address. */
#ifndef KGR_PROVE_ESCAPES_H
#define KGR_PROVE_ESCAPES_H

#include "prove/module-reader.h"
#include "units/unit.h"

/* kgr_prove_escapes() - add a row for everything new of a unit whose address the kernel may keep
 * @rows: of struct kgr_state_row
 * @built, @normal: the unit as the kernel has it and as a normal build makes it; what DWARF says of their symbols has been
 *	read
 * @uses: what the module's functions use, as for kgr_state_judge()
 *
 * Returns false with @error set if code of the module cannot be decoded.
 */
bool kgr_prove_escapes(const struct kgr_module_reader *module, GPtrArray *rows,
		       const struct kgr_unit *unit, const struct kgr_obj *built,
		       const struct kgr_obj *normal, GHashTable *uses, GError **error);

#endif
