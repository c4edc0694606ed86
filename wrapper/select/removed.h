/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Functions and objects that the diff takes away, and that others still refer to. */
#ifndef KGR_REMOVED_H
#define KGR_REMOVED_H

#include "select/plan.h"

/* kgr_check_removed() - does nothing refer to a global name that is gone from its unit?
 * @plan: all units are compared, and everything is selected
 *
 * Refuses if something does, in a patched unit or in one of the kernel's that the diff leaves as it
 * is. With --split the unit that it is gone from is set aside.
 */
bool kgr_check_removed(const struct kgr_plan_input *from, const struct kgr_plan *plan,
		       GError **error);

#endif
