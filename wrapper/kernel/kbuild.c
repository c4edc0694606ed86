// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Running Kbuild for a directory of ours. Before Kbuild makes a module it asks the compiler some thirty
 * times what it can do (scripts/Kbuild.include, cc-option), with the same answers each time for one kernel;
 * they are found out once, saved, and given to it as if the kernel's own make had exported them.
 */
#include <string.h>
#include <unistd.h>

#include "lib/error.h"
#include "kernel/kbuild.h"
#include "lib/subprocess.h"

/* Called from make ourselves, we must not talk to its job server or inherit CC=kgr-gcc. */
static char **environment(void)
{
	static const char *const of_make[] = { "MAKEFLAGS", "MFLAGS", "MAKEOVERRIDES", "MAKELEVEL",
					       "KBUILD_OUTPUT" };
	char **env = g_get_environ();
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(of_make); i++)
		env = g_environ_unsetenv(env, of_make[i]);
	return env;
}

bool kgr_kbuild(const struct kgr_kernel *k, const char *dir, const char *target, guint jobs,
		GError **error)
{
	struct kgr_subprocess run = { .argv = g_ptr_array_new_with_free_func(g_free) };

	g_ptr_array_add(run.argv, g_strdup("make"));
	g_ptr_array_add(run.argv, g_strdup("-s"));
	g_ptr_array_add(run.argv, g_strdup("-C"));
	g_ptr_array_add(run.argv, g_strdup(k->build));
	g_ptr_array_add(run.argv, g_strdup_printf("M=%s", dir));
	g_ptr_array_add(run.argv, g_strdup_printf("CC=%s", k->compiler));
	g_ptr_array_add(run.argv, g_strdup_printf("-j%u", jobs));
	/* Nothing of where it was made may show in the module: it comes out the same every time. */
	g_ptr_array_add(run.argv, g_strdup_printf("KCFLAGS=-g0 -ffile-prefix-map=%s/=", dir));
	/* BTF is made of DWARF, of which the module has none, and pahole calls that an error. */
	g_ptr_array_add(run.argv, g_strdup("CONFIG_DEBUG_INFO_BTF_MODULES="));
	g_ptr_array_add(run.argv, g_strdup(target));
	run.env = environment();
	return kgr_subprocess_run(&run, "Kbuild", error);
}

/*
 * The top Makefile hands everything it found out to the makes below it in their environment
 * (Documentation/kbuild/makefiles.rst), and so to a shell in a Kbuild file. Kept is the directory, and
 * then what differs from our environment; each ends with a NUL.
 */
bool kgr_kbuild_save_env(const struct kgr_kernel *k, const char *dir, const char *saved,
			 GError **error)
{
	char *kbuild = g_build_filename(dir, "Kbuild", NULL);
	char *all = g_build_filename(dir, "environment", NULL);
	char *line = g_strdup_printf("$(shell env -0 >%s)\n", all), *text = NULL;
	char **env = environment();
	GString *out = g_string_new(dir);
	gsize size = 0;
	bool ok = g_file_set_contents(kbuild, line, -1, error) &&
		  kgr_kbuild(k, dir, "modules", 1, error) &&
		  g_file_get_contents(all, &text, &size, error);
	const char *at;

	g_string_append_c(out, 0);
	for (at = text; ok && at < text + size; at += strlen(at) + 1) {
		char **pair = g_strsplit(at, "=", 2);

		if (g_strcmp0(g_environ_getenv(env, pair[0]), pair[1]))
			g_string_append_len(out, at, (gssize)strlen(at) + 1);
		g_strfreev(pair);
	}
	ok = ok && g_file_set_contents(saved, out->str, (gssize)out->len, error);
	g_string_free(out, TRUE);
	g_strfreev(env);
	g_free(text);
	g_free(line);
	g_free(all);
	g_free(kbuild);
	return ok;
}

/* The environment of a make below the top one, for @dir instead of the directory it was saved in. */
static char **kept_environment(const char *text, gsize size, const char *dir)
{
	char **env = environment();
	const char *at;

	for (at = text + strlen(text) + 1; at < text + size; at += strlen(at) + 1) {
		GString *s = g_string_new(at);
		char **pair;

		g_string_replace(s, text, dir, 0);
		pair = g_strsplit(s->str, "=", 2);
		env = g_environ_setenv(env, pair[0], pair[1], TRUE);
		g_strfreev(pair);
		g_string_free(s, TRUE);
	}
	return env;
}

static bool run_below(const struct kgr_kernel *k, char **env, const char *makefile,
		      const char *const *args, GError **error)
{
	struct kgr_subprocess run = { .argv = g_ptr_array_new_with_free_func(g_free),
				      .cwd = g_strdup(k->build),
				      .env = g_strdupv(env) };

	g_ptr_array_add(run.argv, g_strdup("make"));
	g_ptr_array_add(run.argv, g_strdup("-f"));
	g_ptr_array_add(run.argv, g_build_filename(k->source, "scripts", makefile, NULL));
	for (; args && *args; args++)
		g_ptr_array_add(run.argv, g_strdup(*args));
	return kgr_subprocess_run(&run, "Kbuild", error);
}

bool kgr_kbuild_modules(const struct kgr_kernel *k, const char *dir, const char *saved, guint jobs,
			GError **error)
{
	char *obj = g_strdup_printf("obj=%s", dir), *text = NULL, **env;
	const char *const args[] = { obj, "need-builtin=1", "need-modorder=1", NULL };
	gsize size;
	bool ok;

	/* Written as a whole, or not there. */
	if (g_file_get_contents(saved, &text, &size, NULL)) {
		env = kept_environment(text, size, dir);
		/* What "modules" comes down to in the top Makefile, if M= is given. */
		ok = run_below(k, env, "Makefile.build", args, error) &&
		     run_below(k, env, "Makefile.modpost", NULL, error) &&
		     run_below(k, env, "Makefile.modfinal", NULL, error);
		g_strfreev(env);
	} else {
		ok = kgr_kbuild(k, dir, "modules", jobs, error);
	}
	g_free(text);
	g_free(obj);
	return ok;
}
