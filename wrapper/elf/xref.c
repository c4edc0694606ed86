// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Goes through the relocations of all sections that are loaded for those that refer to one symbol,
 * however the assembler wrote that. Of helper(), which is at .text+0x10 and has 0x20 bytes:
 *
 *	.text+0x44	R_X86_64_PLT32	helper - 4	by its name
 *	.text+0x61	R_X86_64_PC32	.text + 0xc	by its place: 0xc, and 4 from the field to
 *							the instruction's end
 *	.data+0x8	R_X86_64_64	helper		from the object that covers .data+0x8
 *	.debug_info	R_X86_64_64	.text + 0x10	left out: no loaded section
 */
#include "elf/xref.h"

/* Where the walk through an object's relocations is. */
struct walk {
	const struct kgr_obj *obj;
	const struct kgr_sym *sym;
	size_t sec, rel; /* the next one */
};

/* The next reference to the symbol; false: that was the last one. */
static bool next_xref(struct walk *w, struct kgr_xref *out)
{
	for (; w->sec < w->obj->nsecs; w->sec++, w->rel = 0) {
		const struct kgr_sec *sec = &w->obj->secs[w->sec];

		if (!(sec->sh.sh_flags & SHF_ALLOC))
			continue;
		while (w->rel < sec->nrels) {
			const struct kgr_rel *rel = &sec->rels[w->rel++];

			/* Anywhere in it: the bias only matters at a function's edge. */
			kgr_target(rel, kgr_rel_usual_bias(rel), &out->target);
			if (out->target.kind != KGR_TARGET_SYMBOL || out->target.sym != w->sym)
				continue;
			out->sec = sec;
			out->rel = rel;
			out->from = kgr_sec_sym_at(sec, rel->offset);
			return true;
		}
	}
	return false;
}

bool kgr_find_xref(const struct kgr_obj *obj, const struct kgr_sym *sym, kgr_xref_fn fn,
		   const void *arg, struct kgr_xref *out)
{
	struct walk w = { obj, sym, 1, 0 };

	while (next_xref(&w, out)) {
		if (fn(sym, out, arg))
			return true;
	}
	return false;
}

GPtrArray *kgr_referrers(const struct kgr_obj *obj, const struct kgr_sym *sym, kgr_xref_fn fn,
			 const void *arg)
{
	GPtrArray *out = g_ptr_array_new();
	struct walk w = { obj, sym, 1, 0 };
	struct kgr_xref ref;

	while (next_xref(&w, &ref)) {
		if (ref.from && fn(sym, &ref, arg) && !g_ptr_array_find(out, ref.from, NULL))
			g_ptr_array_add(out, ref.from);
	}
	return out;
}
