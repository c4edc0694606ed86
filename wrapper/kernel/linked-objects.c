// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Which compiled objects of the kernel and its modules have no record.
 *
 * A unit without a record looks as if it had not been compiled: it is not found among those that include a
 * header, or call a function. So the records are compared with what Kbuild says it linked:
 *
 *   vmlinux.a      a thin archive, whose members are the objects that vmlinux is linked from:
 *                  "init/main.o", "arch/x86/entry/entry_64.o", ...
 *   init/version-timestamp.o   is linked by scripts/link-vmlinux.sh, and in no archive (since 6.2)
 *   modules.order  the modules, "fs/ext4/ext4.ko" (6.1) or "fs/ext4/ext4.o" (6.12), and for each
 *   fs/ext4/ext4.mod           the objects it is linked from, "fs/ext4/balloc.o", ...
 *
 * fs/ext4/balloc.o needs the record fs/ext4/.balloc.o.kgr, unless fs/ext4/.balloc.o.cmd says that no compiler
 * of ours made it: "source_fs/ext4/balloc.o := .../balloc.S" was assembled, and where there is no such line
 * other objects or data were copied into it. Host programs, the vdso, boot code and objects of lib-y that
 * nothing refers to are in none of these lists.
 *
 * External modules have their own modules.order and .mod files, with full names.
 */
#include <string.h>

#include "kernel/linked-objects.h"
#include "lib/error.h"
#include "lib/subprocess.h"

#define NAMED_AT_MOST 5 /* of the objects that have no record */

/* Missing, it is part of the build; what else is wrong with it, of this machine. */
static bool is_not_known(const char *path, const GError *cause, GError **error)
{
	if (cause && !g_error_matches(cause, G_FILE_ERROR, G_FILE_ERROR_NOENT))
		return kgr_fail(error, KGR_TROUBLE, "%s", cause->message);
	return kgr_fail(
		error, KGR_REFUSED,
		"%s cannot be read, so what was linked, and whether all of it has a record, is "
		"not known; build the whole kernel and its modules with CC=kgr-gcc",
		path);
}

/* A compiled object; its .cmd says "source_NAME := FILE". One without a .cmd may be. */
static bool is_compiled(const char *object)
{
	g_autofree char *path = kgr_command_beside(object), *text = NULL;
	const char *source, *end;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		return true;
	source = strstr(text, "\nsource_");
	if (!source)
		return false;
	end = source + 1 + strcspn(source + 1, "\n");
	return strncmp(end - 2, ".S", 2) != 0;
}

static void add_lines(GPtrArray *objects, const char *text, const char *build)
{
	g_auto(GStrv) names = g_strsplit_set(text, " \n", -1);
	guint i;

	for (i = 0; names[i]; i++) {
		if (*names[i])
			g_ptr_array_add(objects, g_canonicalize_filename(names[i], build));
	}
}

static bool add_vmlinux(GPtrArray *objects, const char *build, GError **error)
{
	g_autofree char *archive = g_build_filename(build, "vmlinux.a", NULL);
	g_autofree char *timestamp = g_build_filename(build, "init/version-timestamp.o", NULL);
	g_auto(kgr_subprocess) run = { .cwd = g_strdup(build) };
	guint before = objects->len;

	kgr_subprocess_add(&run, "ar", "t", "vmlinux.a", NULL);
	if (!kgr_subprocess_run_all(&run, 1, 1, error))
		return false;
	if (run.status && g_file_test(archive, G_FILE_TEST_EXISTS))
		return kgr_fail(error, KGR_TROUBLE, "%s: %s", archive, g_strchomp(run.output));
	if (!run.status)
		add_lines(objects, run.output, build);
	if (objects->len == before)
		return is_not_known(archive, NULL, error);
	if (g_file_test(timestamp, G_FILE_TEST_EXISTS))
		g_ptr_array_add(objects, g_steal_pointer(&timestamp));
	return true;
}

GPtrArray *kgr_modules_order(const char *dir, GError **error)
{
	g_autofree char *path = g_build_filename(dir, "modules.order", NULL), *text = NULL;
	g_autoptr(GPtrArray) modules = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GError) cause = NULL;
	g_auto(GStrv) lines = NULL;
	guint i;

	if (!g_file_get_contents(path, &text, NULL, &cause)) {
		is_not_known(path, cause, error);
		return NULL;
	}
	lines = g_strsplit(text, "\n", -1);
	for (i = 0; lines[i]; i++) {
		char *dot = strrchr(lines[i], '.');

		if (!dot)
			continue;
		*dot = 0;
		g_ptr_array_add(modules, g_canonicalize_filename(lines[i], dir));
	}
	return g_steal_pointer(&modules);
}

static bool add_modules(GPtrArray *objects, const char *build, GError **error)
{
	g_autoptr(GPtrArray) modules = kgr_modules_order(build, error);
	g_autoptr(GError) cause = NULL;
	guint i;

	for (i = 0; modules && i < modules->len; i++) {
		g_autofree char *path = g_strconcat(modules->pdata[i], ".mod", NULL), *parts = NULL;

		if (!g_file_get_contents(path, &parts, NULL, &cause))
			return is_not_known(path, cause, error);
		add_lines(objects, parts, build);
	}
	return modules;
}

const GPtrArray *kgr_unrecorded(struct kgr_build_index *index, const struct kgr_kernel *k,
				GError **error)
{
	g_autoptr(GPtrArray) objects = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GHashTable) records = NULL;
	guint i;

	if (index->unrecorded)
		return index->unrecorded;
	if (index->problem) {
		kgr_fail(error, KGR_TROUBLE, "%s", index->problem);
		return NULL;
	}
	if ((!k->external && !add_vmlinux(objects, k->build, error)) ||
	    !add_modules(objects, kgr_kernel_objects(k), error))
		return NULL;
	records = g_hash_table_new(g_str_hash, g_str_equal);
	for (i = 0; i < index->records->len; i++)
		g_hash_table_add(records, index->records->pdata[i]);
	index->unrecorded = g_ptr_array_new_with_free_func(g_free);
	for (i = 0; i < objects->len; i++) {
		const char *object = objects->pdata[i];
		g_autofree char *record = kgr_record_beside(object);

		if (!g_hash_table_contains(records, record) && is_compiled(object))
			g_ptr_array_add(index->unrecorded, g_strdup(object));
	}
	return index->unrecorded;
}

bool kgr_all_recorded(struct kgr_build_index *index, const struct kgr_kernel *k, GError **error)
{
	const GPtrArray *missing = kgr_unrecorded(index, k, error);
	g_autoptr(GString) names = g_string_new(NULL);
	guint i;

	if (!missing)
		return false;
	for (i = 0; i < missing->len && i < NAMED_AT_MOST; i++)
		g_string_append_printf(names, "%s%s", i ? ", " : "", (char *)missing->pdata[i]);
	if (missing->len > NAMED_AT_MOST)
		g_string_append_printf(names, " and %u more", missing->len - NAMED_AT_MOST);
	return !missing->len ||
	       kgr_fail(
		       error, KGR_REFUSED,
		       "%s: linked, and without a record, so it is not known whether the diff concerns "
		       "it; build it again with CC=kgr-gcc",
		       names->str);
}

bool kgr_command_names(const char *object, const char *file)
{
	g_autofree char *path = kgr_command_beside(object), *text = NULL;
	g_autofree char *base = g_path_get_basename(file);
	g_autofree char *name = g_strconcat("/", base, NULL);

	return !g_file_get_contents(path, &text, NULL, NULL) || strstr(text, name);
}
