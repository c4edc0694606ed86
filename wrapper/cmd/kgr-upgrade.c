// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * kgr-upgrade: as much as can be live of what is between two versions of a kernel. The difference of their sources becomes one diff,
 * of which kgr-build --split, as which this program ends, makes a module:
 *
 *   kgr-upgrade 6.1.0-55-cloud-amd64 6.1.0-56-cloud-amd64
 *
 *	linux-6.1.0-55-cloud-amd64/	kgr-adopt's, made if it is not there
 *	to-6.1.192-2.diff		from its source to that of linux-source-6.1 6.1.192-2
 *	kgraft-to-6-1-192-2.ko		and what kgr-build --split says
 */
#include <errno.h>
#include <locale.h>
#include <string.h>
#include <unistd.h>

#include "adopt/kbuild-version.h"
#include "adopt/own-program.h"
#include "adopt/source-package.h"
#include "kernel/kernel-build.h"
#include "lib/command-line.h"
#include "lib/error.h"
#include "lib/files.h"
#include "lib/git.h"
#include "lib/standard-output.h"
#include "lib/tmpdir.h"

static const struct kgr_program program = {
	.name = "kgr-upgrade",
	.arguments = "FROM TO [-- OPTION...]",
	.summary =
		"Make a live patch of what is between two versions of a kernel, as far as it can be live.",
	.description =
		"FROM is a build directory, or a release, which is adopted; TO a release, a version of\n"
		"linux-source-X.Y, or a directory with the source. OPTIONs are kgr-build's.\n"
		"Exit status: that of kgr-build. See kgr-upgrade(1).",
};

typedef struct options options;

struct options {
	gchar *output, *packages, **words;
};

static void options_clear(struct options *o)
{
	g_free(o->output);
	g_free(o->packages);
	g_strfreev(o->words);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(options, options_clear)

static bool parse(char **argv, struct options *o, GError **error)
{
	const GOptionEntry entries[] = {
		{ "output", 'o', 0, G_OPTION_ARG_FILENAME, &o->output,
		  "the module (default: as kgr-build names it, here)", "OUT.ko" },
		{ "packages", 0, 0, G_OPTION_ARG_FILENAME, &o->packages,
		  "take packages from DIR, not from the archive", "DIR" },
		{ G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o->words, NULL, NULL },
		G_OPTION_ENTRY_NULL,
	};

	if (!kgr_command_line_parse(&program, entries, argv, error))
		return false;
	return (o->words && g_strv_length(o->words) >= 2) ||
	       kgr_fail(error, KGR_TROUBLE,
			"give what is there, and what it shall become; see kgr-upgrade --help");
}

/* What it says is said at once. */
static bool adopt(const char *release, const char *build, const struct options *o, GError **error)
{
	g_autofree char *adopter = kgr_own_program("kgr-adopt", error);
	const char *args[] = { adopter,	    release, "-o", build, o->packages ? "--packages" : NULL,
			       o->packages, NULL };
	int status;

	if (!adopter || !g_spawn_sync(NULL, (char **)args, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL,
				      NULL, &status, error))
		return false;
	return !status ||
	       kgr_fail(error, status == 0x100 ? KGR_REFUSED : KGR_TROUBLE,
			"%s is not adopted, and kgr-adopt says why; if it is adopted already, give "
			"its build directory",
			release);
}

/* The build directory of a release that was adopted, or is now; g_free() it. */
static char *find_build(const struct options *o, GError **error)
{
	const char *from = o->words[0];
	g_autofree char *build = g_strconcat("linux-", from, NULL);

	if (g_file_test(from, G_FILE_TEST_IS_DIR))
		return g_strdup(from);
	return adopt(from, build, o, error) ? g_steal_pointer(&build) : NULL;
}

static bool check_order(const struct kgr_kernel *kernel, const char *version, GError **error)
{
	const char *is = kernel->adopted ? kernel->adopted->version : NULL;

	if (is && !strcmp(is, version))
		return kgr_fail(error, KGR_REFUSED, "%s is of version %s already", kernel->build,
				is);
	return !is || kgr_version_is_at_least(version, is) ||
	       kgr_fail(error, KGR_REFUSED,
			"%s is older than what is there, %s; a patch that takes fixes out again "
			"has to be wanted: give a directory with that source",
			version, is);
}

/* Both trees under the names that a diff has. */
static bool write_diff(const char *dir, const char *source, const char *path, GError **error)
{
	g_autofree char *a = g_build_filename(dir, "a", NULL);
	g_autofree char *output = g_strconcat("--output=", path, NULL);
	const char *const args[] = { "diff",
				     "--no-index",
				     "--no-ext-diff",
				     "--no-renames",
				     "--binary",
				     "--src-prefix=",
				     "--dst-prefix=",
				     output,
				     "a/",
				     "b/",
				     NULL };
	g_autoptr(GString) said = NULL;
	int status;

	if (symlink(source, a))
		return kgr_fail(error, KGR_TROUBLE, "%s: %s", a, g_strerror(errno));
	said = kgr_git(args, dir, NULL, &status, error);
	if (!said)
		return false;
	if (!status) {
		unlink(path);
		return kgr_fail(error, KGR_NOTHING, "nothing to patch: the sources are the same");
	}
	return status == 1 || kgr_fail(error, KGR_TROUBLE, "%s cannot be made: git diff says: %s",
				       path, said->str);
}

/* Where the diff goes: beside the module. */
static char *name_diff(const struct options *o, const char *version)
{
	g_autofree char *dir = o->output ? g_path_get_dirname(o->output) : g_strdup(".");
	g_autofree char *full = g_canonicalize_filename(dir, NULL);
	g_autofree char *base = g_strdup_printf("to-%s.diff", version);

	return g_build_filename(full, base, NULL);
}

/* @dir: a temporary directory, in which b becomes the source of what it shall become; returns the diff's name */
static char *make_diff(const struct options *o, const struct kgr_kernel *kernel, const char *dir,
		       GError **error)
{
	const char *to = o->words[1];
	g_autofree char *b = g_build_filename(dir, "b", NULL), *version = NULL, *path = NULL;

	if (g_file_test(to, G_FILE_TEST_IS_DIR)) {
		g_autofree char *full = g_canonicalize_filename(to, NULL);
		g_autofree char *maintainers = g_build_filename(full, "MAINTAINERS", NULL);

		if (!g_file_test(maintainers, G_FILE_TEST_EXISTS)) {
			kgr_fail(error, KGR_TROUBLE,
				 "%s has no file MAINTAINERS; give the top directory of a kernel's "
				 "source",
				 to);
			return NULL;
		}
		version = g_path_get_basename(full);
		if (symlink(full, b)) {
			kgr_fail(error, KGR_TROUBLE, "%s: %s", b, g_strerror(errno));
			return NULL;
		}
	} else {
		version = kgr_source_version(to, o->packages, error);
		if (!version || !check_order(kernel, version, error))
			return NULL;
	}
	path = name_diff(o, version);
	if (!kgr_check_output(path, NULL, error))
		return NULL;
	if (!g_file_test(b, G_FILE_TEST_EXISTS) &&
	    !kgr_source_unpack(version, o->packages, dir, b, error))
		return NULL;
	return write_diff(dir, kernel->source, path, error) ? g_steal_pointer(&path) : NULL;
}

/* Comes back only if that fails. */
static void become_kgr_build(const struct options *o, const char *build, const char *diff,
			     GError **error)
{
	g_autofree char *builder = kgr_own_program("kgr-build", error);
	g_autoptr(GPtrArray) args = g_ptr_array_new();
	char **word;

	if (!builder)
		return;
	g_ptr_array_add(args, builder);
	g_ptr_array_add(args, (char *)"--split");
	g_ptr_array_add(args, (char *)"-C");
	g_ptr_array_add(args, (char *)build);
	if (o->output) {
		g_ptr_array_add(args, (char *)"-o");
		g_ptr_array_add(args, o->output);
	}
	for (word = o->words + 2; *word; word++)
		g_ptr_array_add(args, *word);
	g_ptr_array_add(args, (char *)diff);
	g_ptr_array_add(args, NULL);
	execv(builder, (char **)args->pdata);
	kgr_fail(error, KGR_TROUBLE, "%s: %s", builder, g_strerror(errno));
}

static void run(const struct options *o, GError **error)
{
	g_autoptr(kgr_kernel) kernel = NULL;
	g_autofree char *build = NULL, *diff = NULL, *near = NULL;
	g_autofree char *temporary = g_strdup(g_getenv("TMPDIR"));
	char *dir;

	build = find_build(o, error);
	kernel = build ? kgr_kernel_open(build, NULL, error) : NULL;
	if (!kernel)
		return;
	if (!strcmp(kernel->source, kernel->build)) {
		kgr_fail(
			error, KGR_REFUSED,
			"%s was built in its source, which has the build's files in it; build it with O=, or give "
			"kgr-build --split the difference",
			build);
		return;
	}
	near = o->output ? g_path_get_dirname(o->output) : g_strdup(".");
	dir = kgr_temp_dir_in(near, "choose another place with -o", error);
	diff = dir ? make_diff(o, kernel, dir, error) : NULL;
	if (!diff)
		return;
	/* What follows has a directory of its own, where all others have theirs. */
	kgr_remove_tree(dir);
	if (temporary)
		g_setenv("TMPDIR", temporary, TRUE);
	else
		g_unsetenv("TMPDIR");
	become_kgr_build(o, build, diff, error);
}

int main(int argc, char **argv)
{
	g_auto(options) o = { 0 };
	g_autoptr(GError) error = NULL;

	kgr_watch_output("kgr-upgrade");
	setlocale(LC_ALL, "");
	(void)argc;
	if (parse(argv, &o, &error))
		run(&o, &error);
	return kgr_command_line_fail(&program, argv, error);
}
