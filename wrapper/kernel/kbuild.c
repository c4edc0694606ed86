// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Running Kbuild for a directory of ours. Before Kbuild makes a module it asks the compiler some thirty
 * times what it can do (scripts/Kbuild.include, cc-option), with the same answers each time for one kernel;
 * they are found out once, saved, and given to it as if the kernel's own make had exported them.
 *
 *   first    make M=DIR modules                 DIR/Kbuild writes the environment it is given into a file
 *   later    make -f scripts/Makefile.build     with that environment, DIR replaced: nothing is asked again
 *            make -f scripts/Makefile.modpost, make -f scripts/Makefile.modfinal
 */
#include <string.h>
#include <unistd.h>

#include "lib/error.h"
#include "kernel/kbuild.h"
#include "lib/subprocess.h"

/* Does make, or the kernel's Makefile, take it from the environment? */
static bool is_heeded(const char *name)
{
	static const char *const names[] = {
		/* make's own; called from one we must not talk to its job server */
		"MAKEFLAGS", "MFLAGS", "MAKEOVERRIDES", "MAKELEVEL", "MAKEFILES", "GNUMAKEFLAGS",
		/* the top Makefile's */
		"KCFLAGS", "KAFLAGS", "KCPPFLAGS", "KRUSTFLAGS", "KCONFIG_CONFIG", "LLVM",
		"LLVM_IAS", "sub_make_done", "srcroot", NULL
	};

	/* KBUILD_EXTRA_SYMBOLS, KBUILD_OUTPUT, KBUILD_MODPOST_WARN, ... */
	return g_str_has_prefix(name, "KBUILD_") || g_strv_contains(names, name);
}

/*
 * What people have set for builds of their own is none of a patch's inputs. ARCH and CROSS_COMPILE stay: whoever builds
 * a kernel for another machine has no other way to say so.
 */
char **kgr_kbuild_environment(void)
{
	char **env = g_get_environ();
	g_auto(GStrv) names = g_listenv();
	size_t i;

	for (i = 0; names[i]; i++) {
		if (is_heeded(names[i]))
			env = g_environ_unsetenv(env, names[i]);
	}
	return env;
}

bool kgr_kbuild(const struct kgr_kernel *k, const char *dir, const char *target, guint jobs,
		GError **error)
{
	g_auto(kgr_subprocess) run = { 0 };

	kgr_subprocess_add(&run, "make", "-s", "-C", k->build, NULL);
	g_ptr_array_add(run.argv, g_strdup_printf("M=%s", dir));
	g_ptr_array_add(run.argv, g_strdup_printf("CC=%s", k->compiler));
	g_ptr_array_add(run.argv, g_strdup_printf("-j%u", jobs));
	/* Nothing of where it was made may show in the module: it comes out the same every time. */
	g_ptr_array_add(run.argv, g_strdup_printf("KCFLAGS=-g0 -ffile-prefix-map=%s/=", dir));
	/* BTF is made of DWARF, of which the module has none, and pahole calls that an error. */
	kgr_subprocess_add(&run, "CONFIG_DEBUG_INFO_BTF_MODULES=", target, NULL);
	run.env = kgr_kbuild_environment();
	return kgr_subprocess_run(&run, "Kbuild", error);
}

/*
 * The top Makefile hands everything it found out to the makes below it in their environment
 * (Documentation/kbuild/makefiles.rst), and so to a shell in a Kbuild file. Saved is the directory, and
 * then what differs from our environment; each ends with a NUL.
 */
bool kgr_kbuild_save_env(const struct kgr_kernel *k, const char *dir, const char *saved,
			 GError **error)
{
	g_autofree char *kbuild = g_build_filename(dir, "Kbuild", NULL);
	g_autofree char *all = g_build_filename(dir, "environment", NULL);
	g_autofree char *line = g_strdup_printf("$(shell env -0 >%s)\n", all), *text = NULL;
	g_auto(GStrv) env = kgr_kbuild_environment();
	g_autoptr(GString) out = g_string_new(dir);
	const char *at;
	gsize size;

	if (!g_file_set_contents(kbuild, line, -1, error) ||
	    !kgr_kbuild(k, dir, "modules", 1, error) ||
	    !g_file_get_contents(all, &text, &size, error))
		return false;
	g_string_append_c(out, 0);
	for (at = text; at < text + size; at += strlen(at) + 1) {
		g_auto(GStrv) pair = g_strsplit(at, "=", 2);

		if (g_strcmp0(g_environ_getenv(env, pair[0]), pair[1]))
			g_string_append_len(out, at, (gssize)strlen(at) + 1);
	}
	return g_file_set_contents(saved, out->str, (gssize)out->len, error);
}

/* The environment of a make below the top one, for @dir instead of the directory it was saved in. */
static char **saved_environment(const char *text, gsize size, const char *dir)
{
	char **env = kgr_kbuild_environment();
	const char *at;

	for (at = text + strlen(text) + 1; at < text + size; at += strlen(at) + 1) {
		g_autoptr(GString) s = g_string_new(at);
		g_auto(GStrv) pair = NULL;

		g_string_replace(s, text, dir, 0);
		pair = g_strsplit(s->str, "=", 2);
		env = g_environ_setenv(env, pair[0], pair[1], TRUE);
	}
	return env;
}

static bool run_below(const struct kgr_kernel *k, const char *cwd, char **env, const char *makefile,
		      const char *const *args, GError **error)
{
	g_autofree char *path = g_build_filename(k->source, "scripts", makefile, NULL);
	g_auto(kgr_subprocess) run = { .cwd = g_strdup(cwd), .env = g_strdupv(env) };

	kgr_subprocess_add(&run, "make", "-f", path, NULL);
	for (; args && *args; args++)
		kgr_subprocess_add(&run, *args, NULL);
	return kgr_subprocess_run(&run, "Kbuild", error);
}

bool kgr_kbuild_modules(const struct kgr_kernel *k, const char *dir, const char *saved, guint jobs,
			GError **error)
{
	g_autofree char *obj = g_strdup_printf("obj=%s", dir), *text = NULL;
	const char *args[] = { obj, "need-builtin=1", "need-modorder=1", NULL };
	g_auto(GStrv) env = NULL;
	const char *cwd = k->build;
	gsize size;

	/* Written as a whole, or not there. */
	if (!g_file_get_contents(saved, &text, &size, NULL))
		return kgr_kbuild(k, dir, "modules", jobs, error);
	env = saved_environment(text, size, dir);
	/* From 6.13 on Kbuild works in the module's own directory, and srcroot says from where to that. */
	if (g_environ_getenv(env, "srcroot")) {
		cwd = dir;
		args[0] = "obj=.";
	}
	/* What "modules" comes down to in the top Makefile, if M= is given. */
	return run_below(k, cwd, env, "Makefile.build", args, error) &&
	       run_below(k, cwd, env, "Makefile.modpost", NULL, error) &&
	       run_below(k, cwd, env, "Makefile.modfinal", NULL, error);
}
