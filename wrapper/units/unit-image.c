// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Which image holds a unit: vmlinux, or the module whose .mod file lists the unit's object.
 *
 *   fs/ext4/balloc.o, compiled with -DMODULE and -DKBUILD_MODNAME="ext4"
 *   fs/ext4/ext4.mod lists "fs/ext4/balloc.o"        so it is in fs/ext4/ext4.ko
 *
 * A .mod file is looked for beside the object first, then in the directories above.
 */
#include <string.h>

#include "adopt/make-records.h"
#include "lib/error.h"
#include "lib/files.h"
#include "units/unit-image.h"

#define MODNAME "-DKBUILD_MODNAME=\""

/* Does Kbuild's list of a module's objects, one a line, name this one? Names are relative to @base, or full ones. */
static bool lists(const char *mod, const char *object, const char *base)
{
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;
	guint i;

	if (!g_file_get_contents(mod, &text, NULL, NULL))
		return false;
	lines = g_strsplit_set(text, " \n", -1);
	for (i = 0; lines[i]; i++) {
		g_autofree char *full = *lines[i] ? g_canonicalize_filename(lines[i], base) : NULL;

		if (!g_strcmp0(full, object))
			return true;
	}
	return false;
}

/* In one directory: the module of that name that lists the object, without its suffix. */
static char *find_in(const char *dir, const char *object, const char *base, const char *module)
{
	g_autoptr(GDir) entries = g_dir_open(dir, 0, NULL);
	const char *name;

	while (entries && (name = g_dir_read_name(entries))) {
		g_autofree char *stem = NULL, *as = NULL, *mod = NULL;

		if (!g_str_has_suffix(name, ".mod"))
			continue;
		stem = g_strndup(name, strlen(name) - 4);
		as = kgr_module_name(stem);
		mod = g_build_filename(dir, name, NULL);
		if (!strcmp(as, module) && lists(mod, object, base))
			return g_build_filename(dir, stem, NULL);
	}
	return NULL;
}

/* A module may take objects from directories below its own (scripts/Makefile.build, %.mod). */
static char *find_listed(const char *object, const char *base, const char *module)
{
	g_autofree char *dir = g_path_get_dirname(object);

	for (;;) {
		char *found = find_in(dir, object, base, module), *above;

		if (found || !kgr_path_below(base, dir) || !strcmp(dir, base))
			return found;
		above = g_path_get_dirname(dir);
		g_free(dir);
		dir = above;
	}
}

/* What the compiler was told that the module is called, the last time; NULL if it was not. */
static char *module_of(const struct kgr_record *r)
{
	guint i;

	for (i = r->args->len; i-- > 0;) {
		const char *arg = r->args->pdata[i];

		if (g_str_has_prefix(arg, MODNAME)) {
			arg += strlen(MODNAME);
			return g_strndup(arg, strcspn(arg, "\""));
		}
	}
	return NULL;
}

/* An adopted kernel has no .mod files; its DWARF has said it. */
static struct kgr_image *adopted_image(struct kgr_kernel *k, const struct kgr_unit *u,
				       GError **error)
{
	g_autofree char *source = g_canonicalize_filename(u->record->source, u->record->dir);
	const char *file =
		kgr_path_below(k->source, source) ?: kgr_path_below(k->adopted->objects, source);

	return kgr_adopted_image(k, file ?: source, error);
}

struct kgr_image *kgr_unit_image(struct kgr_kernel *k, const struct kgr_unit *u, GError **error)
{
	g_autofree char *module = NULL, *name = NULL;

	if (!kgr_record_is_module(u->record))
		return k->vmlinux;
	if (kgr_kernel_is_adopted(k))
		return adopted_image(k, u, error);
	module = module_of(u->record);
	name = module ? find_listed(u->kbuild_object, kgr_kernel_objects(k), module) : NULL;
	if (name)
		return kgr_kernel_module(k, name, error);
	kgr_fail(error, KGR_REFUSED,
		 "%s: it is part of several modules, or of one that was not linked, which is not "
		 "supported; leave its source out of the diff, or build the whole kernel again",
		 u->kbuild_object);
	return NULL;
}
