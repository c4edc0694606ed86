/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a function to the recorded compilations that refer to it. */
#ifndef KGR_CALLERS_IN_BUILD_H
#define KGR_CALLERS_IN_BUILD_H

#include "units/session.h"
#include "units/unit.h"
#include "select/select.h"

/* kgr_find_references() - the units of the same image that refer to a global function or object of another file
 * @units: those that are known already
 * @found: gets the others, to be freed with kgr_unit_free()
 *
 * Refuses if something refers to it that cannot be compiled again: assembly for example.
 */
bool kgr_find_references(struct kgr_session *session, struct kgr_image *image, const char *name,
			 const GPtrArray *units, GPtrArray *found, GError **error);

/* kgr_find_callers() - the same, of a function without fentry; sets impossible in @no_fentry if it refuses */
bool kgr_find_callers(struct kgr_session *session, struct kgr_no_fentry *no_fentry,
		      const GPtrArray *units, GPtrArray *found, GError **error);

#endif
