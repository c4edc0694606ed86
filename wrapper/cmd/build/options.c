// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Reads kgr-build's options, and refuses what does not go together, as --split and --keep do not. GLib stores each option
 * where its row of the table says; numbers are text there, so that a message can quote what was given.
 */
#include "cmd/build/options.h"
#include "lib/debug.h"
#include "lib/error.h"

void kgr_build_options_clear(struct kgr_build_options *o)
{
	g_free(o->build);
	g_free(o->external);
	g_free(o->output);
	g_free(o->name);
	g_free(o->keep);
	g_free(o->debug);
	g_free(o->jobs_text);
	g_free(o->strip_text);
	g_strfreev(o->diffs);
	g_strfreev(o->allow_layout);
	g_strfreev(o->allow_data);
	g_strfreev(o->allow_escape);
}

/* What no single option says wrong. */
static bool check(const struct kgr_build_options *o, GError **error)
{
	if (!o->diffs)
		return kgr_fail(error, KGR_TROUBLE, "no diff given, see kgr-build --help");
	if (o->split && o->diffs[1])
		return kgr_fail(error, KGR_TROUBLE,
				"--split takes one diff; give it the difference that these make "
				"together");
	if (o->split && o->keep)
		return kgr_fail(
			error, KGR_TROUBLE,
			"--split builds in rounds, of which --keep could keep one; build the "
			".live.diff that --split writes with --keep: it makes the same "
			"module");
	return true;
}

bool kgr_build_options_parse(const struct kgr_program *program, char **argv,
			     struct kgr_build_options *o, GError **error)
{
	const GOptionEntry entries[] = {
		{ "build", 'C', 0, G_OPTION_ARG_FILENAME, &o->build,
		  "the kernel's build directory (default: this one)", "DIR" },
		{ "modules", 'M', 0, G_OPTION_ARG_FILENAME, &o->external,
		  "patch external modules, built there with M=DIR", "DIR" },
		{ "output", 'o', 0, G_OPTION_ARG_FILENAME, &o->output,
		  "the module to make (default: kgraft-NAME.ko here)", "FILE" },
		{ "name", 'n', 0, G_OPTION_ARG_STRING, &o->name,
		  "the patch's name (default: the first diff's)", "NAME" },
		{ "jobs", 'j', 0, G_OPTION_ARG_STRING, &o->jobs_text,
		  "programs to run at a time (default: one a processor)", "N" },
		{ "strip", 'p', 0, G_OPTION_ARG_STRING, &o->strip_text,
		  "leading directories that names in the diffs have too many (default: found out)",
		  "N" },
		{ "no-kprobe", 0, 0, G_OPTION_ARG_NONE, &o->no_kprobe,
		  "refuse what only a breakpoint, as kprobes use it, can redirect", NULL },
		{ "allow-layout", 0, 0, G_OPTION_ARG_STRING_ARRAY, &o->allow_layout,
		  "accept that the diff changes the layout of this type", "TYPE" },
		{ "allow-escape", 0, 0, G_OPTION_ARG_STRING_ARRAY, &o->allow_escape,
		  "an unpatch callback takes the kernel's pointers to this new function or object away",
		  "SYMBOL" },
		{ "allow-data", 0, 0, G_OPTION_ARG_STRING_ARRAY, &o->allow_data,
		  "write another initial value of this object, or leave that to the diff's callback",
		  "OBJECT" },
		{ "split", 0, 0, G_OPTION_ARG_NONE, &o->split,
		  "leave out what is refused, with what belongs to it, and build the rest of the "
		  "diff",
		  NULL },
		{ "json", 0, 0, G_OPTION_ARG_NONE, &o->json,
		  "say what was done, or why not, as JSON on standard output", NULL },
		{ "keep", 0, 0, G_OPTION_ARG_FILENAME, &o->keep,
		  "keep all that is made on the way in DIR, which is new or empty", "DIR" },
		{ "debug", 0, 0, G_OPTION_ARG_STRING, &o->debug,
		  "say on stderr what was decided and why: units, match, compare, select, "
		  "extract, or all",
		  "LIST" },
		{ "timings", 0, 0, G_OPTION_ARG_NONE, &o->timings,
		  "say on stderr where the time went, and the peak memory", NULL },
		{ G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o->diffs, NULL, NULL },
		G_OPTION_ENTRY_NULL,
	};

	if (!kgr_command_line_parse(program, entries, argv, error) || !check(o, error) ||
	    !kgr_command_line_number("-j", o->jobs_text, 1, &o->jobs, error) ||
	    !kgr_command_line_number("-p", o->strip_text, 0, &o->strip, error))
		return false;
	return !o->debug || kgr_debug_enable(o->debug, error);
}
