/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Does a patch module hold what a normal build of the patched source makes? */
#ifndef KGR_PROVE_MODULE_H
#define KGR_PROVE_MODULE_H

#include "units/session.h"

/* How much was compared and is the same. */
struct kgr_proved {
	guint functions, instructions, references, entries; /* the latter: of the kernel's tables */
};

/* kgr_prove_module() - compare a module with units that were compiled normally (kgr_compile_normally())
 * @session: has the kernel, and the overlay with the diffs applied
 * @units: of struct kgr_unit, all that the diffs touch
 * @module: the .ko; NULL: there is none, so no function of the units may have changed
 *
 * False with @error set: KGR_REFUSED if a function of the module is not what a normal build makes, or one that changed is
 * not in the module; KGR_TROUBLE if something cannot be read.
 */
bool kgr_prove_module(struct kgr_session *session, const GPtrArray *units, const char *module,
		      struct kgr_proved *out, GError **error);

#endif
