// SPDX-License-Identifier: GPL-3.0-or-later
/* kgr: live patches on the machine that runs them. Its commands are in live/. */
#include <locale.h>
#include <string.h>

#include "cmd/live/commands.h"
#include "lib/error.h"
#include "lib/standard-output.h"

#define DEFAULT_TIMEOUT 60

static bool run(int argc, char **argv, const struct kgr_options *options, GError **error)
{
	static const char *const policies[] = { "signal", "wait", "stack", NULL };

	if (options->stragglers && !g_strv_contains(policies, options->stragglers))
		return kgr_fail(error, KGR_TROUBLE, "--stragglers is signal, wait or stack, not %s",
				options->stragglers);
	if (argc > 3)
		return kgr_fail(error, KGR_TROUBLE, "too many arguments, see kgr --help");
	return kgr_command(argc > 1 ? argv[1] : NULL, argc > 2 ? argv[2] : NULL, options, error);
}

int main(int argc, char **argv)
{
	g_auto(kgr_options) o = { .timeout = DEFAULT_TIMEOUT };
	gboolean version = FALSE;
	const GOptionEntry entries[] = {
		{ "stragglers", 0, 0, G_OPTION_ARG_STRING, &o.stragglers,
		  "with load: signal (default), wait or stack", "POLICY" },
		{ "timeout", 0, 0, G_OPTION_ARG_INT, &o.timeout,
		  "seconds to wait for the end of a transition (60; 0: for ever)", "S" },
		{ "replace", 0, 0, G_OPTION_ARG_NONE, &o.replace,
		  "with load: take the place of all patches that are there", NULL },
		{ "all", 0, 0, G_OPTION_ARG_NONE, &o.all,
		  "with load: all that is installed for this kernel", NULL },
		{ "no-wait", 0, 0, G_OPTION_ARG_NONE, &o.no_wait, "with load: do not wait", NULL },
		{ "json", 0, 0, G_OPTION_ARG_NONE, &o.json, "with status: print JSON", NULL },
		{ "version", 0, 0, G_OPTION_ARG_NONE, &version, "print the version", NULL },
		G_OPTION_ENTRY_NULL,
	};
	g_autoptr(GOptionContext) ctx = g_option_context_new(
		"load FILE.ko | load --all | unload NAME | list | status [NAME] "
		"| blocking NAME | poke NAME");
	g_autoptr(GError) error = NULL;
	bool ok;

	kgr_watch_output("kgr");
	setlocale(LC_ALL, "");
	g_option_context_set_summary(ctx, "Load, watch and unload kgraft live patches.");
	g_option_context_set_description(
		ctx, "Exit status: 0 done, 1 refused or not finished, 2 trouble.\nSee kgr(8).");
	g_option_context_add_main_entries(ctx, entries, NULL);
	ok = g_option_context_parse(ctx, &argc, &argv, &error);
	if (ok && version)
		g_print("kgr %s\n", KGR_VERSION);
	else if (ok)
		ok = run(argc, argv, &o, &error);
	return ok ? 0 : kgr_error_print("kgr", error);
}
