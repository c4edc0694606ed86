// SPDX-License-Identifier: GPL-3.0-or-later
/* kgr-adopt: from the packages of a kernel that a distribution built to a build directory for kgr-build. */
#include <limits.h>
#include <locale.h>
#include <string.h>

#include "adopt/adopt.h"
#include "adopt/running.h"
#include "lib/command-line.h"
#include "lib/error.h"
#include "lib/files.h"
#include "lib/standard-output.h"

static const struct kgr_program program = {
	.name = "kgr-adopt",
	.arguments = "RELEASE|--running",
	.summary =
		"Make a build directory for kgr-build from the packages of a kernel that Debian built.",
	.description = "Exit status: 0 done, 1 refused, 2 trouble. See kgr-adopt(1).",
};

typedef struct options options;

struct options {
	gchar *build, *packages, **release;
	gboolean running;
};

static void options_clear(struct options *o)
{
	g_free(o->build);
	g_free(o->packages);
	g_strfreev(o->release);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(options, options_clear)

static bool parse(char **argv, struct options *o, GError **error)
{
	const GOptionEntry entries[] = {
		{ "output", 'o', 0, G_OPTION_ARG_FILENAME, &o->build,
		  "the build directory to make (default: linux-RELEASE here)", "BUILD" },
		{ "packages", 0, 0, G_OPTION_ARG_FILENAME, &o->packages,
		  "take the packages from DIR, not from the archive", "DIR" },
		{ "running", 0, 0, G_OPTION_ARG_NONE, &o->running,
		  "adopt the kernel that runs here", NULL },
		{ G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o->release, NULL, NULL },
		G_OPTION_ENTRY_NULL,
	};

	if (!kgr_command_line_parse(&program, entries, argv, error))
		return false;
	if (o->running ? o->release != NULL : !o->release || o->release[1])
		return kgr_fail(
			error, KGR_TROUBLE,
			"give one release, as uname -r says it, or --running; see kgr-adopt "
			"--help");
	if (o->running) {
		o->release = g_new0(gchar *, 2);
		o->release[0] = kgr_running_release();
	}
	if (!o->build)
		o->build = g_strconcat("linux-", o->release[0], NULL);
	return true;
}

static bool run(const struct options *o, GError **error)
{
	g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
	struct kgr_adopt adopt = {
		.release = o->release[0],
		.running = o->running,
		.packages = o->packages,
		.build = o->build,
		.notes = notes,
	};
	guint i;

	if (!kgr_allow_open_files(error) || !kgr_adopt(&adopt, error))
		return false;
	for (i = 0; i < notes->len; i++)
		g_print("  %s\n", (char *)notes->pdata[i]);
	g_print("%s: %s; kgr-build -C %s foo.diff makes kgraft-foo.ko\n", o->build,
		adopt.again ? "was adopted before" : "adopted", o->build);
	return true;
}

int main(int argc, char **argv)
{
	g_auto(options) o = { 0 };
	g_autoptr(GError) error = NULL;

	kgr_watch_output("kgr-adopt");
	setlocale(LC_ALL, "");
	(void)argc;
	return parse(argv, &o, &error) && run(&o, &error) ?
		       0 :
		       kgr_command_line_fail(&program, argv, error);
}
