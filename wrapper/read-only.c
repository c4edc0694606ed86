// SPDX-License-Identifier: GPL-3.0-or-later
#include "read-only.h"
#include "special.h"
#include "target.h"

static bool holds_code(const struct kgr_sym *sym)
{
	struct kgr_rel *rels;
	size_t count, i;

	rels = kgr_sec_rels(sym->sec, sym->value, sym->value + sym->size, &count);
	for (i = 0; i < count; i++) {
		struct kgr_target t;

		kgr_target(&rels[i], 0, &t);
		/* Of what lies elsewhere nobody knows what it is. */
		if (t.kind == KGR_TARGET_SYMBOL && (!t.sym->sec || kgr_sec_is_text(t.sym->sec)))
			return true;
	}
	return false;
}

typedef bool (*reference_fn)(const struct kgr_sec *sec, struct kgr_sym *from);

/* The first reference to @sym of which @fn says yes, by whom it comes from. */
static bool find_reference(const struct kgr_obj *obj, const struct kgr_sym *sym, reference_fn fn,
			   struct kgr_sym **from)
{
	size_t i, r;

	for (i = 1; i < obj->nsecs; i++) {
		const struct kgr_sec *sec = &obj->secs[i];

		if (!(sec->sh.sh_flags & SHF_ALLOC))
			continue;
		for (r = 0; r < sec->nrels; r++) {
			struct kgr_target t;

			kgr_target(&sec->rels[r], kgr_rel_is_pcrel(&sec->rels[r]) ? 4 : 0, &t);
			if (t.kind != KGR_TARGET_SYMBOL || t.sym != sym)
				continue;
			*from = kgr_sec_sym_at(sec, sec->rels[r].offset);
			if (fn(sec, *from))
				return true;
		}
	}
	return false;
}

static bool is_no_lasting_function(const struct kgr_sec *sec, struct kgr_sym *from)
{
	return !from || !kgr_sym_is_func(from) || kgr_sec_is_init(sec);
}

static bool is_not_included(const struct kgr_sec *sec, struct kgr_sym *from)
{
	(void)sec;
	return from && !from->included;
}

bool kgr_is_read_by_functions(const struct kgr_obj *obj, const struct kgr_sym *sym)
{
	struct kgr_sym *from;

	return sym->bind == STB_LOCAL && sym->sec->data &&
	       !(sym->sec->sh.sh_flags & (SHF_WRITE | SHF_EXECINSTR)) &&
	       !kgr_sec_is_init(sym->sec) && !kgr_special_find(sym->sec->name) &&
	       !holds_code(sym) && !find_reference(obj, sym, is_no_lasting_function, &from);
}

struct kgr_sym *kgr_reader_of(const struct kgr_obj *obj, const struct kgr_sym *sym)
{
	struct kgr_sym *from;

	return find_reference(obj, sym, is_not_included, &from) ? from : NULL;
}
