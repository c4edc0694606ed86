// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * From the files that the diffs touch to the units that change.
 *
 *   kernel/sys.c      units whose record names it as source or as an included .c file
 *   linux/utsname.h   units whose record has it among the inputs; header-impact.c leaves those out for which it
 *                     changes nothing
 *   fs/new.c          a file that the diff brings: new-unit.c
 *   Kconfig, *.S ...  left out or refused, each with its reason: file-kinds.c
 *
 * What has no record cannot be found this way, so linked-objects.c says what that is. Of an adopted
 * kernel the records are made before (adopted-units.c).
 */
#include <stdlib.h>
#include <string.h>

#include "elf/arch.h"
#include "units/adopted-units.h"
#include "units/aside.h"
#include "lib/debug.h"
#include "lib/files.h"
#include "kernel/build-inputs.h"
#include "kernel/linked-objects.h"
#include "units/file-kinds.h"
#include "units/header-impact.h"
#include "lib/error.h"
#include "units/find-units.h"
#include "source/makefile-lists.h"
#include "units/new-unit.h"

static bool ends(const char *file, const char *suffix)
{
	return g_str_has_suffix(file, suffix);
}

/* Why nothing can be patched of what is compiled at a place in the build directory, or NULL. */
static const char *unpatchable(const struct kgr_kernel *k, const char *object)
{
	const char *file = k->external ? NULL : kgr_path_below(kgr_kernel_objects(k), object);

	return file ? kgr_unpatchable_place(file) : NULL;
}

bool kgr_has_unit(const GPtrArray *units, const char *path)
{
	guint i;

	for (i = 0; i < units->len; i++) {
		if (!strcmp(((struct kgr_unit *)units->pdata[i])->record->path, path))
			return true;
	}
	return false;
}

static struct kgr_unit *read_unit(const char *path, GError **error)
{
	g_autoptr(kgr_unit) u = kgr_unit_new();

	u->record = kgr_record_read(path, error);
	return u->record ? g_steal_pointer(&u) : NULL;
}

static char *source_path(const struct kgr_unit *u)
{
	return g_canonicalize_filename(u->record->source, u->record->dir);
}

bool kgr_add_unit(GPtrArray *units, struct kgr_kernel *k, const char *path, const char *file,
		  GError **error)
{
	g_autofree char *full = NULL;
	const char *source;
	struct kgr_unit *u;

	if (kgr_has_unit(units, path))
		return true;
	u = read_unit(path, error);
	if (!u)
		return false;
	full = source_path(u);
	source = file ?: kgr_path_below(kgr_kernel_tree(k), full);
	u->source = g_strdup(source ?: full);
	/* Where its record lies: the build directory may have been copied, and both with it. */
	u->built = kgr_made_by(u->record->path);
	u->kbuild_object = g_strdup(u->built);
	u->old_source = g_strdup(u->record->source);
	u->by_header = !file;
	u->unpatchable = unpatchable(k, u->built);
	kgr_debug(KGR_DEBUG_UNITS, "%s, as %s says: %s", u->source, path,
		  file ? "a diff touches it" : "it includes, or calls, what a diff touches");
	if (u->unpatchable && file) {
		kgr_fail(error, KGR_REFUSED, "%s is part of %s: %s", file, u->built,
			 u->unpatchable);
		kgr_unit_free(u);
		return false;
	}
	g_ptr_array_add(units, u);
	return true;
}

/* What modpost wrote: it names all that is exported, and calls nothing. */
static bool is_of_modpost(const char *record)
{
	return ends(record, ".mod.o.kgr") || ends(record, ".vmlinux.export.o.kgr") ||
	       ends(record, ".vmlinux.export.o.cmd");
}

bool kgr_is_outside_image(const struct kgr_kernel *k, const char *record)
{
	const char *file = kgr_path_below(k->external ? k->build : kgr_kernel_objects(k), record);

	return (file && kgr_arch_is_boot(file)) || is_of_modpost(record);
}

static bool add_includers(struct kgr_kernel *k, const struct kgr_build_index *files,
			  const GPtrArray *headers, GPtrArray *units, GPtrArray *commands,
			  GError **error)
{
	guint i;

	for (i = 0; i < files->records->len; i++) {
		const char *path = files->records->pdata[i];
		bool includes;

		if (kgr_is_outside_image(k, path))
			continue;
		if (!kgr_record_includes(path, headers, &includes, error) ||
		    (includes && !kgr_add_unit(units, k, path, NULL, error)))
			return false;
	}
	for (i = 0; i < files->commands->len; i++) {
		const char *path = files->commands->pdata[i];

		if (!kgr_is_outside_image(k, path) && !kgr_has_record(path) &&
		    !kgr_command_read(k, path, headers, commands, error))
			return false;
	}
	return true;
}

static gint by_record(gconstpointer a, gconstpointer b)
{
	const struct kgr_unit *x = *(struct kgr_unit *const *)a, *y = *(struct kgr_unit *const *)b;

	return strcmp(x->record->path, y->record->path);
}

static bool add_new_unit(struct kgr_session *s, const char *file, GPtrArray *units, GError **error)
{
	struct kgr_unit *u;

	if (!kgr_new_unit(s, file, &u, error))
		return false;
	if (u) {
		kgr_debug(KGR_DEBUG_UNITS, "%s, which a diff brings", u->source);
		g_ptr_array_add(units, u);
	}
	return true;
}

/* Is a file that is taken away still there under another name? */
static bool is_renamed(const GPtrArray *units, const struct kgr_unit *removed)
{
	guint i;

	for (i = 0; i < units->len; i++) {
		const struct kgr_unit *u = units->pdata[i];

		if (u != removed && !g_strcmp0(u->old_source, removed->old_source))
			return true;
	}
	return false;
}

/* What the kernel has of such a file stays, and nothing of the patched source calls it. */
static void drop_removed(const struct kgr_session *s, GPtrArray *units, GPtrArray *removed)
{
	guint i = 0;

	while (i < units->len) {
		const struct kgr_unit *u = units->pdata[i];
		g_autofree char *full = source_path(u);
		const char *file = kgr_path_below(kgr_kernel_tree(s->kernel), full);
		bool is_removed = file && kgr_is_removed(s->overlay, file);
		bool gone = is_removed && !is_renamed(units, u);

		if (gone)
			g_ptr_array_add(s->notes,
					g_strdup_printf("%s is taken away: what the kernel "
							"has of it stays as it is",
							file));
		if (gone && removed)
			g_ptr_array_add(removed, g_ptr_array_steal_index(units, i));
		else if (is_removed)
			g_ptr_array_remove_index(units, i);
		else
			i++;
	}
}

/* One that cannot be read might be of a unit that includes the file: what Kbuild wrote tells. */
static bool may_mention(const char *record, const char *file)
{
	g_autofree char *object = kgr_made_by(record);

	return kgr_command_names(object, file);
}

/* What has no record, and was compiled from the file all the same. */
static bool check_unrecorded(struct kgr_session *s, const char *file, GError **error)
{
	const GPtrArray *unrecorded = kgr_unrecorded(&s->index, s->kernel, error);
	guint i;

	for (i = 0; unrecorded && i < unrecorded->len; i++) {
		const char *object = unrecorded->pdata[i];

		if (kgr_command_names(object, file))
			return kgr_fail(
				error, KGR_REFUSED,
				"%s was compiled from %s, and has no record; build it again "
				"with CC=kgr-gcc",
				object, file);
	}
	return unrecorded;
}

/* The units that a .c file is the source of, or that include it. */
static bool find_recorded(struct kgr_session *s, const char *file, GPtrArray *units, bool *found,
			  GError **error)
{
	const GPtrArray *records = kgr_session_records_naming(s, file);
	g_autofree char *full = g_build_filename(kgr_kernel_tree(s->kernel), file, NULL);
	guint i;

	*found = false;
	for (i = 0; i < records->len; i++) {
		const char *path = records->pdata[i];
		bool mentions;

		if (!kgr_record_mentions(path, full, &mentions))
			mentions = may_mention(path, file);
		if (!mentions)
			continue;
		*found = true;
		/* As for headers: what has run before the kernel is not what runs. */
		if (kgr_is_outside_image(s->kernel, path)) {
			g_autofree char *object = kgr_made_by(path);

			g_ptr_array_add(s->notes,
					g_strdup_printf("%s is a part of %s as well, which has run "
							"long ago and stays as it is",
							file, object));
			continue;
		}
		if (!kgr_add_unit(units, s->kernel, path, file, error))
			return false;
	}
	return kgr_kernel_is_adopted(s->kernel) || check_unrecorded(s, file, error);
}

static void leave_out(struct kgr_session *s, const char *file, const char *why)
{
	g_ptr_array_add(s->notes, g_strdup_printf("%s is left out: %s", file, why));
	kgr_set_aside_absent(s, file);
}

/* Where every compiled object has a record, what none names is no part of this kernel, unless its build ran it. */
static bool is_not_compiled(struct kgr_session *s, const char *file, GError **error)
{
	g_autofree char *made = NULL;
	const char *command;

	if (kgr_kernel_is_adopted(s->kernel))
		return kgr_adopted_not_compiled(s, file, error);
	if (!kgr_session_all_recorded(s, error))
		return false;
	command = kgr_build_reads(&s->index, kgr_kernel_objects(s->kernel), file);
	if (!command) {
		leave_out(s, file, "it was not compiled for this kernel");
		return true;
	}
	made = kgr_made_by(command);
	return kgr_fail(error, KGR_REFUSED,
			"%s: %s is made of it, which is no code of the kernel's but may have made "
			"some; leave it out of the diff if the fix does not need it",
			file, made);
}

/* Of a .c file, one that was compiled or one that the diff brings. */
static bool find_units_of(struct kgr_session *s, const char *file, GPtrArray *units, GError **error)
{
	bool found;

	if (kgr_kernel_is_adopted(s->kernel) && !kgr_adopted_units(s, file, error))
		return false;
	if (!find_recorded(s, file, units, &found, error))
		return false;
	if (found || kgr_is_removed(s->overlay, file))
		return true;
	return kgr_is_added(s->overlay, file) ? add_new_unit(s, file, units, error) :
						is_not_compiled(s, file, error);
}

static bool is_command_input(const GPtrArray *commands, const char *file)
{
	guint i;

	for (i = 0; i < commands->len; i++) {
		if (kgr_command_names(((struct kgr_record *)commands->pdata[i])->object, file))
			return true;
	}
	return false;
}

/* With --split: the headers that nothing of this kernel includes. What the diff brings no record can know. */
static void note_absent(struct kgr_session *s, const GPtrArray *headers, const GPtrArray *units,
			const GPtrArray *commands)
{
	g_autoptr(GHashTable) read = g_hash_table_new(g_str_hash, g_str_equal);
	guint i, n;

	for (i = 0; s->aside && i < units->len; i++) {
		const GPtrArray *reads = kgr_unit_reads(s, units->pdata[i]);

		for (n = 0; n < reads->len; n++)
			g_hash_table_add(read, reads->pdata[n]);
	}
	for (i = 0; s->aside && i < headers->len; i++) {
		const char *file = kgr_path_below(kgr_kernel_tree(s->kernel), headers->pdata[i]);

		if (!kgr_is_added(s->overlay, file) && !g_hash_table_contains(read, file) &&
		    !is_command_input(commands, file))
			kgr_set_aside_absent(s, file);
	}
}

/* With --split, at first: some of those that only include a changed header are to tell what is wrong with it. */
static void keep_some(GPtrArray *units, guint one_in)
{
	guint seen = 0, i = 0;

	while (i < units->len) {
		const struct kgr_unit *u = units->pdata[i];

		if (u->by_header && seen++ % one_in)
			g_ptr_array_remove_index(units, i);
		else
			i++;
	}
}

static bool find_includers(struct kgr_session *s, const GPtrArray *headers, GPtrArray *units,
			   GError **error)
{
	g_autoptr(GPtrArray) commands =
		g_ptr_array_new_with_free_func((GDestroyNotify)kgr_record_free);
	guint dropped, all;

	if (kgr_kernel_is_adopted(s->kernel) ? !kgr_adopted_includers(s, headers, error) :
					       !kgr_session_all_recorded(s, error))
		return false;
	if (!add_includers(s->kernel, kgr_session_index(s), headers, units, commands, error))
		return false;
	note_absent(s, headers, units, commands);
	keep_some(units, s->includers);
	all = units->len;
	if (!kgr_header_impact(s, headers, units, commands, &dropped, error))
		return false;
	g_ptr_array_add(s->notes,
			g_strdup_printf("%u files are touched or include a changed header; for %u "
					"of them nothing changes",
					all, dropped));
	return true;
}

GPtrArray *kgr_find_units(struct kgr_session *s, GPtrArray *removed, GError **error)
{
	g_autoptr(GPtrArray) units = kgr_units_new();
	g_autoptr(GPtrArray) headers = g_ptr_array_new_with_free_func(g_free);
	guint i;

	if (kgr_kernel_is_adopted(s->kernel))
		kgr_adopted_prepare(s);
	for (i = 0; i < s->overlay->files->len; i++) {
		const char *file = s->overlay->files->pdata[i];
		g_autoptr(GError) why = NULL;
		enum kgr_fate fate = kgr_judge_file(s, file, &why);
		bool ok = fate != KGR_FATE_REFUSED;

		if (fate == KGR_FATE_LEFT_OUT)
			leave_out(s, file, "nothing of this kernel is made of it");
		else if (fate == KGR_FATE_HEADER)
			g_ptr_array_add(headers,
					g_build_filename(kgr_kernel_tree(s->kernel), file, NULL));
		else if (fate == KGR_FATE_SOURCE)
			ok = find_units_of(s, file, units, &why);
		if (!ok && !kgr_set_aside_file(s, file, &why)) {
			g_propagate_error(error, g_steal_pointer(&why));
			return NULL;
		}
	}
	drop_removed(s, units, removed);
	if (headers->len && s->includers && !find_includers(s, headers, units, error))
		return NULL;
	g_ptr_array_sort(units, by_record);
	return g_steal_pointer(&units);
}
