/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From functions that ftrace cannot hook to the recorded compilations that call them. */
#ifndef KGR_CALLERS_IN_BUILD_H
#define KGR_CALLERS_IN_BUILD_H

#include "units/session.h"
#include "units/unit.h"
#include "select/select.h"

/* kgr_find_callers() - the units of the same image that refer to a function without fentry of another file
 * @units: those that are known already
 * @found: gets the others, to be freed with kgr_unit_free()
 *
 * Refuses, with impossible set in @no_fentry, if something refers to it that cannot be compiled again: assembly for
 * example.
 */
bool kgr_find_callers(struct kgr_session *session, struct kgr_no_fentry *no_fentry,
		      const GPtrArray *units, GPtrArray *found, GError **error);

#endif
