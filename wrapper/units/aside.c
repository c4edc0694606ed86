// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Collects what is refused, instead of ending with the first. A unit's refusal is noted with the files of the diff that
 * the unit is compiled from, as its record names them: one of these is to blame.
 */
#include <string.h>

#include "lib/error.h"
#include "lib/files.h"
#include "kernel/build-inputs.h"
#include "units/aside.h"

static void aside_free(gpointer data)
{
	struct kgr_aside *a = data;

	g_free(a->file);
	g_free(a->unit);
	g_clear_pointer(&a->reads, g_ptr_array_unref);
	g_clear_error(&a->error);
	g_free(a);
}

GPtrArray *kgr_aside_new(void)
{
	return g_ptr_array_new_with_free_func(aside_free);
}

/* Trouble is no property of the diff, and ends everything as ever. */
static bool may_go_on(const struct kgr_session *s, GError **error)
{
	return s->aside && error && *error && (*error)->domain == KGR_ERROR &&
	       ((*error)->code == KGR_REFUSED || (*error)->code == KGR_COMPILE);
}

/* Takes all. */
static void add(struct kgr_session *s, char *file, char *unit, GPtrArray *reads, GError *error)
{
	struct kgr_aside *a = g_new(struct kgr_aside, 1);

	*a = (struct kgr_aside){ file, unit, reads, error };
	g_ptr_array_add(s->aside, a);
}

bool kgr_set_aside_file(struct kgr_session *s, const char *file, GError **error)
{
	if (!may_go_on(s, error))
		return false;
	add(s, g_strdup(file), NULL, NULL, g_steal_pointer(error));
	return true;
}

bool kgr_set_aside_unit(struct kgr_session *s, struct kgr_unit *u, GError **error)
{
	if (!may_go_on(s, error))
		return false;
	add(s, NULL, g_strdup(u->source), g_ptr_array_ref((GPtrArray *)kgr_unit_reads(s, u)),
	    g_steal_pointer(error));
	return true;
}

bool kgr_set_aside_command(struct kgr_session *s, const struct kgr_record *command,
			   const GPtrArray *headers, GError **error)
{
	g_autofree char *path = kgr_command_beside(command->object);
	g_autoptr(GHashTable) inputs = NULL;
	g_autoptr(GPtrArray) reads = NULL;
	const char *unit;
	guint i;

	if (!may_go_on(s, error))
		return false;
	inputs = kgr_command_inputs(path, kgr_kernel_objects(s->kernel));
	reads = g_ptr_array_new_with_free_func(g_free);
	for (i = 0; i < headers->len; i++) {
		const char *file = kgr_path_below(kgr_kernel_tree(s->kernel), headers->pdata[i]);

		/* Kbuild has written nothing down of an adopted kernel. */
		if (file && (kgr_kernel_is_adopted(s->kernel) || kgr_inputs_find(inputs, file)))
			g_ptr_array_add(reads, g_strdup(file));
	}
	unit = kgr_path_below(kgr_kernel_objects(s->kernel), command->object);
	add(s, NULL, g_strdup(unit ?: command->object), g_steal_pointer(&reads),
	    g_steal_pointer(error));
	return true;
}

void kgr_set_aside_absent(struct kgr_session *s, const char *file)
{
	if (s->aside)
		add(s, g_strdup(file), NULL, NULL, NULL);
}

bool kgr_is_any_refused(const struct kgr_session *s)
{
	guint i;

	for (i = 0; s->aside && i < s->aside->len; i++) {
		if (((struct kgr_aside *)s->aside->pdata[i])->error)
			return true;
	}
	return false;
}

const GPtrArray *kgr_unit_reads(const struct kgr_session *s, struct kgr_unit *u)
{
	const GPtrArray *files = s->overlay->files; /* sorted */
	g_autoptr(GHashTable) read = NULL;
	guint i;

	if (u->reads)
		return u->reads;
	read = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	u->reads = g_ptr_array_new_with_free_func(g_free);
	g_hash_table_add(read, g_strdup(u->source));
	for (i = 0; i < u->record->inputs->len; i++) {
		const char *path = g_array_index(u->record->inputs, struct kgr_input, i).path;
		g_autofree char *full = g_canonicalize_filename(path, u->record->dir);
		const char *file = kgr_path_below(kgr_kernel_tree(s->kernel), full);

		if (file)
			g_hash_table_add(read, g_strdup(file));
	}
	for (i = 0; i < files->len; i++) {
		if (g_hash_table_contains(read, files->pdata[i]))
			g_ptr_array_add(u->reads, g_strdup(files->pdata[i]));
	}
	return u->reads;
}
