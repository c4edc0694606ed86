// SPDX-License-Identifier: GPL-3.0-or-later
#include <json-c/json.h>

#include "lib/error.h"
#include "extract/extract.h"
#include "module/report.h"

typedef void (*symbol_fn)(const struct kgr_patched_unit *source, const struct kgr_sym *sym,
			  void *data);

static void for_each_symbol(const struct kgr_report *r, symbol_fn fn, void *data)
{
	guint i;
	size_t n;

	for (i = 0; i < r->sources->len; i++) {
		const struct kgr_patched_unit *source = r->sources->pdata[i];

		for (n = 0; n < source->patched->nsyms; n++) {
			const struct kgr_sym *sym = &source->patched->syms[n];

			if (sym->included && !sym->parent)
				fn(source, sym, data);
		}
	}
}

static void add_line(const struct kgr_patched_unit *source, const struct kgr_sym *sym, void *data)
{
	(void)source;
	g_string_append_printf(data, "%-8s %s (%s)\n", sym->redirected ? "replaced" : "included",
			       sym->name, sym->why);
}

char *kgr_report_lines(const struct kgr_report *r)
{
	GString *out = g_string_new(NULL);
	guint i;

	for_each_symbol(r, add_line, out);
	for (i = 0; i < r->selection->notes->len; i++)
		g_string_append_printf(out, "note     %s\n", (char *)r->selection->notes->pdata[i]);
	return g_string_free(out, FALSE);
}

void kgr_report_text(const struct kgr_report *r)
{
	char *lines = kgr_report_lines(r);

	g_print("%sbuilt    %s for %s\n", lines, r->output, r->release);
	g_free(lines);
}

static void add_text(struct json_object *to, const char *key, const char *text)
{
	json_object_object_add(to, key, text ? json_object_new_string(text) : NULL);
}

static void add_symbol(const struct kgr_patched_unit *source, const struct kgr_sym *sym, void *data)
{
	struct json_object *o = json_object_new_object();

	add_text(o, "name", sym->name);
	add_text(o, "kind", kgr_sym_is_func(sym) ? "function" : "object");
	add_text(o, "object", source->image->module ?: "vmlinux");
	json_object_object_add(o, "replaced", json_object_new_boolean(sym->redirected));
	json_object_object_add(o, "offered", json_object_new_boolean(sym->exported));
	add_text(o, "why", sym->why);
	json_object_array_add(data, o);
}

static const char *outcome(int exit_code)
{
	static const char *const names[] = {
		[KGR_BUILT] = "built",
		[KGR_REFUSED] = "refused",
		[KGR_TROUBLE] = "trouble",
		[KGR_NOTHING] = "nothing to patch",
		[KGR_COMPILE] = "does not compile",
	};

	return names[exit_code];
}

void kgr_report_json(const struct kgr_report *r, const GError *error, int exit_code)
{
	struct json_object *o = json_object_new_object(), *symbols = json_object_new_array();
	struct json_object *notes = json_object_new_array();
	guint i;

	add_text(o, "outcome", outcome(exit_code));
	json_object_object_add(o, "exit", json_object_new_int(exit_code));
	add_text(o, "error", error ? error->message : NULL);
	add_text(o, "module", error ? NULL : r->output);
	add_text(o, "release", r->release);
	for_each_symbol(r, add_symbol, symbols);
	json_object_object_add(o, "symbols", symbols);
	for (i = 0; i < r->selection->notes->len; i++)
		json_object_array_add(notes, json_object_new_string(r->selection->notes->pdata[i]));
	json_object_object_add(o, "notes", notes);
	g_print("%s\n", json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY |
								  JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}
