// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * kgr-prove: does a patch module hold what a normal build of the patched source makes? It shares with
 * kgr-build how a recorded unit is compiled and how an object is read, and nothing of how functions are
 * chosen, matched and moved.
 */
#include <locale.h>

#include "lib/command-line.h"
#include "lib/error.h"
#include "prove/prove-module.h"
#include "lib/standard-output.h"
#include "units/find-units.h"
#include "units/replay.h"
#include "source/diff-names.h"

typedef struct options options;

struct options {
	gchar *build, *jobs_text, *strip_text;
	int jobs, strip;
	gboolean nothing;
	gchar **files; /* the module, unless there is nothing, and the diffs */
};

static void options_clear(struct options *o)
{
	g_clear_pointer(&o->build, g_free);
	g_clear_pointer(&o->jobs_text, g_free);
	g_clear_pointer(&o->strip_text, g_free);
	g_clear_pointer(&o->files, g_strfreev);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(options, options_clear)

static bool parse(char **argv, struct options *o, GError **error)
{
	static const struct kgr_program program = {
		.name = "kgr-prove",
		.arguments = "MODULE DIFF...",
		.summary = "Compare a patch module with what a normal build of the patched source "
			   "makes.",
		.description =
			"Exit status: 0 the same code, 1 not, 2 trouble, 4 the patched source "
			"does not compile.\nSee kgr-prove(1).",
	};
	const GOptionEntry entries[] = {
		{ "build", 'C', 0, G_OPTION_ARG_FILENAME, &o->build,
		  "the kernel's build directory (default: this one)", "DIR" },
		{ "jobs", 'j', 0, G_OPTION_ARG_STRING, &o->jobs_text,
		  "programs to run at a time (default: one a processor)", "N" },
		{ "strip", 'p', 0, G_OPTION_ARG_STRING, &o->strip_text,
		  "leading directories that names in the diffs have too many (default: found out)",
		  "N" },
		{ "nothing", 0, 0, G_OPTION_ARG_NONE, &o->nothing,
		  "there is no module: is there really nothing to patch?", NULL },
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

	if (!kgr_session_open_kernel(s, o->build, error) ||
	    !kgr_session_apply(s, diffs, o->strip, error))
		return NULL;
	kgr_progress_step(&s->progress, "compile");
	units = kgr_find_units(s, NULL, error);
	return units && kgr_compile_normally(s, units, error) ? g_steal_pointer(&units) : NULL;
}

static void print_proved(const struct kgr_proved *proved, const char *module)
{
	if (module)
		g_print("%s: %u functions, %u instructions, %u references, %u table entries: as a "
			"normal build makes them\n",
			module, proved->functions, proved->instructions, proved->references,
			proved->entries);
	else
		g_print("a normal build makes the same code, but for what is gone after init\n");
}

static int run(const struct options *o)
{
	const char *module = o->nothing ? NULL : o->files[0];
	g_autoptr(kgr_session) session = kgr_session_new((guint)o->jobs);
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) units = compile(session, o, o->files + !o->nothing, &error);
	struct kgr_proved proved;
	bool ok = units && kgr_prove_module(session, units, module, &proved, &error);

	kgr_progress_step(&session->progress, NULL);
	if (!ok)
		return kgr_error_print("kgr-prove", error);
	print_proved(&proved, module);
	return 0;
}

int main(int argc, char **argv)
{
	g_auto(options) opt = { .strip = KGR_STRIP_UNKNOWN };
	g_autoptr(GError) error = NULL;

	kgr_watch_output("kgr-prove");
	setlocale(LC_ALL, "");
	(void)argc;
	if (!parse(argv, &opt, &error))
		return kgr_error_print("kgr-prove", error);
	return run(&opt);
}
