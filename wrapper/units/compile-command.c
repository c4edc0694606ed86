// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The command of a record, to be run again: on the overlay, and with the output elsewhere.
 *
 *   recorded   cd /src    gcc ... -Wp,-MMD,fs/.a.o.d -c -o fs/a.o fs/a.c
 *   now        cd /tmp/s  gcc ... -Wp,-MMD,/tmp/1.o.d -c -o /tmp/1.o fs/a.c -idirafter .../include
 *
 * /tmp/s being the overlay of /src. A build directory outside the source is not part of the overlay, and stays.
 */
#include <limits.h>
#include <string.h>

#include "lib/files.h"
#include "lib/install-path.h"
#include "units/compile-command.h"

/* Where a program of the recorded directory runs in the overlay: below it if the directory is. */
static char *overlay_cwd(struct kgr_overlay *s, const char *dir, GError **error)
{
	const char *below = kgr_path_below(s->source, dir);

	if (!below)
		return g_strdup(dir);
	if (!kgr_overlay_make_dir(s, below, error))
		return NULL;
	return g_build_filename(s->root, below, NULL);
}

/* Outputs go elsewhere: the object, and the dependencies that make would read. */
static char *redirected(const char *arg, const char *prev, const char *object, const char *deps)
{
	if (!strcmp(prev, "-o"))
		return g_strdup(object);
	if (!strcmp(prev, "-MF"))
		return g_strdup(deps);
	if (g_str_has_prefix(arg, "-o") && arg[2])
		return g_strconcat("-o", object, NULL);
	if (g_str_has_prefix(arg, "-Wp,-MMD,"))
		return g_strconcat("-Wp,-MMD,", deps, NULL);
	if (g_str_has_prefix(arg, "-Wp,-MD,"))
		return g_strconcat("-Wp,-MD,", deps, NULL);
	return NULL;
}

/*
 * Our environment with those variables as they were that change what gcc compiles: all that a record may have
 * (record-write.c), and not those of today. Two of them name a file to be written, and that is nobody's then.
 */
static char **recorded_environment(const struct kgr_record *r, const struct kgr_overlay *s)
{
	static const char *const outputs[] = { "DEPENDENCIES_OUTPUT", "SUNPRO_DEPENDENCIES", NULL };
	static const char *const inputs[] = {
		"CPATH",	   "C_INCLUDE_PATH",	"COMPILER_PATH",
		"GCC_EXEC_PREFIX", "LIBRARY_PATH",	"LANG",
		"LC_ALL",	   "LC_CTYPE",		"LANGUAGE",
		"LC_MESSAGES",	   "SOURCE_DATE_EPOCH", "GCC_COMPARE_DEBUG",
	};
	char **env = g_get_environ();
	size_t i;
	guint n;

	for (i = 0; outputs[i]; i++)
		env = g_environ_unsetenv(env, outputs[i]);
	for (i = 0; i < G_N_ELEMENTS(inputs); i++)
		env = g_environ_unsetenv(env, inputs[i]);
	for (n = 0; n < r->env->len; n++) {
		g_auto(GStrv) pair = g_strsplit(r->env->pdata[n], "=", 2);
		g_auto(GStrv) parts = NULL;
		g_autofree char *value = NULL;

		if (g_strv_contains(outputs, pair[0]))
			continue;
		/* Several of them are lists of directories. */
		parts = g_strsplit(pair[1], ":", -1);
		for (i = 0; s && parts[i]; i++) {
			char *now = kgr_overlay_map_path(s, parts[i]);

			g_free(parts[i]);
			parts[i] = now;
		}
		value = g_strjoinv(":", parts);
		env = g_environ_setenv(env, pair[0], value, TRUE);
	}
	return env;
}

/* What is compiled, and what that included by names that climb. */
static bool make_ways(struct kgr_overlay *s, const struct kgr_record *r, GError **error)
{
	guint i;

	for (i = 0; i < r->args->len; i++) {
		const char *arg = r->args->pdata[i];

		if (*arg != '-' && (g_str_has_suffix(arg, ".c") || g_str_has_suffix(arg, ".S")) &&
		    !kgr_overlay_make_way(s, r->dir, arg, error))
			return false;
	}
	for (i = 0; i < r->inputs->len; i++) {
		const char *path = g_array_index(r->inputs, struct kgr_input, i).path;

		if (strstr(path, "../") && !kgr_overlay_make_way(s, r->dir, path, error))
			return false;
	}
	return true;
}

bool kgr_compile_command(struct kgr_subprocess *run, const struct kgr_record *r,
			 struct kgr_overlay *s, const char *output, GError **error)
{
	g_autofree char *deps = g_strconcat(output, ".d", NULL);
	char macros[PATH_MAX];
	const char *prev = "";
	guint i;

	if (s && !make_ways(s, r, error))
		return false;
	kgr_subprocess_add(run, r->compiler, NULL);
	for (i = 0; i < r->args->len; i++) {
		const char *arg = r->args->pdata[i];
		char *now = redirected(arg, prev, output, deps);

		if (!now)
			now = s ? kgr_overlay_map_path(s, arg) : g_strdup(arg);
		g_ptr_array_add(run->argv, now);
		prev = arg;
	}
	/* Behind all others: it is there for kgraft-macros.h only. */
	if (s && !kgr_install_path(macros, sizeof(macros), "share", "include"))
		kgr_subprocess_add(run, "-idirafter", macros, NULL);
	run->cwd = s ? overlay_cwd(s, r->dir, error) : g_strdup(r->dir);
	run->env = recorded_environment(r, s);
	return run->cwd != NULL;
}
