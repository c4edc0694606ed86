// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * .debug_aranges has the ranges of code of each unit:
 *
 *   unit at 0x3f2a10    ffffffff811f2340, 0x3a50    ffffffff82c41230, 0x88         kernel/trace/ftrace.c
 *
 * A module's sections get addresses that differ (dwarf-reader.c).
 */
#include "adopt/unit-list.h"
#include "adopt/units-at.h"
#include "dwarf/dwarf-reader.h"
#include "dwarf/linked-dwarf.h"
#include "elf/arch.h"
#include "lib/error.h"

struct lookup {
	Dwarf_Debug dbg;
	const GArray *refs;
	const struct kgr_obj *module; /* or NULL */
	const char *source;
	GPtrArray *found;
};

static uint64_t address_of(const struct lookup *l, const struct kgr_image_ref *ref)
{
	return ref->place + (l->module ? l->module->secs[ref->section].address : 0);
}

static bool add_source(const struct lookup *l, Dwarf_Off offset, GPtrArray *sources)
{
	Dwarf_Error problem = NULL;
	Dwarf_Die die = NULL;
	char *name = NULL;
	bool ok;

	if (dwarf_offdie_b(l->dbg, offset, 1, &die, &problem) != DW_DLV_OK)
		return false;
	ok = dwarf_diename(die, &name, &problem) == DW_DLV_OK;
	if (ok)
		g_ptr_array_add(sources, kgr_adopted_source(kgr_unit_source(name, l->source)));
	dwarf_dealloc_die(die);
	return ok;
}

static bool look_at(const struct lookup *l, Dwarf_Arange arange)
{
	Dwarf_Unsigned segment, segment_size, length;
	Dwarf_Error problem = NULL;
	Dwarf_Addr start;
	Dwarf_Off unit;
	guint i;

	if (dwarf_get_arange_info_b(arange, &segment, &segment_size, &start, &length, &unit,
				    &problem) != DW_DLV_OK)
		return false;
	for (i = 0; i < l->refs->len; i++) {
		const struct kgr_image_ref *ref = &g_array_index(l->refs, struct kgr_image_ref, i);
		uint64_t address = address_of(l, ref);

		if (ref->code && address >= start && address - start < length &&
		    !add_source(l, unit, l->found->pdata[i]))
			return false;
	}
	return true;
}

static bool look_at_all(const struct lookup *l)
{
	Dwarf_Error problem = NULL;
	Dwarf_Arange *aranges;
	Dwarf_Signed count, i;

	if (dwarf_get_aranges(l->dbg, &aranges, &count, &problem) != DW_DLV_OK)
		return false;
	/* They are freed with the rest. */
	for (i = 0; i < count; i++) {
		if (!look_at(l, aranges[i]))
			return false;
	}
	return true;
}

static bool look_in_vmlinux(struct lookup *l, const struct kgr_image *image)
{
	struct kgr_dwarf_access access;
	bool ok = kgr_linked_dwarf_open(&access, image->elf, image->arch->big_endian);

	l->dbg = access.dbg;
	ok = ok && look_at_all(l);
	kgr_dwarf_access_close(&access);
	return ok;
}

static bool look_in_module(struct lookup *l, const struct kgr_image *image)
{
	g_autoptr(kgr_obj) obj = kgr_obj_open(image->path, NULL);
	g_auto(kgr_dwarf_reader) reader = { 0 };

	if (!obj || !kgr_dwarf_open(&reader, obj))
		return false;
	l->module = obj;
	l->dbg = reader.dbg;
	return look_at_all(l);
}

GPtrArray *kgr_units_at(const struct kgr_image *image, const GArray *refs, const char *source,
			GError **error)
{
	g_autoptr(GPtrArray) found =
		g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
	struct lookup l = { .refs = refs, .source = source, .found = found };
	guint i;

	for (i = 0; i < refs->len; i++)
		g_ptr_array_add(found, g_ptr_array_new_with_free_func(g_free));
	if (image->module ? look_in_module(&l, image) : look_in_vmlinux(&l, image))
		return g_steal_pointer(&found);
	kgr_fail(error, KGR_REFUSED,
		 "%s: its DWARF does not say which code is of which unit (.debug_aranges); get the "
		 "debug package again",
		 image->path);
	return NULL;
}
