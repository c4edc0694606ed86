// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Says of every symbol of the patch what becomes of it and why, in lines or as JSON; the lines are carried in the
 * module as well.
 *
 *   replaced foo (size 12, was 10)       {"name": "foo", "kind": "function", "object": "vmlinux",
 *   included bar (new)                    "replaced": true, "exported": false, "why": "size 12, was 10"}, ...
 */
#include "lib/json.h"
#include "module/report.h"
#include "select/data-values.h"

typedef void (*symbol_fn)(const struct kgr_compared *source, const struct kgr_sym *sym,
			  const struct kgr_selected *selected, void *data);
typedef void (*value_fn)(const struct kgr_data_object *object, const struct kgr_data_value *value,
			 void *data);
typedef void (*note_fn)(const char *note, void *data);

static void for_each_symbol(const struct kgr_report *r, symbol_fn fn, void *data)
{
	guint i;
	size_t n;

	for (i = 0; i < r->plan->sources->len; i++) {
		const struct kgr_compared *source = r->plan->sources->pdata[i];

		for (n = 0; n < source->patched->nsyms; n++) {
			const struct kgr_sym *sym = &source->patched->syms[n];
			const struct kgr_selected *selected = kgr_selected(r->plan->selection, sym);

			if (selected && !sym->parent)
				fn(source, sym, selected, data);
		}
	}
}

static void for_each_value(const struct kgr_report *r, value_fn fn, void *data)
{
	const GPtrArray *objects = r->plan->selection->data;
	guint i, n;

	for (i = 0; i < objects->len; i++) {
		const struct kgr_data_object *object = objects->pdata[i];

		for (n = 0; n < object->values->len; n++)
			fn(object, object->values->pdata[n], data);
	}
}

static void for_each_note(const struct kgr_report *r, note_fn fn, void *data)
{
	const GPtrArray *const lists[] = { r->notes, r->plan->selection->notes };
	size_t l;
	guint i;

	for (l = 0; l < G_N_ELEMENTS(lists); l++) {
		for (i = 0; i < lists[l]->len; i++)
			fn(lists[l]->pdata[i], data);
	}
}

static void add_line(const struct kgr_compared *source, const struct kgr_sym *sym,
		     const struct kgr_selected *selected, void *data)
{
	(void)source;
	g_string_append_printf(data, "%-8s %s (%s)\n",
			       selected->redirected ? "replaced" : "included", sym->name,
			       selected->why);
}

static void add_value_line(const struct kgr_data_object *object, const struct kgr_data_value *value,
			   void *data)
{
	(void)object;
	g_string_append_printf(data, "written  %s (%s, was %s; when all have moved)\n", value->name,
			       value->patched.words, value->built.words);
}

static void add_note_line(const char *note, void *data)
{
	g_string_append_printf(data, "note     %s\n", note);
}

char *kgr_report_lines(const struct kgr_report *r)
{
	GString *out = g_string_new(NULL);

	for_each_symbol(r, add_line, out);
	for_each_value(r, add_value_line, out);
	for_each_note(r, add_note_line, out);
	return g_string_free(out, FALSE);
}

void kgr_report_text(const struct kgr_report *r)
{
	g_autofree char *lines = kgr_report_lines(r);

	g_print("%sbuilt    %s for %s\n", lines, r->output, r->release);
}

static void add_symbol(const struct kgr_compared *source, const struct kgr_sym *sym,
		       const struct kgr_selected *selected, void *data)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "name", kgr_json_string(sym->name));
	json_object_object_add(o, "kind",
			       kgr_json_string(kgr_sym_is_func(sym) ? "function" : "object"));
	json_object_object_add(o, "object", kgr_json_string(source->image->module ?: "vmlinux"));
	json_object_object_add(o, "replaced", json_object_new_boolean(selected->redirected));
	json_object_object_add(o, "exported", json_object_new_boolean(selected->exported));
	json_object_object_add(o, "why", kgr_json_string(selected->why));
	json_object_array_add(data, o);
}

static void add_value(const struct kgr_data_object *object, const struct kgr_data_value *value,
		      void *data)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "name", kgr_json_string(value->name));
	json_object_object_add(o, "object",
			       kgr_json_string(object->of->image->module ?: "vmlinux"));
	json_object_object_add(o, "is", kgr_json_string(value->patched.words));
	json_object_object_add(o, "was", kgr_json_string(value->built.words));
	json_object_array_add(data, o);
}

static void add_note(const char *note, void *data)
{
	json_object_array_add(data, kgr_json_string(note));
}

void kgr_report_json(const struct kgr_report *r, const GError *error, int exit_code)
{
	struct json_object *o = kgr_json_outcome(exit_code, error),
			   *symbols = json_object_new_array();
	struct json_object *notes = json_object_new_array(), *escapes = json_object_new_array();
	struct json_object *values = json_object_new_array();
	guint i;

	json_object_object_add(o, "module", kgr_json_string(error ? NULL : r->output));
	json_object_object_add(o, "release", kgr_json_string(r->release));
	for_each_symbol(r, add_symbol, symbols);
	json_object_object_add(o, "symbols", symbols);
	for_each_value(r, add_value, values);
	json_object_object_add(o, "data", values);
	for_each_note(r, add_note, notes);
	json_object_object_add(o, "notes", notes);
	for (i = 0; i < r->plan->selection->escapes->len; i++)
		json_object_array_add(escapes,
				      kgr_json_string(r->plan->selection->escapes->pdata[i]));
	json_object_object_add(o, "escapes", escapes);
	if (r->split)
		json_object_object_add(o, "split", r->split);
	kgr_json_print(o);
}
