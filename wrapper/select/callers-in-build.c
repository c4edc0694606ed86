// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Finds the files that refer to a function of another file, by the objects of the build.
 *
 * split_map_pages() in mm/compaction.c calls post_alloc_hook() of mm/page_alloc.c: then mm/compaction.o has an undefined
 * symbol of that name. One that has a weak function of that name calls the other file's, too. Most objects have not even the name in them, so they are searched for its bytes first. An adopted
 * kernel has no objects; adopted-callers.c finds the units. What has a record is a unit that can be compiled again; what
 * has none (assembly) cannot be.
 */
#define _GNU_SOURCE
#include <string.h>

#include "lib/error.h"
#include "select/callers-in-build.h"
#include "units/adopted-callers.h"
#include "units/unit-image.h"
#include "units/find-units.h"

static bool has_bytes(const char *object, const char *name, bool *out, GError **error)
{
	g_autoptr(GMappedFile) file = g_mapped_file_new(object, FALSE, error);

	*out = file && memmem(g_mapped_file_get_contents(file), g_mapped_file_get_length(file),
			      name, strlen(name) + 1);
	return file;
}

/* Does the object refer to another file's by its symbol table? Most have not even the name in them. */
static bool needs(const char *object, const char *name, bool *out, GError **error)
{
	g_autoptr(kgr_obj) obj = NULL;

	if (!has_bytes(object, name, out, error))
		return false;
	if (!*out)
		return true;
	obj = kgr_obj_open(object, error);
	*out = obj && kgr_obj_needed(obj, name);
	return obj;
}

static bool refuse(const char *object, const char *why, GError **error)
{
	return kgr_fail(error, KGR_REFUSED, "%s refers to it: %s", object, why);
}

/* Of the recorded ones; another image has a function of its own by that name. */
static bool add_unit(struct kgr_kernel *k, const char *record, const struct kgr_image *of,
		     GPtrArray *found, GError **error)
{
	struct kgr_image *image;
	struct kgr_unit *u;

	if (!kgr_add_unit(found, k, record, NULL, error))
		return false;
	u = found->pdata[found->len - 1];
	image = kgr_unit_image(k, u, error);
	if (!image)
		return false;
	if (image != of) {
		g_ptr_array_set_size(found, (gint)found->len - 1);
		return true;
	}
	return !u->unpatchable || refuse(u->built, u->unpatchable, error);
}

/* Is this what made an object without a record: the assembler, or a compiler without the recorder? Not ld. */
static bool is_compilation(const char *command, bool *out, GError **error)
{
	g_autofree char *text = NULL;

	if (!g_file_get_contents(command, &text, NULL, error))
		return false;
	*out = strstr(text, ".S\n") || strstr(text, ".c\n");
	return true;
}

static bool check_unrecorded(struct kgr_kernel *k, const char *command, const char *name,
			     GError **error)
{
	g_autofree char *object = kgr_made_by(command);
	bool compiled, needed;

	if (!g_str_has_suffix(object, ".o") || kgr_is_outside_image(k, command) ||
	    kgr_has_record(command) || !g_file_test(object, G_FILE_TEST_EXISTS))
		return true;
	if (!is_compilation(command, &compiled, error))
		return false;
	return !compiled || (needs(object, name, &needed, error) &&
			     (!needed || refuse(object, "it has no record", error)));
}

/* Of an adopted kernel: by what was linked. */
static bool find_adopted(struct kgr_session *s, struct kgr_image *image, const char *name,
			 const GPtrArray *units, GPtrArray *found, GError **error)
{
	g_autoptr(GPtrArray) records = g_ptr_array_new_with_free_func(g_free);
	guint i;

	if (!kgr_adopted_references(s, image, name, records, error))
		return false;
	for (i = 0; i < records->len; i++) {
		if (!kgr_has_unit(units, records->pdata[i]) &&
		    !kgr_has_unit(found, records->pdata[i]) &&
		    !add_unit(s->kernel, records->pdata[i], image, found, error))
			return false;
	}
	return true;
}

bool kgr_find_references(struct kgr_session *s, struct kgr_image *image, const char *name,
			 const GPtrArray *units, GPtrArray *found, GError **error)
{
	const struct kgr_build_index *files;
	struct kgr_kernel *k = s->kernel;
	bool ok;
	guint i;

	if (kgr_kernel_is_adopted(k))
		return find_adopted(s, image, name, units, found, error);
	files = kgr_session_index(s);
	ok = kgr_session_all_recorded(s, error);
	for (i = 0; ok && i < files->records->len; i++) {
		const char *record = files->records->pdata[i];
		g_autofree char *object = NULL;
		bool needed = false;

		if (kgr_is_outside_image(k, record) || kgr_has_unit(units, record) ||
		    kgr_has_unit(found, record))
			continue;
		object = kgr_made_by(record);
		ok = needs(object, name, &needed, error);
		if (ok && needed)
			ok = add_unit(k, record, image, found, error);
	}
	for (i = 0; ok && i < files->commands->len; i++)
		ok = check_unrecorded(k, files->commands->pdata[i], name, error);
	return ok;
}

bool kgr_find_callers(struct kgr_session *s, struct kgr_no_fentry *no_fentry,
		      const GPtrArray *units, GPtrArray *found, GError **error)
{
	g_autoptr(GError) why = NULL;

	if (kgr_find_references(s, (struct kgr_image *)no_fentry->image, no_fentry->name, units,
				found, &why))
		return true;
	no_fentry->impossible = why->code == KGR_REFUSED || kgr_kernel_is_adopted(s->kernel);
	return kgr_fail(error, why->code,
			"%s %s, so ftrace cannot hook it, and its callers cannot all be replaced: "
			"%s; change those instead, or do without --no-kprobe",
			no_fentry->name, no_fentry->why, why->message);
}
