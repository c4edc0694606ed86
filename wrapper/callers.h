/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who in a unit refers to a function: all that must be known to do without redirecting it. */
#ifndef KGR_CALLERS_H
#define KGR_CALLERS_H

#include "references.h"

/* kgr_find_outsider() - find somebody who depends on @callee and is not included in the patch */
bool kgr_find_outsider(const struct kgr_obj *patched, const struct kgr_sym *callee,
		       struct kgr_reference *out);

/* kgr_find_holder() - such a one that is no function: who calls @callee through it is not known */
bool kgr_find_holder(const struct kgr_obj *patched, const struct kgr_sym *callee,
		     struct kgr_reference *out);

/* kgr_find_taker() - a function of the running kernel that takes the address of @callee: who has it since
 * then, and calls the old function, is not known
 */
bool kgr_find_taker(const struct kgr_obj *orig, const struct kgr_sym *callee,
		    struct kgr_reference *out);

#endif
