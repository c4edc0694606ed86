// SPDX-License-Identifier: GPL-3.0-or-later
/* Goes through the relocations of all that is loaded for those that lead to one symbol, whatever they are spelled like:
 * of ".text+0x10" the function that covers that place is found, as of "helper".
 */
#include "elf/xref.h"

bool kgr_find_xref(const struct kgr_obj *obj, const struct kgr_sym *sym, kgr_xref_fn fn,
		   const void *arg, struct kgr_xref *out)
{
	size_t i, r;

	for (i = 1; i < obj->nsecs; i++) {
		const struct kgr_sec *sec = &obj->secs[i];

		if (!(sec->sh.sh_flags & SHF_ALLOC))
			continue;
		for (r = 0; r < sec->nrels; r++) {
			const struct kgr_rel *rel = &sec->rels[r];

			/* Anywhere in it: the bias only matters at a function's edge. */
			kgr_target(rel, kgr_rel_usual_bias(rel), &out->target);
			if (out->target.kind != KGR_TARGET_SYMBOL || out->target.sym != sym)
				continue;
			out->sec = sec;
			out->rel = rel;
			out->from = kgr_sec_sym_at(sec, rel->offset);
			if (fn(sym, out, arg))
				return true;
		}
	}
	return false;
}
