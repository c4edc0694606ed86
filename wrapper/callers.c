// SPDX-License-Identifier: GPL-3.0-or-later
#include "callers.h"
#include "special.h"
#include "target.h"

/* Does this reference make somebody else depend on @callee? Fills in who. */
static bool is_outside(const struct kgr_sec *sec, const struct kgr_rel *rel,
		       const struct kgr_sym *callee, struct kgr_outsider *out)
{
	struct kgr_target t;
	struct kgr_sym *from;

	/* Anywhere in it: the tail only matters at a function's edge. */
	kgr_target(rel, kgr_rel_is_pcrel(rel) ? 4 : 0, &t);
	if (t.kind != KGR_TARGET_SYMBOL || t.sym != callee)
		return false;
	from = kgr_sec_sym_at(sec, rel->offset);
	/* The way back from an alternative of its own. */
	if (!from && t.offset && kgr_sec_is_text(sec))
		return false;
	if (from && (from == callee || from->included || from->parent == callee))
		return false;
	*out = (struct kgr_outsider){ from, sec->name };
	return true;
}

bool kgr_find_outsider(const struct kgr_obj *patched, const struct kgr_sym *callee,
		       enum kgr_outsiders wanted, struct kgr_outsider *out)
{
	size_t i, r;

	for (i = 1; i < patched->nsecs; i++) {
		const struct kgr_sec *sec = &patched->secs[i];

		if (!(sec->sh.sh_flags & SHF_ALLOC) || kgr_special_find(sec->name) ||
		    kgr_sec_is_init(sec))
			continue;
		for (r = 0; r < sec->nrels; r++) {
			if (is_outside(sec, &sec->rels[r], callee, out) &&
			    (wanted == KGR_ANY_OUTSIDER || !out->who || !kgr_sym_is_func(out->who)))
				return true;
		}
	}
	return false;
}
