// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Every compilation, of C and of assembly, left a unit in .debug_info, whose first entry names its source:
 *
 *   DW_AT_name   fs/namespace.c                                       as Kbuild's -ffile-prefix-map left it
 *   DW_AT_name   /build/reproducible-path/linux-6.1.192/arch/x86/entry/entry_64.S      as no option did
 *
 * Of a full name the longest end counts that is a file of the source. What modpost wrote (*.mod.c) is no unit of ours.
 */
#include <string.h>
#include <unistd.h>

#include "adopt/unit-list.h"
#include "dwarf/dwarf-reader.h"
#include "lib/error.h"

static bool is_in_source(const char *source, const char *file)
{
	g_autofree char *path = g_build_filename(source, file, NULL);

	return !access(path, F_OK);
}

const char *kgr_unit_source(const char *name, const char *source)
{
	const char *at;

	if (g_str_has_prefix(name, "./"))
		return name + 2;
	for (at = name; *name == '/' && (at = strchr(at, '/')); at++) {
		if (is_in_source(source, at + 1))
			return at + 1;
	}
	return name;
}

struct listing {
	struct kgr_adopted *adopted;
	const char *image, *source;
	guint count;
	bool nameless; /* one of them has no name */
};

static void add_unit(void *arg, Dwarf_Die cu, unsigned int version)
{
	struct listing *l = arg;
	Dwarf_Error problem = NULL;
	char *name;

	(void)version;
	l->count++;
	if (dwarf_diename(cu, &name, &problem) != DW_DLV_OK)
		l->nameless = true;
	else if (!g_str_has_suffix(name, ".mod.c"))
		kgr_adopted_add(l->adopted, kgr_unit_source(name, l->source), l->image);
}

bool kgr_unit_list(struct kgr_adopted *a, const char *path, const char *image, const char *source,
		   GError **error)
{
	struct listing l = { .adopted = a, .image = image, .source = source };
	Dwarf_Error problem = NULL;
	Dwarf_Debug dbg = NULL;
	bool ok;

	if (kgr_libdwarf_open(path, &dbg, &problem) != DW_DLV_OK)
		return kgr_fail(
			error, KGR_REFUSED,
			"%s: it has no DWARF, so it is not known what it was compiled from; "
			"is that file of the debug package?",
			path);
	ok = kgr_dwarf_each_cu(dbg, add_unit, &l) && l.count && !l.nameless;
	kgr_libdwarf_close(dbg);
	return ok ||
	       kgr_fail(error, KGR_REFUSED,
			"%s: its DWARF cannot be read, so it is not known what it was compiled "
			"from; get the debug package again",
			path);
}
