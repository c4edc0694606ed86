// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A recorded kernel has an object for each file, and an object that needs a name is one whose code
 * may be a caller. Of an adopted kernel there is what was linked: all references to the address are
 * found there (image-refs.c), DWARF says of which unit's code they are (units-at.c), and these
 * units' records are made. Then they are looked at as those of any other kernel. Each reference has
 * to be accounted for: by a unit whose object needs the name, or has the function itself.
 */
#include <string.h>

#include "adopt/make-records.h"
#include "adopt/units-at.h"
#include "lib/error.h"
#include "units/adopted-callers.h"
#include "units/adopted-units.h"
#include "lib/sort.h"

struct callers {
	struct kgr_session *session;
	const struct kgr_image *image;
	const char *name;
	GArray *refs;
	GPtrArray *units; /* for each of them the sources that it may be of */
};

/* The symbol that the place is in, or behind. */
static const char *nearest(const struct callers *c, const struct kgr_image_ref *ref)
{
	const struct kgr_ksym *best = NULL;
	size_t i;

	for (i = 0; i < c->image->nsyms; i++) {
		const struct kgr_ksym *sym = &c->image->syms[i];

		if (sym->type != STT_FILE && sym->type != STT_SECTION && sym->shndx != SHN_UNDEF &&
		    (!ref->section || sym->shndx == ref->section) && *sym->name &&
		    sym->address <= ref->place && (!best || sym->address >= best->address))
			best = sym;
	}
	return best ? best->name : "its start";
}

static bool refuse(const struct callers *c, guint at, const char *what, GError **error)
{
	const struct kgr_image_ref *ref = &g_array_index(c->refs, struct kgr_image_ref, at);

	return kgr_fail(error, KGR_REFUSED,
			"%s: %s refers to %s, at 0x%" G_GINT64_MODIFIER "x behind %s",
			c->image->path, what, c->name, ref->place, nearest(c, ref));
}

static bool is_c(const char *source)
{
	return g_str_has_suffix(source, ".c");
}

/* Of the units that may have the place, all that can be compiled again. */
static bool add_sources(const struct callers *c, guint at, GHashTable *sources, GError **error)
{
	const struct kgr_image_ref *ref = &g_array_index(c->refs, struct kgr_image_ref, at);
	const GPtrArray *units = c->units->pdata[at];
	bool any = false;
	guint i;

	if (!ref->code)
		return refuse(c, at, "data, or code without a name,", error);
	for (i = 0; i < units->len; i++) {
		const char *source = units->pdata[i];

		if (!is_c(source) || !kgr_adopted_images(c->session->kernel->adopted, source))
			continue;
		g_hash_table_add(sources, units->pdata[i]);
		any = true;
	}
	return any ||
	       refuse(c, at, units->len ? units->pdata[0] : "code of which DWARF names no unit",
		      error);
}

static char *object_of(const struct callers *c, const char *source)
{
	g_autofree char *name = g_strndup(source, strlen(source) - 2);
	g_autofree char *file = g_strconcat(name, ".o", NULL);

	return g_build_filename(c->session->kernel->adopted->objects, file, NULL);
}

/* Does its object need the function by this name, or have it? */
static bool has_name(const struct callers *c, const char *source, bool *has, GError **error)
{
	g_autofree char *path = object_of(c, source);
	g_autoptr(kgr_obj) obj = kgr_obj_open(path, error);

	*has = obj && (kgr_obj_undefined(obj, c->name) || kgr_obj_defined(obj, c->name));
	return obj;
}

static bool check_ref(const struct callers *c, guint at, GError **error)
{
	const GPtrArray *units = c->units->pdata[at];
	bool has = false;
	guint i;

	for (i = 0; !has && i < units->len; i++) {
		if (kgr_adopted_images(c->session->kernel->adopted, units->pdata[i]) &&
		    is_c(units->pdata[i]) && !has_name(c, units->pdata[i], &has, error))
			return false;
	}
	return has || refuse(c, at, "something by another name", error);
}

static bool find(const struct callers *c, GPtrArray *records, GError **error)
{
	g_autoptr(GHashTable) set = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GPtrArray) sources = g_ptr_array_new();
	GHashTableIter it;
	gpointer source;
	guint i;

	for (i = 0; i < c->refs->len; i++) {
		if (!add_sources(c, i, set, error))
			return false;
	}
	g_hash_table_iter_init(&it, set);
	while (g_hash_table_iter_next(&it, &source, NULL))
		g_ptr_array_add(sources, source);
	g_ptr_array_sort(sources, kgr_by_name);
	if (!kgr_adopted_make_records(c->session, sources, error))
		return false;
	for (i = 0; i < c->refs->len; i++) {
		if (!check_ref(c, i, error))
			return false;
	}
	for (i = 0; i < sources->len; i++)
		g_ptr_array_add(records, kgr_adopted_record(c->session->kernel, sources->pdata[i]));
	return true;
}

bool kgr_adopted_references(struct kgr_session *s, struct kgr_image *image, const char *name,
			    GPtrArray *records, GError **error)
{
	g_autoptr(GArray) refs = kgr_image_refs(image, name, error);
	g_autoptr(GPtrArray) units = NULL;
	struct callers c = { .session = s, .image = image, .name = name, .refs = refs };

	if (!refs)
		return false;
	units = kgr_units_at(image, refs, s->kernel->source, error);
	c.units = units;
	return units && find(&c, records, error);
}
