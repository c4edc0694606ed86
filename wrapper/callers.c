// SPDX-License-Identifier: GPL-3.0-or-later
#include "callers.h"
#include "special.h"

static bool is_outside(const struct kgr_sym *callee, const struct kgr_reference *ref)
{
	const struct kgr_sym *from = ref->from;

	if (kgr_special_find(ref->sec->name) || kgr_sec_is_init(ref->sec))
		return false;
	/* The way back from an alternative of its own. */
	if (!from && ref->target.offset && kgr_sec_is_text(ref->sec))
		return false;
	return !from || (from != callee && !from->included && from->parent != callee);
}

static bool is_held_outside(const struct kgr_sym *callee, const struct kgr_reference *ref)
{
	return is_outside(callee, ref) && (!ref->from || !kgr_sym_is_func(ref->from));
}

bool kgr_find_outsider(const struct kgr_obj *patched, const struct kgr_sym *callee,
		       struct kgr_reference *out)
{
	return kgr_find_reference(patched, callee, is_outside, out);
}

bool kgr_find_holder(const struct kgr_obj *patched, const struct kgr_sym *callee,
		     struct kgr_reference *out)
{
	return kgr_find_reference(patched, callee, is_held_outside, out);
}
