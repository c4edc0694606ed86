/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who in a unit refers to a function: all that must be known to do without redirecting it. */
#ifndef KGR_CALLERS_IN_UNIT_H
#define KGR_CALLERS_IN_UNIT_H

#include "elf/xref.h"
#include "select/selection.h"

/* kgr_find_unreplaced_user() - find somebody who depends on @callee and does not go along */
bool kgr_find_unreplaced_user(const struct kgr_selection *selection, const struct kgr_obj *patched,
			      const struct kgr_sym *callee, struct kgr_xref *out);

/* kgr_find_stored_address() - such a one that is no function: who calls @callee through it is not known */
bool kgr_find_stored_address(const struct kgr_selection *selection, const struct kgr_obj *patched,
			     const struct kgr_sym *callee, struct kgr_xref *out);

/* kgr_find_address_taken() - a function of the running kernel that takes the address of @callee: who has it since
 * then, and calls the old function, is not known
 */
bool kgr_find_address_taken(const struct kgr_obj *orig, const struct kgr_sym *callee,
			    struct kgr_xref *out);

#endif
