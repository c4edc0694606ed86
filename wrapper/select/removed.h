/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Functions and objects that the diff takes away, and that others still refer to. */
#ifndef KGR_REMOVED_H
#define KGR_REMOVED_H

#include "select/selection.h"
#include "units/session.h"

/* kgr_check_removed() - does nothing refer to a global name that is gone from its unit?
 * @gone: what is gone from all units (moved.h)
 * @compared: all units that the patch may be made of, of struct kgr_compared
 * @units: those that are compiled, and @removed: those of files that the diff takes away, of struct kgr_unit
 *
 * Refuses if something does, in a patched unit or in one of the kernel's that the diff leaves as it is. With --split the unit
 * that it is gone from is set aside.
 */
bool kgr_check_removed(struct kgr_session *session, GHashTable *gone,
		       const struct kgr_selection *selection, const GPtrArray *compared,
		       const GPtrArray *units, const GPtrArray *removed, GError **error);

#endif
