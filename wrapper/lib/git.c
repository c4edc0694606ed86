// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Runs git as a tool on files. Where it runs may be a repository, or be below one, and people have settings: so no
 * variable that it heeds gets through, GIT_DIR names what is no repository, and there is no home to have settings in.
 */
#include <string.h>

#include "lib/error.h"
#include "lib/git.h"
#include "lib/subprocess.h"

static char **environment(const char *nowhere)
{
	char **env = g_get_environ(), **names = g_listenv();
	const char *const set[][2] = {
		{ "LC_ALL", "C" },
		{ "GIT_DIR", nowhere },
		{ "GIT_CONFIG_NOSYSTEM", "1" },
		{ "GIT_CONFIG_GLOBAL", "/dev/null" },
		{ "GIT_ATTR_NOSYSTEM", "1" },
		{ "HOME", nowhere },
		{ "XDG_CONFIG_HOME", nowhere },
	};
	size_t i;

	for (i = 0; names[i]; i++) {
		if (g_str_has_prefix(names[i], "GIT_"))
			env = g_environ_unsetenv(env, names[i]);
	}
	for (i = 0; i < G_N_ELEMENTS(set); i++)
		env = g_environ_setenv(env, set[i][0], set[i][1], TRUE);
	g_strfreev(names);
	return env;
}

GString *kgr_git(const char *const *args, const char *cwd, const char *input, int *status,
		 GError **error)
{
	struct kgr_subprocess run = { .cwd = g_strdup(cwd), .input = g_strdup(input) };
	g_autofree char *git = g_find_program_in_path("git");
	GString *output = NULL;

	if (!git) {
		kgr_fail(error, KGR_TROUBLE,
			 "git is not installed, and diffs are read with it; on Debian: apt-get "
			 "install git");
		kgr_subprocess_clear(&run);
		return NULL;
	}
	run.env = environment("/dev/null/none");
	run.argv = g_ptr_array_new_with_free_func(g_free);
	for (g_ptr_array_add(run.argv, g_strdup("git")); *args; args++)
		g_ptr_array_add(run.argv, g_strdup(*args));
	if (kgr_subprocess_run_all(&run, 1, 1, error)) {
		output = g_string_new_len(run.output, (gssize)run.size);
		*status = run.status;
	}
	kgr_subprocess_clear(&run);
	return output;
}

char *kgr_git_words(const GString *output)
{
	const char *text = output->str;

	if (g_str_has_prefix(text, "error: ") || g_str_has_prefix(text, "fatal: "))
		text += strlen("error: ");
	return g_strndup(text, strcspn(text, "\n"));
}
