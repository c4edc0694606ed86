// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The table of values that the runtime writes to the kernel's objects (struct kgr_data): each with where it is, what was built
 * and what it shall be; of a pointer the number is left to the loader, or to the runtime, as that of any reference:
 *
 *	foo.next	built: 0, and an entry of .kgr.relocs for bar	patched: 0, and one for baz
 */
#include "elf/arch.h"
#include "elf/reloc.h"
#include "extract/extracting.h"
#include "lib/error.h"
#include "select/data-values.h"

/* An object that is new in another unit of the patch. */
static bool is_new_elsewhere(const struct kgr_extracting *x, const struct kgr_sym *sym)
{
	return !sym->sec && g_hash_table_contains(x->globals, sym->name);
}

static bool point(struct kgr_extracting *x, const struct kgr_data_value *value,
		  const struct kgr_data_side *side, const struct kgr_rel_place *at, GError **error)
{
	struct kgr_target t;

	if (!side->to)
		return true;
	kgr_target(side->to, 0, &t);
	if (is_new_elsewhere(x, t.sym))
		return kgr_fail(error, KGR_REFUSED,
				"%s points to %s, which is new, and may be pointed to when the "
				"patch has gone; have a callback change it",
				value->name, t.sym->name);
	return kgr_extract_outside(x, side->to, t.sym, t.offset, at, error);
}

static bool add_value(struct kgr_extracting *x, const struct kgr_ksym *object,
		      const struct kgr_data_value *value, struct kgr_out_sec *to, GError **error)
{
	struct kgr_data entry = {
		.address = object->address,
		.built = value->built.number,
		.patched = value->patched.number,
		.offset = (uint32_t)value->offset,
		.size = value->size,
		.object = kgr_module_ref_number(x->objects, object->image),
	};
	struct kgr_rel_place built = { .sec = to }, patched = { .sec = to };
	uint64_t at;

	if ((object->address + value->offset) % value->size)
		return kgr_fail(error, KGR_REFUSED,
				"%s is not aligned in the kernel, so it cannot be written in one "
				"store; have a callback change it",
				value->name);
	if (entry.object)
		entry.address = kgr_module_ref_symbol(x->objects, object);
	at = kgr_out_append(to, &entry, sizeof(entry), 8);
	built.offset = at + offsetof(struct kgr_data, built);
	patched.offset = at + offsetof(struct kgr_data, patched);
	return point(x, value, &value->built, &built, error) &&
	       point(x, value, &value->patched, &patched, error);
}

bool kgr_extract_data(struct kgr_extracting *x, GError **error)
{
	struct kgr_out_sec *to =
		kgr_out_section(x->graft, ".kgr.data", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 8);
	guint i, n;

	for (i = 0; i < x->selection->data->len; i++) {
		const struct kgr_data_object *object = x->selection->data->pdata[i];
		const struct kgr_ksym *ksym;

		x->from = object->of;
		ksym = kgr_extract_find(x, object->sym, error);
		for (n = 0; ksym && n < object->values->len; n++) {
			if (!add_value(x, ksym, object->values->pdata[n], to, error))
				return false;
		}
		if (!ksym)
			return false;
	}
	return true;
}
