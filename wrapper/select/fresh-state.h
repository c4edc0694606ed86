/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a patch's new objects begin without. */
#ifndef KGR_FRESH_STATE_H
#define KGR_FRESH_STATE_H

#include "elf/object.h"

/* kgr_check_fresh_state() - tell of a new object of @patched what it does not take over from @orig,
 * both of one unit and compared; nothing of what is no new object
 * @notes: of char *, added to
 *
 * Refuses a lock in the place of one that has gone.
 */
bool kgr_check_fresh_state(const struct kgr_obj *orig, const struct kgr_obj *patched,
			   const struct kgr_sym *sym, GPtrArray *notes, GError **error);

#endif
