// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "choose.h"
#include "compare.h"
#include "dwarf-info.h"
#include "error.h"
#include "find-image.h"
#include "old-function.h"
#include "replay.h"
#include "steps.h"

static bool only_callback(const struct kgr_choice *c, guint last, GError **error)
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

static bool compare_unit(const struct kgr_choosing *from, struct kgr_choice *c, struct kgr_unit *u,
			 GError **error)
{
	struct kgr_obj *built = kgr_obj_open(u->finished ?: u->built, error);
	struct kgr_obj *patched = built ? kgr_obj_open(u->patched, error) : NULL;
	struct kgr_dwarf *before, *after;
	guint first = c->selection.redirected->len, callback = c->selection.callbacks->len, i;
	struct kgr_source *src;
	struct kgr_image *image;
	GError *problem = NULL;
	char *types;

	if (!patched)
		return false;
	before = kgr_dwarf_read(built, &problem);
	after = problem ? NULL : kgr_dwarf_read(patched, &problem);
	if (problem) {
		g_propagate_error(error, problem);
		return false;
	}
	types = kgr_compare_types(before, after, from->allow_layout, c->selection.notes);
	if (types) {
		GString *named = g_string_new(types);

		/* As the user knows the file, not as the shadow does. */
		g_string_replace(named, from->shadow->root, from->kernel->source, 0);
		g_free(types);
		types = g_string_free(named, FALSE);
		kgr_fail(
			error, KGR_REFUSED,
			"the diff changes the layout of a type that code and data of the running "
			"kernel share: %s; keep the layout (shadow the new member elsewhere), or see "
			"--allow-layout",
			types);
		g_free(types);
		return false;
	}
	image = kgr_find_image(from->kernel, u, error);
	if (!image || !kgr_compare(built, patched, error) ||
	    !kgr_select(built, patched, u->record, image->module, &c->selection, error))
		return false;
	for (i = 0; i < patched->nsyms; i++)
		c->init_differs |= patched->syms[i].verdict != KGR_SAME && patched->syms[i].sec &&
				   kgr_sec_is_init(patched->syms[i].sec);
	if (first == c->selection.redirected->len && callback == c->selection.callbacks->len)
		return true;
	src = g_new0(struct kgr_source, 1);
	src->patched = patched;
	src->image = image;
	src->unit = kgr_image_unit(image, built, u->record->source, error);
	if (src->unit == -2)
		return false;
	g_ptr_array_add(c->sources, src);
	for (; callback < c->selection.callbacks->len; callback++) {
		g_array_index(c->selection.callbacks, struct kgr_callback, callback).image =
			src->image;
		if (!only_callback(c, callback, error))
			return false;
	}
	for (i = first; i < c->selection.redirected->len; i++) {
		const struct kgr_sym *sym = c->selection.redirected->pdata[i];
		struct kgr_old_function *old;

		old = kgr_old_function(src->image, built, src->unit, sym, error);
		if (!old)
			return false;
		g_ptr_array_add(c->old, old);
	}
	return true;
}

void kgr_choice_init(struct kgr_choice *c)
{
	*c = (struct kgr_choice){
		.sources = g_ptr_array_new(),
		.old = g_ptr_array_new(),
		.selection = {
			.callbacks = g_array_new(FALSE, FALSE, sizeof(struct kgr_callback)),
			.redirected = g_ptr_array_new(),
			.notes = g_ptr_array_new(),
		},
	};
}

bool kgr_choose(const struct kgr_choosing *from, bool allow_kprobe, struct kgr_choice *c,
		GError **error)
{
	guint i;

	c->selection.allow_kprobe = allow_kprobe;
	kgr_step("replay");
	if (!kgr_replay(from->units, from->shadow, from->kernel, from->dir, from->jobs, error))
		return false;
	kgr_step("compare");
	for (i = 0; i < from->units->len; i++) {
		if (!compare_unit(from, c, from->units->pdata[i], error))
			return false;
	}
	return true;
}
