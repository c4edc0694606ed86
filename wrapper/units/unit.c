// SPDX-License-Identifier: GPL-3.0-or-later
/* Arrays of units, and freeing them. */
#include "units/unit.h"

void kgr_unit_free(struct kgr_unit *u)
{
	if (!u)
		return;
	kgr_record_free(u->record);
	g_free(u->source);
	g_free(u->built);
	g_free(u->kbuild_object);
	g_free(u->old_source);
	g_free(u->built_objtool);
	g_free(u->patched);
	g_free(u->normal);
	g_free(u);
}

GPtrArray *kgr_units_new(void)
{
	return g_ptr_array_new_with_free_func((GDestroyNotify)kgr_unit_free);
}
