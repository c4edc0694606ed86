// SPDX-License-Identifier: GPL-3.0-or-later
/* Units, arrays of them, and freeing them. */
#include "units/unit.h"

struct kgr_unit *kgr_unit_new(void)
{
	return g_rc_box_new0(struct kgr_unit);
}

struct kgr_unit *kgr_unit_share(struct kgr_unit *u)
{
	return g_rc_box_acquire(u);
}

static void clear(gpointer data)
{
	struct kgr_unit *u = data;

	kgr_record_free(u->record);
	g_free(u->source);
	g_free(u->built);
	g_free(u->kbuild_object);
	g_free(u->old_source);
	g_free(u->built_objtool);
	g_free(u->patched);
	g_free(u->normal);
	g_clear_pointer(&u->reads, g_ptr_array_unref);
}

void kgr_unit_free(struct kgr_unit *u)
{
	if (u)
		g_rc_box_release_full(u, clear);
}

GPtrArray *kgr_units_new(void)
{
	return g_ptr_array_new_with_free_func((GDestroyNotify)kgr_unit_free);
}
