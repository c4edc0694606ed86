// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "select/plan.h"
#include "compare/compare.h"
#include "dwarf/dwarf-types.h"
#include "lib/error.h"
#include "select/callers-in-build.h"
#include "units/unit-image.h"
#include "select/moved.h"
#include "select/patched-func.h"
#include "units/replay.h"
#include "dwarf/stack-types.h"
#include "lib/progress.h"

static bool only_callback(const struct kgr_plan *c, guint last, GError **error)
{
	const struct kgr_callback *all =
		&g_array_index(c->selection.callbacks, struct kgr_callback, 0);
	guint i;

	for (i = 0; i < last; i++) {
		if (all[i].kind == all[last].kind && all[i].image == all[last].image)
			return kgr_fail(error, KGR_REFUSED,
					"%s and %s are both %s callbacks for %s: there can be one",
					all[i].sym->name, all[last].sym->name,
					kgr_callback_kinds[all[i].kind],
					all[i].image->module ?: "vmlinux");
	}
	return true;
}

static bool is_needed(const struct kgr_obj *patched)
{
	size_t i;

	for (i = 0; i < patched->nsyms; i++) {
		if (patched->syms[i].included)
			return true;
	}
	return false;
}

/* As the user knows the file, not as the overlay does. */
static void name_sources(struct kgr_dwarf_types *dwarf, const struct kgr_plan_input *from)
{
	size_t length = strlen(from->session->overlay->root);
	GHashTableIter it;
	gpointer value;

	g_hash_table_iter_init(&it, dwarf->types);
	while (g_hash_table_iter_next(&it, NULL, &value)) {
		struct kgr_type *type = value;
		char *file = type->file;

		if (!file || strncmp(file, from->session->overlay->root, length) != 0)
			continue;
		type->file = g_strconcat(from->session->kernel->source, file + length, NULL);
		g_free(file);
	}
}

/* What speaks for another layout. */
struct excusing {
	const struct kgr_plan_input *from;
	struct kgr_obj *built;
	GPtrArray *users; /* of char *: functions that have to be replaced for it */
};

/* "struct foo" may be called "foo". */
static bool is_allowed(const char *name, char **allowed)
{
	const char *space = strchr(name, ' ');

	return allowed && (g_strv_contains((const char *const *)allowed, name) ||
			   (space && g_strv_contains((const char *const *)allowed, space + 1)));
}

static bool excuse(void *arg, const struct kgr_type *type, char **words)
{
	struct excusing *e = arg;

	if (is_allowed(type->name, e->from->allow_layout)) {
		*words = g_strdup("another layout, as was allowed");
		return true;
	}
	if (!kgr_is_on_stacks(e->built, type, e->users, words))
		return false;
	*words = g_strdup("another layout of what is on stacks alone; who uses it is replaced");
	return true;
}

/* A unit, as the kernel has it and patched. */
struct compared {
	struct kgr_unit *unit;
	struct kgr_obj *built, *patched;
	struct kgr_image *image;
	GPtrArray *users; /* of types that have another layout */
};

static struct kgr_dwarf_types *read_dwarf(struct kgr_obj *obj, GError **error)
{
	const char *missing;
	GError *problem = NULL;
	struct kgr_dwarf_types *dwarf = kgr_dwarf_types_read(obj, &missing, &problem);

	if (problem)
		g_propagate_error(error, problem);
	else if (!dwarf)
		kgr_fail(
			error, KGR_REFUSED,
			"%s has %s, so whether the layout of a type changes is not known; the kernel's "
			"debug information has to be whole and in its objects",
			obj->path, missing);
	return dwarf;
}

static bool compare_unit(const struct kgr_plan_input *from, struct kgr_plan *c, struct compared *of,
			 GError **error)
{
	struct kgr_unit *u = of->unit;
	struct kgr_dwarf_types *before, *after;
	struct excusing excusing = { from, NULL, of->users };
	char *types;

	of->built = kgr_obj_open(u->built_objtool ?: u->built, error);
	of->patched = of->built ? kgr_obj_open(u->patched, error) : NULL;
	if (!of->patched)
		return false;
	excusing.built = of->built;
	before = read_dwarf(of->built, error);
	after = before ? read_dwarf(of->patched, error) : NULL;
	if (!after)
		return false;
	name_sources(after, from);
	types = kgr_compare_types(before, after, excuse, &excusing, c->selection.notes);
	if (types) {
		kgr_fail(
			error, KGR_REFUSED,
			"the diff changes the layout of a type that code and data of the running "
			"kernel share: %s; keep the layout (shadow the new member elsewhere), or see "
			"--allow-layout",
			types);
		g_free(types);
		return false;
	}
	of->image = kgr_unit_image(from->session->kernel, u, error);
	return of->image && kgr_compare(of->built, of->patched, error);
}

/* What the kernel runs now instead of one of the functions. */
static bool add_patched_func(struct kgr_plan *c, const struct kgr_patched_unit *src,
			     const struct compared *of, const struct kgr_sym *sym, GError **error)
{
	struct kgr_image *image = src->image;
	struct kgr_obj *built = of->built;
	int file_idx = src->file_idx;
	struct kgr_patched_func *old;

	if (sym->moved) {
		built = sym->moved->built;
		file_idx = kgr_image_file_idx(image, built, sym->moved->unit->old_source, error);
	}
	old = file_idx == -2 ? NULL : kgr_patched_func(image, built, file_idx, sym, error);
	if (old)
		g_ptr_array_add(c->old, old);
	return old;
}

static bool select_from(struct kgr_plan *c, struct compared *of, GError **error)
{
	struct kgr_unit *u = of->unit;
	struct kgr_obj *built = of->built, *patched = of->patched;
	guint first = c->selection.redirected->len, callback = c->selection.callbacks->len, i;
	guint offered = c->selection.exports->len;
	struct kgr_patched_unit *src;
	GError *unknown = NULL;
	int file_idx =
		u->old_source ? kgr_image_file_idx(of->image, built, u->old_source, &unknown) : -1;

	if (!kgr_find_moved(c->gone, u, of->image, patched, error) ||
	    !kgr_select(built, patched, u->record, of->image, file_idx, of->users, &c->selection,
			error))
		return false;
	for (; offered < c->selection.exports->len; offered++)
		((struct kgr_export *)c->selection.exports->pdata[offered])->unit = u;
	for (i = 0; i < patched->nsyms; i++)
		c->init_differs |= patched->syms[i].verdict != KGR_SAME && patched->syms[i].sec &&
				   kgr_sec_is_init(patched->syms[i].sec);
	if (!is_needed(patched)) {
		g_clear_error(&unknown);
		return true;
	}
	if (unknown) {
		g_propagate_error(error, unknown);
		return false;
	}
	src = g_new0(struct kgr_patched_unit, 1);
	src->patched = patched;
	src->image = of->image;
	src->file_idx = file_idx;
	g_ptr_array_add(c->sources, src);
	for (; callback < c->selection.callbacks->len; callback++) {
		g_array_index(c->selection.callbacks, struct kgr_callback, callback).image =
			src->image;
		if (!only_callback(c, callback, error))
			return false;
	}
	for (i = first; i < c->selection.redirected->len; i++) {
		if (!add_patched_func(c, src, of, c->selection.redirected->pdata[i], error))
			return false;
	}
	return true;
}

void kgr_plan_init(struct kgr_plan *c, const struct kgr_session *session)
{
	*c = (struct kgr_plan){
		.gone = kgr_gone_new(),
		.sources = g_ptr_array_new(),
		.old = g_ptr_array_new(),
		.selection = {
			.callbacks = g_array_new(FALSE, FALSE, sizeof(struct kgr_callback)),
			.redirected = g_ptr_array_new(),
			.notes = session->notes,
			.no_fentry = g_ptr_array_new(),
			.exports = g_ptr_array_new(),
		},
	};
}

/* But for what is known of functions that cannot be redirected. */
static void start_over(struct kgr_plan *c, guint notes)
{
	g_hash_table_remove_all(c->gone);
	g_ptr_array_set_size(c->sources, 0);
	g_ptr_array_set_size(c->old, 0);
	g_ptr_array_set_size(c->selection.redirected, 0);
	g_ptr_array_set_size(c->selection.exports, 0);
	g_ptr_array_set_size(c->selection.notes, (gint)notes);
	g_array_set_size(c->selection.callbacks, 0);
	c->init_differs = false;
}

/* All that the kernel has of the files that the diff takes away. */
static bool add_removed(const struct kgr_plan_input *from, struct kgr_plan *c, GError **error)
{
	guint i;
	size_t n;

	for (i = 0; i < from->removed->len; i++) {
		struct kgr_unit *u = from->removed->pdata[i];
		struct kgr_image *image = kgr_unit_image(from->session->kernel, u, error);
		struct kgr_obj *built = image ? kgr_obj_open(u->built, error) : NULL;

		if (!built || !read_dwarf(built, error))
			return false;
		for (n = 0; n < built->nsyms; n++)
			built->syms[n].verdict = KGR_GONE;
		kgr_gone_add(c->gone, u, image, built);
	}
	return true;
}

static bool compare_all(const struct kgr_plan_input *from, struct kgr_plan *c, GError **error)
{
	struct compared *all = g_new0(struct compared, from->units->len + 1);
	bool ok = true;
	guint i;

	kgr_progress_step(&from->session->progress, "compare");
	for (i = 0; ok && i < from->units->len; i++) {
		all[i].unit = from->units->pdata[i];
		all[i].users = g_ptr_array_new_with_free_func(g_free);
		ok = compare_unit(from, c, &all[i], error);
		if (ok)
			kgr_gone_add(c->gone, all[i].unit, all[i].image, all[i].built);
	}
	ok = ok && add_removed(from, c, error);
	/* Only now it is known what moves from where. */
	for (i = 0; ok && i < from->units->len; i++)
		ok = select_from(c, &all[i], error);
	g_free(all);
	return ok;
}

static void free_unit(gpointer unit)
{
	kgr_unit_free(unit);
}

/* The files that call what turned out to have no fentry since the last time are compiled, too. */
static bool add_callers(const struct kgr_plan_input *from, struct kgr_plan *c, GError **error)
{
	GPtrArray *found = g_ptr_array_new_with_free_func(free_unit);
	bool ok = true;
	guint i;

	kgr_progress_step(&from->session->progress, "callers");
	for (i = 0; ok && i < c->selection.no_fentry->len; i++) {
		struct kgr_no_fentry *no_fentry = c->selection.no_fentry->pdata[i];
		GError *problem = NULL;

		if (no_fentry->searched || no_fentry->impossible)
			continue;
		no_fentry->searched = true;
		ok = kgr_find_callers(from->session, no_fentry, from->units, found, &problem);
		if (!ok && no_fentry->impossible && c->selection.allow_kprobe) {
			g_clear_error(&problem);
			ok = true;
		}
		if (!ok)
			g_propagate_error(error, problem);
	}
	kgr_progress_step(&from->session->progress, "replay");
	ok = ok && kgr_replay(from->session, found, error);
	if (ok)
		g_ptr_array_extend_and_steal(from->units, found);
	else
		g_ptr_array_free(found, TRUE);
	return ok;
}

/* Has it come out that other functions have to be dealt with, or in another way? */
static bool is_settled(const struct kgr_selection *s)
{
	guint i;

	for (i = 0; i < s->no_fentry->len; i++) {
		const struct kgr_no_fentry *no_fentry = s->no_fentry->pdata[i];

		if (no_fentry->impossible ? !no_fentry->by_kprobe : !no_fentry->searched)
			return false;
	}
	return true;
}

bool kgr_plan_make(const struct kgr_plan_input *from, struct kgr_plan *c, GError **error)
{
	guint notes = c->selection.notes->len;
	bool ok;

	c->selection.allow_kprobe = from->allow_kprobe;
	c->selection.allow_data = from->allow_data;
	c->selection.kernel = from->session->kernel;
	kgr_progress_step(&from->session->progress, "replay");
	ok = kgr_replay(from->session, from->units, error) && compare_all(from, c, error);
	while (ok && !is_settled(&c->selection)) {
		start_over(c, notes);
		ok = add_callers(from, c, error) && compare_all(from, c, error);
	}
	return ok;
}
