// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * kgr-diff: which functions and objects differ between two objects, sorted, with the cause; and
 * types, by their DWARF.
 */
#include <locale.h>
#include <string.h>

#include "compare/compare.h"
#include "lib/command-line.h"
#include "lib/error.h"
#include "lib/json.h"
#include "lib/standard-output.h"
#include "dwarf/stack-types.h"

struct line {
	const char *verdict, *kind, *name, *cause;
};

static const char *const verdict_names[] = {
	[KGR_SAME] = "same",
	[KGR_CHANGED] = "changed",
	[KGR_NEW] = "new",
	[KGR_GONE] = "gone",
};

static gint by_text(gconstpointer a, gconstpointer b)
{
	const struct line *x = a, *y = b;
	int order = strcmp(x->verdict, y->verdict);

	if (!order)
		order = strcmp(x->kind, y->kind);
	return order ? order : strcmp(x->name, y->name);
}

static void collect(const struct kgr_obj *obj, enum kgr_verdict from, enum kgr_verdict to,
		    GArray *lines)
{
	size_t i;

	for (i = 0; i < obj->nsyms; i++) {
		const struct kgr_sym *sym = &obj->syms[i];
		struct line line;

		if (sym->verdict < from || sym->verdict > to)
			continue;
		line.verdict = verdict_names[sym->verdict];
		line.kind = sym->type == STT_FUNC ? "function" : "object";
		line.name = sym->name;
		line.cause = sym->cause;
		g_array_append_val(lines, line);
	}
}

static void print_text(const GArray *lines)
{
	guint i;

	for (i = 0; i < lines->len; i++) {
		const struct line *l = &g_array_index(lines, struct line, i);

		g_print("%s %s: %s%s%s%s\n", l->verdict, l->kind, l->name, l->cause ? " (" : "",
			l->cause ?: "", l->cause ? ")" : "");
	}
}

static void print_json(const GArray *lines, const char *types)
{
	struct json_object *top = json_object_new_object(), *list = json_object_new_array();
	guint i;

	for (i = 0; i < lines->len; i++) {
		const struct line *l = &g_array_index(lines, struct line, i);
		struct json_object *o = json_object_new_object();

		json_object_object_add(o, "verdict", kgr_json_string(l->verdict));
		json_object_object_add(o, "kind", kgr_json_string(l->kind));
		json_object_object_add(o, "name", kgr_json_string(l->name));
		if (l->cause)
			json_object_object_add(o, "cause", kgr_json_string(l->cause));
		json_object_array_add(list, o);
	}
	json_object_object_add(top, "symbols", list);
	if (types)
		json_object_object_add(top, "types", kgr_json_string(types));
	kgr_json_print(top);
}

/* Is it shared with other code? It is never excused here, that is only said. */
static bool say_where(void *orig, const struct kgr_type *type, char **why)
{
	g_autoptr(GPtrArray) users = g_ptr_array_new_with_free_func(g_free);

	if (kgr_is_on_stacks(orig, type, NULL, NULL, users, why))
		*why = g_strdup("it is on stacks alone");
	return false;
}

/* Both as they are, and how they compare: 0 the same, 1 they differ, 2 with @error set. */
static int diff(const char *orig_path, const char *patched_path, bool json, GError **error)
{
	g_autoptr(GArray) lines = g_array_new(FALSE, FALSE, sizeof(struct line));
	g_autoptr(kgr_dwarf_types) orig_dwarf = NULL, patched_dwarf = NULL;
	g_autoptr(kgr_obj) orig = NULL, patched = NULL;
	g_autofree char *types = NULL;
	g_autoptr(GError) problem = NULL;
	const char *missing;

	orig = kgr_obj_open(orig_path, error);
	patched = orig ? kgr_obj_open(patched_path, error) : NULL;
	if (!patched)
		return 2;
	orig_dwarf = kgr_dwarf_types_read(orig, &missing, &problem);
	patched_dwarf = orig_dwarf ? kgr_dwarf_types_read(patched, &missing, &problem) : NULL;
	if (problem) {
		g_propagate_error(error, g_steal_pointer(&problem));
		return 2;
	}
	if (!patched_dwarf)
		g_printerr("kgr-diff: %s: it has %s, matching by the symbol table alone\n",
			   orig_dwarf ? patched_path : orig_path, missing);
	if (!kgr_compare(orig, patched, error))
		return 2;
	collect(patched, KGR_CHANGED, KGR_NEW, lines);
	collect(orig, KGR_GONE, KGR_GONE, lines);
	g_array_sort(lines, by_text);
	types = kgr_compare_types(orig_dwarf, patched_dwarf, say_where, orig, NULL);
	if (json) {
		print_json(lines, types);
	} else {
		print_text(lines);
		if (types)
			g_print("changed type: %s\n", types);
	}
	return lines->len || types ? 1 : 0;
}

static bool parse(char *const *argv, const struct kgr_program *program, gboolean *json,
		  GStrv *objects, GError **error)
{
	const GOptionEntry options[] = {
		{ "json", 0, 0, G_OPTION_ARG_NONE, json, "print JSON", NULL },
		{ G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, objects, NULL, NULL },
		G_OPTION_ENTRY_NULL,
	};

	return kgr_command_line_parse(program, options, argv, error) &&
	       ((*objects && g_strv_length(*objects) == 2) ||
		kgr_fail(error, KGR_TROUBLE, "two objects are needed, see kgr-diff --help"));
}

int main(int argc, char **argv)
{
	static const struct kgr_program program = {
		.name = "kgr-diff",
		.arguments = "ORIG.o PATCHED.o",
		.summary = "Compare two objects function by function.",
		.description = "Exit status: 0 the same, 1 they differ, 2 trouble, as with diff.",
	};
	g_auto(GStrv) objects = NULL;
	g_autoptr(GError) error = NULL;
	gboolean json = FALSE;
	int outcome = 2;

	kgr_watch_output("kgr-diff");
	setlocale(LC_ALL, "");
	(void)argc;
	if (parse(argv, &program, &json, &objects, &error))
		outcome = diff(objects[0], objects[1], json, &error);
	if (error)
		kgr_command_line_fail(&program, argv, error);
	return outcome;
}
