// SPDX-License-Identifier: GPL-3.0-or-later
/* Which image holds a unit: vmlinux, or the module whose .mod file lists the unit's object. */
#include <string.h>

#include "lib/error.h"
#include "units/unit-image.h"

#define MODNAME "-DKBUILD_MODNAME=\""

/* Does Kbuild's list of a module's objects, one a line, name this one? */
static bool lists(const char *mod, const char *object)
{
	char *text = NULL, **lines;
	bool found;

	if (!g_file_get_contents(mod, &text, NULL, NULL))
		return false;
	lines = g_strsplit_set(text, " \n", -1);
	found = g_strv_contains((const char *const *)lines, object);
	g_strfreev(lines);
	g_free(text);
	return found;
}

/* In one directory: the module of that name that lists the object, without its suffix. */
static char *find_in(const char *build, const char *dir, const char *object, const char *module)
{
	char *full = g_build_filename(build, dir, NULL), *found = NULL;
	GDir *entries = g_dir_open(full, 0, NULL);
	const char *name;

	while (entries && !found && (name = g_dir_read_name(entries))) {
		char *stem, *as, *mod;

		if (!g_str_has_suffix(name, ".mod"))
			continue;
		stem = g_strndup(name, strlen(name) - 4);
		as = kgr_module_name(stem);
		mod = g_build_filename(full, name, NULL);
		if (!strcmp(as, module) && lists(mod, object))
			found = g_build_filename(dir, stem, NULL);
		g_free(stem);
		g_free(as);
		g_free(mod);
	}
	if (entries)
		g_dir_close(entries);
	g_free(full);
	return found;
}

/* A module may take objects from directories below its own (scripts/Makefile.build, %.mod). */
static char *find_listed(const char *build, const char *object, const char *module)
{
	char *dir = g_path_get_dirname(object), *found, *up;

	while (!(found = find_in(build, dir, object, module)) && strcmp(dir, ".") != 0 &&
	       strcmp(dir, "/") != 0) {
		up = g_path_get_dirname(dir);
		g_free(dir);
		dir = up;
	}
	g_free(dir);
	return found;
}

struct kgr_image *kgr_unit_image(struct kgr_kernel *k, const struct kgr_unit *u, GError **error)
{
	const GPtrArray *args = u->record->args;
	char *module = NULL, *name;
	struct kgr_image *image;
	const char *object;
	guint i;

	for (i = 0; i < args->len; i++) {
		const char *arg = args->pdata[i];

		if (g_str_has_prefix(arg, MODNAME)) {
			g_free(module);
			module = g_strdup(arg + strlen(MODNAME));
			module[strcspn(module, "\"")] = 0;
		}
	}
	if (!kgr_record_is_module(u->record)) {
		g_free(module);
		return k->vmlinux;
	}
	/* Relative to the build directory, as Kbuild has it. */
	object = u->kbuild_object;
	if (g_str_has_prefix(object, k->build))
		object += strlen(k->build) + 1;
	name = module ? find_listed(k->build, object, module) : NULL;
	if (name) {
		image = kgr_kernel_module(k, name, error);
	} else {
		kgr_fail(error, KGR_REFUSED,
			 "%s: it is part of several modules, or of one that was not linked: not "
			 "supported",
			 u->kbuild_object);
		image = NULL;
	}
	g_free(module);
	g_free(name);
	return image;
}
