// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * kgr-init: gives a kernel build directory the targets kgraft-patch and kgraft-rpm, and compiles
 * the runtime for it, which every patch module then links.
 */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/command-line.h"
#include "lib/error.h"
#include "lib/files.h"
#include "lib/standard-output.h"
#include "lib/tmpdir.h"
#include "kernel/kernel-build.h"
#include "kernel/linked-objects.h"
#include "module/runtime-cache.h"

#define MARK "# Written by kgr-init; kgr-init --remove takes it away."

/*
 * Names are data: make does not expand them, and gives them to the shell in its environment. PATCH
 * is one file if there is one of that whole name, and else a list. NAME and OUT are what others
 * have in their environment, too.
 */
static const char makefile[] = MARK
	"\n"
	"# make prefers this name to Makefile, which stays as it is. Kbuild exports much that a patch\n"
	"# build must not see, so it is left out when only a patch is asked for.\n"
	"ifeq ($(filter kgraft-patch kgraft-rpm,$(MAKECMDGOALS)),)\n"
	"# After Linux 6.12 one that Kbuild wrote says where that was, and this may be a copy.\n"
	"ifeq ($(word 2,$(file <Makefile)) $(filter KBUILD_OUTPUT,$(file <Makefile)),Automatically KBUILD_OUTPUT)\n"
	"override KBUILD_OUTPUT := $(CURDIR)\n"
	"endif\n"
	"include Makefile\n"
	"else\n"
	"# PATCH=file.diff [NAME=name] [OUT=file] [M=dir] [KGRFLAGS=options]; names are relative to where\n"
	"# make was called, PATCH, if it is not there, to here, and M, as for Kbuild, to here.\n"
	"unexport PATCH NAME OUT M KGRFLAGS\n"
	"export KGR_PATCH := $(value PATCH)\n"
	"export KGR_NAME := $(if $(findstring command,$(origin NAME)),$(value NAME))\n"
	"export KGR_OUT := $(if $(findstring command,$(origin OUT)),$(value OUT))\n"
	"export KGR_MODULES := $(if $(findstring command,$(origin M)),$(value M))\n"
	"export KGR_FLAGS := $(value KGRFLAGS)\n"
	"export KGR_CALLER := $(value PWD)\n"
	"define kgr-call\n"
	"@[ -n \"$$KGR_PATCH\" ] || { echo 'PATCH=file.diff is missing' >&2; exit 2; }; \\\n"
	"set -f; IFS=' '; \\\n"
	"if [ -e \"$$KGR_CALLER/$$KGR_PATCH\" ] || [ -e \"$$KGR_PATCH\" ]; \\\n"
	"then set -- \"$$KGR_PATCH\"; else set -- $$KGR_PATCH; fi; \\\n"
	"for file; do \\\n"
	"\tshift; \\\n"
	"\tcase $$file in /*|-) ;; \\\n"
	"\t*) [ ! -e \"$$KGR_CALLER/$$file\" ] || file=$$KGR_CALLER/$$file ;; \\\n"
	"\tesac; \\\n"
	"\tset -- \"$$@\" \"$$file\"; \\\n"
	"done; \\\n"
	"case $$KGR_OUT in ''|/*) ;; *) KGR_OUT=$$KGR_CALLER/$$KGR_OUT ;; esac; \\\n"
	"exec $(1) -C . $${KGR_MODULES:+-M \"$$KGR_MODULES\"} $${KGR_NAME:+-n \"$$KGR_NAME\"} $${KGR_OUT:+-o \"$$KGR_OUT\"} $$KGR_FLAGS \"$$@\"\n"
	"endef\n"
	".PHONY: kgraft-patch kgraft-rpm\n"
	"kgraft-patch:\n"
	"\t$(call kgr-call,kgr-build)\n"
	"kgraft-rpm:\n"
	"\t$(call kgr-call,kgr-rpm)\n"
	"endif\n";

static bool is_ours(const char *path)
{
	g_autofree char *text = NULL;

	return g_file_get_contents(path, &text, NULL, NULL) && g_str_has_prefix(text, MARK);
}

static bool write_makefile(const char *build, GError **error)
{
	g_autofree char *path = g_build_filename(build, "GNUmakefile", NULL);

	if (!access(path, F_OK) && !is_ours(path))
		return kgr_fail(error, KGR_TROUBLE,
				"%s is there already and not from kgr-init; move it away first",
				path);
	return g_file_set_contents(path, makefile, -1, error);
}

/*
 * Two kgr-init of one build directory run one after the other, and the second finds what the first has made.
 * The lock is held until the program ends.
 */
static bool lock_build(const char *build, GError **error)
{
	int fd = open(build, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return (fd >= 0 && !flock(fd, LOCK_EX)) ||
	       kgr_fail(error, KGR_TROUBLE,
			"%s cannot be locked: %s; is it a directory that you may read, on a file "
			"system with locks?",
			build, g_strerror(errno));
}

/*
 * Patches of such objects, and of headers, are refused: better to know that now. The usual cause is
 * a compiler cache before kgr-gcc: it puts an object there that it has, without a record.
 */
static void warn_of_unrecorded(const struct kgr_kernel *k)
{
	struct kgr_build_index index = { 0 };
	g_autoptr(GError) error = NULL;
	const GPtrArray *objects;

	kgr_build_index_read(&index, k->build);
	objects = kgr_unrecorded(&index, k, &error);
	if (!objects)
		g_printerr("kgr-init: warning: %s\n", error->message);
	else if (objects->len)
		g_printerr(
			"kgr-init: warning: %u of the kernel's objects have no record (%s): what "
			"concerns them will be refused. Build them again with CC=kgr-gcc; a "
			"compiler cache goes behind it (KGR_CC=\"ccache gcc\"), not before it\n",
			objects->len, (const char *)objects->pdata[0]);
	kgr_build_index_clear(&index);
}

static bool add(const char *build, GError **error)
{
	g_autoptr(kgr_kernel) k =
		kgr_allow_open_files(error) ? kgr_kernel_open(build, NULL, error) : NULL;

	if (!k || !lock_build(k->build, error) || !write_makefile(k->build, error) ||
	    !kgr_runtime_cache_make(k, g_get_num_processors(), error))
		return false;
	/* An adopted kernel's are made when they are needed. */
	if (!k->adopted)
		warn_of_unrecorded(k);
	g_print("%s: make kgraft-patch PATCH=foo.diff makes kgraft-foo.ko now\n", k->build);
	return true;
}

static bool take_away(const char *build, GError **error)
{
	g_autofree char *path = g_build_filename(build, "GNUmakefile", NULL);
	g_autofree char *cache = g_build_filename(build, ".kgraft", NULL);

	if (!access(path, F_OK) && !is_ours(path))
		return kgr_fail(
			error, KGR_TROUBLE,
			"%s is not from kgr-init, so nothing is removed; move it away first", path);
	if (unlink(path) && errno != ENOENT)
		return kgr_fail(error, KGR_TROUBLE, "%s: %s", path, g_strerror(errno));
	kgr_remove_tree(cache);
	return true;
}

static bool parse(char *const *argv, const struct kgr_program *program, gboolean *removing,
		  GStrv *builds, GError **error)
{
	const GOptionEntry options[] = {
		{ "remove", 0, 0, G_OPTION_ARG_NONE, removing, "take everything away again", NULL },
		{ G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, builds, NULL, NULL },
		G_OPTION_ENTRY_NULL,
	};

	return kgr_command_line_parse(program, options, argv, error) &&
	       (!*builds || !(*builds)[1] ||
		kgr_fail(error, KGR_TROUBLE, "too many arguments, see kgr-init --help"));
}

int main(int argc, char **argv)
{
	static const struct kgr_program program = {
		.name = "kgr-init",
		.arguments = "[BUILD]",
		.summary = "Prepare a kernel build directory for live patches.",
		.description = "Exit status: 0 done, 2 trouble. See kgr-init(1).",
	};
	g_auto(GStrv) builds = NULL;
	g_autoptr(GError) error = NULL;
	gboolean removing = FALSE;
	const char *build;
	bool ok;

	kgr_watch_output("kgr-init");
	setlocale(LC_ALL, "");
	(void)argc;
	ok = parse(argv, &program, &removing, &builds, &error);
	build = builds ? builds[0] : ".";
	ok = ok && (removing ? take_away(build, &error) : add(build, &error));
	return ok ? 0 : kgr_command_line_fail(&program, argv, error);
}
