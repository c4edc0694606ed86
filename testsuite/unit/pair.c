// SPDX-License-Identifier: GPL-3.0-or-later
/* Compiles two texts and pairs their symbols as kgr-build does. */
#include "pair.h"
#include "compare/correlate.h"

struct unit_pair unit_pair_of(const char *orig, const char *patched, const char *flags)
{
	struct unit_pair o = { .a = unit_object("orig/x", orig, flags),
			       .b = unit_object("patched/x", patched, flags) };
	struct kgr_obj *const both[] = { o.a, o.b };
	const char *missing;
	size_t i;

	for (i = 0; i < 2; i++) {
		o.types[i] = kgr_dwarf_types_read(both[i], &missing, NULL);
		assert_non_null(o.types[i]);
	}
	kgr_correlate(o.a, o.b);
	return o;
}

void unit_pair_close(struct unit_pair *pair)
{
	kgr_dwarf_types_free(pair->types[0]);
	kgr_dwarf_types_free(pair->types[1]);
	kgr_obj_close(pair->a);
	kgr_obj_close(pair->b);
}
