// SPDX-License-Identifier: GPL-3.0-or-later
/* Makes, shares and frees what holds a compared unit's objects. */
#include "elf/object.h"
#include "kernel/linked-image.h"
#include "select/compared.h"

struct kgr_compared *kgr_compared_new(struct kgr_unit *unit)
{
	struct kgr_compared *of = g_rc_box_new0(struct kgr_compared);

	of->unit = kgr_unit_share(unit);
	of->users = g_ptr_array_new_with_free_func(g_free);
	of->file_idx = KGR_NO_FILE;
	return of;
}

static void clear(gpointer data)
{
	struct kgr_compared *of = data;

	kgr_obj_close(of->built);
	kgr_obj_close(of->patched);
	kgr_dwarf_types_free(of->built_dwarf);
	kgr_dwarf_types_free(of->patched_dwarf);
	g_ptr_array_unref(of->users);
	g_clear_pointer(&of->data, g_ptr_array_unref);
	g_clear_error(&of->no_file);
	kgr_unit_free(of->unit);
}

void kgr_compared_free(struct kgr_compared *of)
{
	if (of)
		g_rc_box_release_full(of, clear);
}

struct kgr_compared *kgr_compared_share(struct kgr_compared *of)
{
	return g_rc_box_acquire(of);
}

GPtrArray *kgr_compareds_new(void)
{
	return g_ptr_array_new_with_free_func((GDestroyNotify)kgr_compared_free);
}
