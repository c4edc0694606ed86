/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Does a patch module hold what a normal build of the patched source makes? */
#ifndef KGR_PROVE_MODULE_H
#define KGR_PROVE_MODULE_H

#include "units/session.h"

/* How much was compared and is the same. */
struct kgr_proved {
	guint functions, instructions, references, entries; /* the latter: of the kernel's tables */
	GPtrArray *state; /* of struct kgr_state_row, also of what is not proved */
};

/* kgr_proved_clear() - free what it holds */
void kgr_proved_clear(struct kgr_proved *proved);
typedef struct kgr_proved kgr_proved;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(kgr_proved, kgr_proved_clear)

/* kgr_prove_module() - compare a module with units that were compiled normally (kgr_compile_normally())
 * @session: has the kernel, and the overlay with the diffs applied
 * @units: of struct kgr_unit, all that the diffs touch
 * @module: the .ko; NULL: there is none, so no function of the units may have changed
 *
 * @out: kgr_proved_clear() it, whatever the answer
 *
 * False with @error set: KGR_REFUSED if a function of the module is not what a normal build makes,
 * one that changed is not in the module, or it uses an object that is not the one that the source
 * means (state.h); KGR_TROUBLE if something cannot be read.
 */
bool kgr_prove_module(struct kgr_session *session, const GPtrArray *units, const char *module,
		      struct kgr_proved *out, GError **error);

#endif
