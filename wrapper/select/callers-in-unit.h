/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What in a unit refers to a function: all that must be known to do without redirecting it. */
#ifndef KGR_CALLERS_IN_UNIT_H
#define KGR_CALLERS_IN_UNIT_H

#include "elf/xref.h"
#include "select/selection.h"

/* kgr_has_unselected_user() - does anything refer to @callee that is not selected? */
bool kgr_has_unselected_user(const struct kgr_selection *selection, const struct kgr_obj *patched,
			     const struct kgr_sym *callee);

/* kgr_unselected_users() - the functions and objects that do, of struct kgr_sym; g_ptr_array_unref() it */
GPtrArray *kgr_unselected_users(const struct kgr_selection *selection,
				const struct kgr_obj *patched, const struct kgr_sym *callee);

/* kgr_find_stored_address() - a reference that is in no function: what calls @callee through it is not known */
bool kgr_find_stored_address(const struct kgr_selection *selection, const struct kgr_obj *patched,
			     const struct kgr_sym *callee, struct kgr_xref *out);

/* kgr_find_address_taken() - a reference of a function of the running kernel that takes the address of @callee: where
 * that is stored since, and what calls the old function by it, is not known
 */
bool kgr_find_address_taken(const struct kgr_obj *orig, const struct kgr_sym *callee,
			    struct kgr_xref *out);

#endif
