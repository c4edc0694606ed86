// SPDX-License-Identifier: GPL-3.0-or-later
/* Makes and frees selections, and has the words for functions that ftrace cannot hook. */
#include <string.h>

#include "select/exports.h"
#include "select/selection.h"

const char *const kgr_callback_kinds[KGR_CALLBACK_KINDS] = { "pre_patch", "post_patch",
							     "pre_unpatch", "post_unpatch" };

static void free_selected(gpointer data)
{
	struct kgr_selected *selected = data;

	g_free(selected->why);
	g_free(selected);
}

static void free_export(gpointer export)
{
	kgr_export_free(export);
}

struct kgr_selection *kgr_selection_new(const struct kgr_select_input *in)
{
	struct kgr_selection *s = g_new(struct kgr_selection, 1);

	*s = (struct kgr_selection){
		.in = in,
		.selected = g_hash_table_new_full(NULL, NULL, NULL, free_selected),
		.moved = g_hash_table_new(NULL, NULL),
		.callbacks = g_array_new(FALSE, FALSE, sizeof(struct kgr_callback)),
		.redirected = g_ptr_array_new(),
		.data = g_ptr_array_new(),
		.exports = g_ptr_array_new_with_free_func(free_export),
		.escapes = g_ptr_array_new_with_free_func(g_free),
		.allowed_escapes = g_ptr_array_new_with_free_func(g_free),
		.notes = g_ptr_array_new_with_free_func(g_free),
	};
	return s;
}

void kgr_selection_free(struct kgr_selection *s)
{
	if (!s)
		return;
	g_hash_table_unref(s->selected);
	g_hash_table_unref(s->moved);
	g_array_unref(s->callbacks);
	g_ptr_array_unref(s->redirected);
	g_ptr_array_unref(s->data);
	g_ptr_array_unref(s->exports);
	g_ptr_array_unref(s->escapes);
	g_ptr_array_unref(s->allowed_escapes);
	g_ptr_array_unref(s->notes);
	g_free(s);
}

static void free_no_fentry(gpointer data)
{
	struct kgr_no_fentry *no_fentry = data;

	g_free(no_fentry->name);
	g_free(no_fentry);
}

GPtrArray *kgr_no_fentry_new(void)
{
	return g_ptr_array_new_with_free_func(free_no_fentry);
}

const char *kgr_fentry_words(const char *fentry)
{
	static const struct {
		const char *fact, *words;
	} facts[] = {
		{ "no:notrace", "is notrace" },
		{ "no:naked", "is naked" },
		{ "no:init", "is __init" },
		{ "no:nopg", "is compiled without -pg" },
	};
	size_t i;

	for (i = 0; fentry && i < G_N_ELEMENTS(facts); i++) {
		if (!strcmp(fentry, facts[i].fact))
			return facts[i].words;
	}
	return fentry ? "has no fentry" : "has a fentry that no record tells of";
}
