// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Looks at all references to a function in one unit.
 *
 *	static int helper(void) { ... }			without fentry
 *	int a(void) { return helper(); }		a call: a() can be replaced as well
 *	static struct ops ops = { .fn = helper };	stored: what calls it through ops, and when, is not known
 *	void b(void) { register(helper); }		taken: the same of what register() does with it
 */
#include "select/callers-in-unit.h"
#include "elf/special-sections.h"

static bool is_outside(const struct kgr_sym *callee, const struct kgr_xref *ref, const void *arg)
{
	const struct kgr_selection *selection = arg;
	const struct kgr_sym *from = ref->from;

	if (ref->sec->special || kgr_sec_is_init(ref->sec))
		return false;
	/* The way back from an alternative of its own. */
	if (!from && ref->target.offset && kgr_sec_is_text(ref->sec))
		return false;
	return !from ||
	       (from != callee && !kgr_selected(selection, from) && from->parent != callee);
}

static bool is_stored_outside(const struct kgr_sym *callee, const struct kgr_xref *ref,
			      const void *arg)
{
	return is_outside(callee, ref, arg) && (!ref->from || !kgr_sym_is_func(ref->from));
}

/* As an operand, and not to branch there: what is done with it is not known, in code that is gone after boot as little
 * as in other code.
 */
static bool is_taken(const struct kgr_sym *callee, const struct kgr_xref *ref, const void *arg)
{
	(void)arg;
	return ref->from && ref->from != callee && ref->from->parent != callee &&
	       kgr_sym_is_func(ref->from) && !ref->target.offset && !kgr_rel_is_branch(ref->rel);
}

bool kgr_has_unselected_user(const struct kgr_selection *selection, const struct kgr_obj *patched,
			     const struct kgr_sym *callee)
{
	struct kgr_xref ref;

	return kgr_find_xref(patched, callee, is_outside, selection, &ref);
}

GPtrArray *kgr_unselected_users(const struct kgr_selection *selection,
				const struct kgr_obj *patched, const struct kgr_sym *callee)
{
	return kgr_referrers(patched, callee, is_outside, selection);
}

bool kgr_find_stored_address(const struct kgr_selection *selection, const struct kgr_obj *patched,
			     const struct kgr_sym *callee, struct kgr_xref *out)
{
	return kgr_find_xref(patched, callee, is_stored_outside, selection, out);
}

bool kgr_find_address_taken(const struct kgr_obj *orig, const struct kgr_sym *callee,
			    struct kgr_xref *out)
{
	return kgr_find_xref(orig, callee, is_taken, NULL, out);
}
