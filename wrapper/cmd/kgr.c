// SPDX-License-Identifier: GPL-3.0-or-later
/* kgr: live patches on the machine that runs them. Its commands are in live/. */
#include <locale.h>
#include <string.h>

#include "cmd/live/commands.h"
#include "lib/command-line.h"
#include "lib/error.h"
#include "lib/standard-output.h"

#define DEFAULT_TIMEOUT 60

static const struct kgr_program program = {
	.name = "kgr",
	.arguments = "load FILE.ko | load --all | unload NAME | list | status [NAME] "
		     "| blocking NAME | poke NAME",
	.summary = "Load, watch and unload kgraft live patches.",
	.description = "Exit status: 0 done, 1 refused or not finished, 2 trouble.\nSee kgr(8).",
};

static bool parse(char *const *argv, struct kgr_options *o, GStrv *words, GError **error)
{
	static const char *const policies[] = { "signal", "wait", "stack", NULL };
	g_autofree char *timeout = NULL;
	const GOptionEntry entries[] = {
		{ "stragglers", 0, 0, G_OPTION_ARG_STRING, &o->stragglers,
		  "with load: signal (default), wait or stack", "POLICY" },
		{ "timeout", 0, 0, G_OPTION_ARG_STRING, &timeout,
		  "seconds to wait for the end of a transition (60; 0: for ever)", "S" },
		{ "replace", 0, 0, G_OPTION_ARG_NONE, &o->replace,
		  "with load: take the place of all patches that are there", NULL },
		{ "all", 0, 0, G_OPTION_ARG_NONE, &o->all,
		  "with load: all that is installed for this kernel", NULL },
		{ "no-wait", 0, 0, G_OPTION_ARG_NONE, &o->no_wait, "with load: do not wait", NULL },
		{ "json", 0, 0, G_OPTION_ARG_NONE, &o->json, "with status: print JSON", NULL },
		{ G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, words, NULL, NULL },
		G_OPTION_ENTRY_NULL,
	};

	if (!kgr_command_line_parse(&program, entries, argv, error) ||
	    !kgr_command_line_number("--timeout", timeout, 0, &o->timeout, error))
		return false;
	if (o->stragglers && !g_strv_contains(policies, o->stragglers))
		return kgr_fail(error, KGR_TROUBLE, "--stragglers is signal, wait or stack, not %s",
				o->stragglers);
	return !*words || g_strv_length(*words) <= 2 ||
	       kgr_fail(error, KGR_TROUBLE, "too many arguments, see kgr --help");
}

int main(int argc, char **argv)
{
	g_auto(kgr_options) o = { .timeout = DEFAULT_TIMEOUT };
	g_auto(GStrv) words = NULL;
	g_autoptr(GError) error = NULL;
	bool ok;

	kgr_watch_output("kgr");
	setlocale(LC_ALL, "");
	(void)argc;
	ok = parse(argv, &o, &words, &error) &&
	     kgr_command(words ? words[0] : NULL, words ? words[1] : NULL, &o, &error);
	return ok ? 0 : kgr_command_line_fail(&program, argv, error);
}
