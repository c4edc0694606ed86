// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * kgr-prove: does a patch module hold what a normal build of the patched source makes? It shares with
 * kgr-build how a recorded unit is compiled and how an object is read, and nothing of how functions are
 * chosen, matched and moved.
 */
#include <locale.h>

#include "lib/command-line.h"
#include "lib/error.h"
#include "lib/json.h"
#include "prove/prove-module.h"
#include "prove/state.h"
#include "lib/standard-output.h"
#include "units/find-units.h"
#include "units/replay.h"
#include "source/diff-names.h"

typedef struct options options;

struct options {
	gchar *build, *external, *jobs_text, *strip_text;
	int jobs, strip;
	gboolean nothing, json;
	gchar **files; /* the module, unless there is nothing, and the diffs */
};

static void options_clear(struct options *o)
{
	g_clear_pointer(&o->build, g_free);
	g_clear_pointer(&o->external, g_free);
	g_clear_pointer(&o->jobs_text, g_free);
	g_clear_pointer(&o->strip_text, g_free);
	g_clear_pointer(&o->files, g_strfreev);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(options, options_clear)

static const struct kgr_program program = {
	.name = "kgr-prove",
	.arguments = "MODULE DIFF...",
	.summary = "Compare a patch module with what a normal build of the patched source "
		   "makes.",
	.description = "Exit status: 0 the same code, 1 not, 2 trouble, 4 the patched source "
		       "does not compile.\nSee kgr-prove(1).",
};

static bool parse(char **argv, struct options *o, GError **error)
{
	const GOptionEntry entries[] = {
		{ "build", 'C', 0, G_OPTION_ARG_FILENAME, &o->build,
		  "the kernel's build directory (default: this one)", "DIR" },
		{ "modules", 'M', 0, G_OPTION_ARG_FILENAME, &o->external,
		  "patch external modules, built there with M=DIR", "DIR" },
		{ "jobs", 'j', 0, G_OPTION_ARG_STRING, &o->jobs_text,
		  "programs to run at a time (default: one a processor)", "N" },
		{ "strip", 'p', 0, G_OPTION_ARG_STRING, &o->strip_text,
		  "leading directories that names in the diffs have too many (default: found out)",
		  "N" },
		{ "nothing", 0, 0, G_OPTION_ARG_NONE, &o->nothing,
		  "there is no module: is there really nothing to patch?", NULL },
		{ "json", 0, 0, G_OPTION_ARG_NONE, &o->json, "print the result as JSON", NULL },
		{ G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o->files, NULL, NULL },
		G_OPTION_ENTRY_NULL,
	};

	if (!kgr_command_line_parse(&program, entries, argv, error))
		return false;
	if (!o->files || (!o->nothing && !o->files[1]))
		return kgr_fail(error, KGR_TROUBLE,
				"a module and its diffs are needed, see kgr-prove --help");
	return kgr_command_line_number("-j", o->jobs_text, 1, &o->jobs, error) &&
	       kgr_command_line_number("-p", o->strip_text, 0, &o->strip, error);
}

/* The units that the diffs touch, patched and compiled as the kernel's own build would; NULL with @error set. */
static GPtrArray *compile(struct kgr_session *s, const struct options *o, char *const *diffs,
			  GError **error)
{
	g_autoptr(GPtrArray) units = NULL;

	if (!kgr_session_open_kernel(s, o->build, o->external, error) ||
	    !kgr_session_apply(s, diffs, o->strip, error))
		return NULL;
	kgr_progress_step(&s->progress, "compile");
	units = kgr_find_units(s, NULL, error);
	return units && kgr_compile_normally(s, units, error) ? g_steal_pointer(&units) : NULL;
}

static void print_row(const struct kgr_state_row *row)
{
	g_print("%-10s %s", row->kind, row->object);
	if (row->place)
		g_print(", static in %s()", row->place);
	g_print(" (%s): ", row->unit);
	if (row->kernel)
		g_print("the kernel's %s", row->kernel);
	else
		g_print("the patch's own");
	g_print("%s; %s\n", row->proved ? "" : ", and should not be", row->rule);
}

static void print_text(const struct kgr_proved *proved, const char *module, const GError *error)
{
	guint i;

	for (i = 0; i < proved->state->len; i++)
		print_row(proved->state->pdata[i]);
	if (error)
		return;
	if (module)
		g_print("%s: %u functions, %u instructions, %u references, %u table entries: as a "
			"normal build makes them\n",
			module, proved->functions, proved->instructions, proved->references,
			proved->entries);
	else
		g_print("a normal build makes the same code, but for what is gone after init\n");
}

static struct json_object *json_row(const struct kgr_state_row *row)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "object", kgr_json_string(row->object));
	json_object_object_add(o, "function", kgr_json_string(row->place));
	json_object_object_add(o, "unit", kgr_json_string(row->unit));
	json_object_object_add(o, "kind", kgr_json_string(row->kind));
	json_object_object_add(o, "kernel", kgr_json_string(row->kernel));
	json_object_object_add(o, "rule", kgr_json_string(row->rule));
	json_object_object_add(o, "proved", json_object_new_boolean(row->proved));
	return o;
}

static void print_json(const struct kgr_proved *proved, const char *module, const GError *error)
{
	struct json_object *o = json_object_new_object(), *state = json_object_new_array();
	guint i;

	json_object_object_add(o, "module", kgr_json_string(module));
	json_object_object_add(o, "proved", json_object_new_boolean(!error));
	json_object_object_add(o, "error", kgr_json_string(error ? error->message : NULL));
	json_object_object_add(o, "functions", json_object_new_int64(proved->functions));
	json_object_object_add(o, "instructions", json_object_new_int64(proved->instructions));
	json_object_object_add(o, "references", json_object_new_int64(proved->references));
	json_object_object_add(o, "entries", json_object_new_int64(proved->entries));
	for (i = 0; i < proved->state->len; i++)
		json_object_array_add(state, json_row(proved->state->pdata[i]));
	json_object_object_add(o, "state", state);
	kgr_json_print(o);
}

static int run(const struct options *o)
{
	const char *module = o->nothing ? NULL : o->files[0];
	g_autoptr(kgr_session) session = kgr_session_new((guint)o->jobs);
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) units = compile(session, o, o->files + !o->nothing, &error);
	g_auto(kgr_proved) proved = { .state = kgr_state_rows_new() };

	if (units) {
		kgr_proved_clear(&proved);
		kgr_prove_module(session, units, module, &proved, &error);
	}
	kgr_progress_step(&session->progress, NULL);
	if (o->json)
		print_json(&proved, module, error);
	else
		print_text(&proved, module, error);
	return error ? kgr_error_print("kgr-prove", error) : 0;
}

int main(int argc, char **argv)
{
	g_auto(options) opt = { .strip = KGR_STRIP_UNKNOWN };
	g_autoptr(GError) error = NULL;

	kgr_watch_output("kgr-prove");
	setlocale(LC_ALL, "");
	(void)argc;
	if (!parse(argv, &opt, &error))
		return kgr_command_line_fail(&program, argv, error);
	return run(&opt);
}
