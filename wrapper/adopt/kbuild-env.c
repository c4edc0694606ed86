// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The top Makefile finds out what the compiler can do and hands that to the makes below it in their
 * environment. For an external module of nothing it does so without wanting a kernel that was
 * built; a Kbuild file that writes its environment down is all that takes. What it says of the
 * external module does not go along: with the rest scripts/Makefile.build compiles the kernel's own
 * units, by the kernel's own rules. The directories' names do not go along either, since a kernel
 * that was adopted may be moved, or copied.
 *
 * From 6.13 on the external module is what Kbuild means by the source: in VPATH, and where it
 * shortens the names that __FILE__ gives. So it is made elsewhere (MO=), as the kernel was, and its
 * directory's name is the source's afterwards.
 */
#include <stdlib.h>
#include <string.h>

#include "adopt/kbuild-env.h"
#include "kernel/kbuild.h"
#include "lib/error.h"
#include "lib/subprocess.h"

#define BUILD_HERE "@KGR_BUILD@"
#define SOURCE_HERE "@KGR_SOURCE@"

/* Make's own, and what is true of an external module only. */
static bool is_left_out(const char *name)
{
	static const char *const names[] = { "MAKEFLAGS",
					     "MFLAGS",
					     "MAKEOVERRIDES",
					     "MAKELEVEL",
					     "MAKECMDGOALS",
					     "KBUILD_EXTMOD",
					     "KBUILD_EXTMOD_OUTPUT",
					     "MO",
					     "KBUILD_OUTPUT",
					     "M",
					     "extmod_prefix",
					     "MODORDER",
					     "MODULES_NSDEPS",
					     "KBUILD_VERBOSE",
					     "quiet",
					     "Q",
					     "PWD",
					     "_",
					     "KBUILD_BUILTIN",
					     "CC",
					     "KBUILD_MODULES",
					     "CPP",
					     "MAKE_TERMOUT",
					     "MAKE_TERMERR",
					     NULL };

	return g_strv_contains(names, name);
}

static bool ask(const char *build, const char *scratch, const char *compiler, GError **error)
{
	g_auto(kgr_subprocess) run = { .env = kgr_kbuild_environment() };

	kgr_subprocess_add(&run, "make", "-s", "-C", build, NULL);
	g_ptr_array_add(run.argv, g_strdup_printf("M=%s", scratch));
	g_ptr_array_add(run.argv, g_strdup_printf("MO=%s.made", scratch));
	g_ptr_array_add(run.argv, g_strdup_printf("CC=%s", compiler));
	kgr_subprocess_add(&run, "modules", NULL);
	return kgr_subprocess_run(&run, "Kbuild", error);
}

bool kgr_kbuild_env_make(const char *build, const char *source, const char *scratch,
			 const char *compiler, GError **error)
{
	g_autofree char *kbuild = g_build_filename(scratch, "Kbuild", NULL);
	g_autofree char *all = g_build_filename(scratch, "environment", NULL), *text = NULL;
	g_autofree char *line = g_strdup_printf("$(shell env -0 >%s)\n", all);
	g_autofree char *saved = g_build_filename(build, KGR_KBUILD_ENV, NULL);
	/* As make says them. */
	g_autofree char *build_named = realpath(build, NULL);
	g_autofree char *source_named = realpath(source, NULL);
	g_autofree char *scratch_named = realpath(scratch, NULL);
	g_auto(GStrv) env = kgr_kbuild_environment();
	g_autoptr(GString) out = g_string_new(NULL);
	const char *at;
	gsize size;

	if (!g_file_set_contents(kbuild, line, -1, error) ||
	    !ask(build, scratch, compiler, error) || !g_file_get_contents(all, &text, &size, error))
		return false;
	for (at = text; at < text + size; at += strlen(at) + 1) {
		g_auto(GStrv) pair = g_strsplit(at, "=", 2);
		g_autoptr(GString) entry = NULL;

		if (is_left_out(pair[0]) || !g_strcmp0(g_environ_getenv(env, pair[0]), pair[1]))
			continue;
		entry = g_string_new(at);
		g_string_replace(entry, scratch_named ?: scratch, SOURCE_HERE, 0);
		g_string_replace(entry, source_named ?: source, SOURCE_HERE, 0);
		g_string_replace(entry, build_named ?: build, BUILD_HERE, 0);
		g_string_append_len(out, entry->str, (gssize)entry->len + 1);
	}
	return g_file_set_contents(saved, out->str, (gssize)out->len, error);
}

static char **with_entry(char **env, const char *text, const char *build, const char *source)
{
	g_autoptr(GString) entry = g_string_new(text);
	g_auto(GStrv) pair = NULL;

	g_string_replace(entry, SOURCE_HERE, source, 0);
	g_string_replace(entry, BUILD_HERE, build, 0);
	pair = g_strsplit(entry->str, "=", 2);
	return pair[0] && pair[1] ? g_environ_setenv(env, pair[0], pair[1], TRUE) : env;
}

char **kgr_kbuild_env_read(const char *build, const char *source, const char *objects,
			   const char *cc, GError **error)
{
	g_autofree char *path = g_build_filename(build, KGR_KBUILD_ENV, NULL), *text = NULL;
	g_autofree char *cpp = g_strconcat(cc, " -E", NULL);
	g_autoptr(GError) cause = NULL;
	g_auto(GStrv) env = NULL;
	const char *at;
	gsize size;

	if (!g_file_get_contents(path, &text, &size, &cause)) {
		kgr_fail(error, KGR_TROUBLE, "%s; adopt the kernel again (kgr-adopt)",
			 cause->message);
		return NULL;
	}
	env = kgr_kbuild_environment();
	for (at = text; at < text + size; at += strlen(at) + 1)
		env = with_entry(env, at, build, source);
	if (g_strcmp0(g_environ_getenv(env, "srctree"), source)) {
		kgr_fail(
			error, KGR_TROUBLE,
			"%s is not of the source in %s, but of %s; adopt the kernel again (kgr-adopt)",
			path, source, g_environ_getenv(env, "srctree") ?: "none");
		return NULL;
	}
	env = g_environ_setenv(env, "CC", cc, TRUE);
	env = g_environ_setenv(env, "CPP", cpp, TRUE);
	env = g_environ_setenv(env, "abs_objtree", objects, TRUE);
	env = g_environ_setenv(env, "srctree", source, TRUE);
	env = g_environ_setenv(env, "objtree", ".", TRUE);
	/* Of the kernel's own units; each series calls that otherwise. */
	env = g_environ_setenv(env, "srcroot", source, TRUE);
	env = g_environ_setenv(env, "VPATH", source, TRUE);
	/* Of what fails the compiler's words are enough. */
	env = g_environ_setenv(env, "KBUILD_VERBOSE", "0", TRUE);
	env = g_environ_setenv(env, "quiet", "silent_", TRUE);
	env = g_environ_setenv(env, "Q", "@", TRUE);
	env = g_environ_setenv(env, "KBUILD_BUILTIN", "1", TRUE);
	env = g_environ_setenv(env, "KBUILD_MODULES", "1", TRUE);
	return g_steal_pointer(&env);
}

void kgr_kbuild_env_make_args(char **env, GPtrArray *argv, const char *dir)
{
	const char *source = g_environ_getenv(env, "srctree") ?: ".";

	g_ptr_array_add(argv, g_strdup("make"));
	g_ptr_array_add(argv, g_strdup("-srR"));
	g_ptr_array_add(argv, g_strdup("--no-print-directory"));
	g_ptr_array_add(argv, g_strdup("-I"));
	g_ptr_array_add(argv, g_strdup(source));
	g_ptr_array_add(argv, g_strdup("-f"));
	g_ptr_array_add(argv, g_build_filename(source, "scripts", "Makefile.build", NULL));
	g_ptr_array_add(argv, g_strconcat("obj=", dir, NULL));
	g_ptr_array_add(argv, g_strdup("need-builtin=1"));
	g_ptr_array_add(argv, g_strdup("need-modorder=1"));
}
