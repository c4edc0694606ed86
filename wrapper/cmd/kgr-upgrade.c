// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * kgr-upgrade: as much as can be live of what is between two versions of a kernel. The difference
 * of their sources becomes one diff, of which kgr-build --split, as which this program ends, makes
 * a module:
 *
 *   kgr-upgrade 6.1.0-55-cloud-amd64 6.1.0-56-cloud-amd64
 *
 *	linux-6.1.0-55-cloud-amd64/	kgr-adopt's, made if it is not there
 *	to-6.1.192-2.diff		from its source to that of linux-source-6.1 6.1.192-2
 *	kgraft-to-6-1-192-2.ko		and what kgr-build --split says
 */
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adopt/package-versions.h"
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

#define WAY_OUT "give kgr-build --split the difference"

/* kgr-build writes on stdout, which may be for a program. */
static void to_stderr(gpointer data)
{
	(void)data;
	dup2(STDERR_FILENO, STDOUT_FILENO);
}

/* What it says is said at once. */
static bool adopt(const char *release, const char *build, const struct options *o, GError **error)
{
	g_autofree char *adopter = kgr_own_program("kgr-adopt", error);
	const char *args[] = { adopter,	    release, "-o", build, o->packages ? "--packages" : NULL,
			       o->packages, NULL };
	int status;

	if (!adopter || !g_spawn_sync(NULL, (char **)args, NULL, G_SPAWN_DEFAULT, to_stderr, NULL,
				      NULL, NULL, &status, error))
		return false;
	return !status || kgr_fail(error, status == 0x100 ? KGR_REFUSED : KGR_TROUBLE,
				   "%s is not adopted, and kgr-adopt says why; if it is adopted "
				   "already, give its build directory",
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

static bool has(const char *dir, const char *name)
{
	g_autofree char *path = g_build_filename(dir, name, NULL);

	return g_file_test(path, G_FILE_TEST_EXISTS);
}

/* Nothing but a source may be in it: all that differs becomes the diff. */
static bool check_tree(const char *tree, const char *output_dir, GError **error)
{
	g_autofree char *output = realpath(output_dir, NULL);

	if (!has(tree, "MAINTAINERS"))
		return kgr_fail(error, KGR_TROUBLE,
				"%s has no file MAINTAINERS; give the top directory of a kernel's "
				"source",
				tree);
	if (has(tree, ".git"))
		return kgr_fail(error, KGR_REFUSED,
				"%s is a git repository, which knows better what differs: " WAY_OUT
				" that git diff says",
				tree);
	if (has(tree, "include/generated") || has(tree, ".config"))
		return kgr_fail(
			error, KGR_REFUSED,
			"a kernel was built in %s, which has the build's files in it; build "
			"it with O=, or " WAY_OUT,
			tree);
	return !output || !kgr_path_below(tree, output) ||
	       kgr_fail(error, KGR_REFUSED,
			"%s, where the diff goes, is part of %s; choose another place with -o",
			output, tree);
}

static bool check_order(const struct kgr_kernel *kernel, const char *version, GError **error)
{
	const char *is = kernel->adopted ? kernel->adopted->version : NULL;

	if (is && !strcmp(is, version))
		return kgr_fail(
			error, KGR_REFUSED,
			"%s is of version %s already; give a later version, or a directory with "
			"another source",
			kernel->build, is);
	return !is || kgr_version_is_at_least(version, is) ||
	       kgr_fail(error, KGR_REFUSED,
			"%s is older than what is there, %s; a patch that takes fixes out again "
			"has to be wanted: give a directory with that source",
			version, is);
}

/*
 * What of git's output is a source. A symbolic link is none, and --split refuses a diff that has
 * one. No line of a hunk or of a binary file begins with "diff".
 */
static char *without_links(const char *diff)
{
	g_autoptr(GString) out = g_string_new(NULL);
	guint links = 0;

	while (*diff) {
		const char *next = strstr(diff + 1, "\ndiff --git ");
		gsize size = next ? (gsize)(next + 1 - diff) : strlen(diff);
		const char *hunk = g_strstr_len(diff, (gssize)size, "\n@@ ");
		gsize header = hunk ? (gsize)(hunk - diff) : size;

		if (g_strstr_len(diff, (gssize)header, " 120000\n"))
			links++;
		else
			g_string_append_len(out, diff, (gssize)size);
		diff += size;
	}
	if (links)
		g_printerr("kgr-upgrade: %u symbolic link%s that differ%s: left out\n", links,
			   links == 1 ? "" : "s", links == 1 ? "s" : "");
	return g_string_free(g_steal_pointer(&out), FALSE);
}

/* Both trees under the names that a diff has. */
static char *difference(const char *dir, const char *source, GError **error)
{
	g_autofree char *a = g_build_filename(dir, "a", NULL);
	const char *const args[] = { "diff",
				     "--no-index",
				     "--no-ext-diff",
				     "--no-renames",
				     "--binary",
				     "--src-prefix=",
				     "--dst-prefix=",
				     "a/",
				     "b/",
				     NULL };
	g_autoptr(GString) said = NULL;
	int status;

	if (symlink(source, a)) {
		kgr_fail(error, KGR_TROUBLE, "%s: %s", a, g_strerror(errno));
		return NULL;
	}
	said = kgr_git(args, dir, NULL, &status, error);
	if (!said)
		return NULL;
	if (!status)
		kgr_fail(error, KGR_NOTHING, "nothing to patch: the sources are the same");
	else if (status != 1 || !g_str_has_prefix(said->str, "diff --git "))
		kgr_fail(error, KGR_TROUBLE, "git diff says: %s", said->str);
	else
		return without_links(said->str);
	return NULL;
}

/* Where the diff goes: beside the module. */
static char *name_diff(const char *output_dir, const char *version)
{
	g_autofree char *full = g_canonicalize_filename(output_dir, NULL);
	g_autofree char *base = g_strdup_printf("to-%s.diff", version);

	return g_build_filename(full, base, NULL);
}

/* @dir: a temporary directory, in which b becomes the source of what it shall become; returns the diff's name */
static char *make_diff(const struct options *o, const struct kgr_kernel *kernel,
		       const char *version, const char *output_dir, const char *dir, GError **error)
{
	g_autofree char *b = g_build_filename(dir, "b", NULL);
	g_autofree char *to = realpath(o->words[1], NULL), *diff = NULL, *path = NULL;
	g_autofree char *base = version ? g_strdup(version) : g_path_get_basename(to);

	path = name_diff(output_dir, base);
	if (!kgr_check_output(path, NULL, error))
		return NULL;
	if (version) {
		if (!kgr_source_unpack(version, o->packages, dir, b, error))
			return NULL;
	} else if (symlink(to, b)) {
		kgr_fail(error, KGR_TROUBLE, "%s: %s", b, g_strerror(errno));
		return NULL;
	}
	diff = difference(dir, kernel->source, error);
	return diff && g_file_set_contents(path, diff, -1, error) ? g_steal_pointer(&path) : NULL;
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

/* Before anything takes its time. */
static bool check_arguments(const struct options *o, const char *output_dir, char **version,
			    GError **error)
{
	const char *to = o->words[1];
	g_autofree char *tree = NULL;

	if (o->output && !kgr_check_output(o->output, NULL, error))
		return false;
	if (!g_file_test(to, G_FILE_TEST_IS_DIR)) {
		*version = kgr_source_version(to, o->packages, error);
		return *version;
	}
	tree = realpath(to, NULL);
	return check_tree(tree, output_dir, error);
}

static void run(const struct options *o, GError **error)
{
	g_autofree char *output_dir = o->output ? g_path_get_dirname(o->output) : g_strdup(".");
	g_autofree char *build = NULL, *diff = NULL, *version = NULL;
	g_autofree char *temporary = g_strdup(g_getenv("TMPDIR"));
	g_autoptr(kgr_kernel) kernel = NULL;
	char *dir;

	if (!check_arguments(o, output_dir, &version, error))
		return;
	build = find_build(o, error);
	kernel = build ? kgr_kernel_open(build, NULL, error) : NULL;
	if (!kernel || (version && !check_order(kernel, version, error)) ||
	    !check_tree(kernel->source, output_dir, error))
		return;
	dir = kgr_temp_dir_in(output_dir, "choose another place with -o", error);
	diff = dir ? make_diff(o, kernel, version, output_dir, dir, error) : NULL;
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
	char *for_programs[] = { argv[0], (char *)"--json", NULL };
	bool json;

	kgr_watch_output("kgr-upgrade");
	setlocale(LC_ALL, "");
	(void)argc;
	if (parse(argv, &o, &error))
		run(&o, &error);
	/* It is an option of kgr-build's, and stands behind all others. */
	json = o.words && g_strv_contains((const char *const *)o.words, "--json");
	return kgr_command_line_fail(&program, json ? for_programs : argv, error);
}
