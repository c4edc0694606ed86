// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "lib/command-log.h"

struct command {
	char **argv;
	char *cwd;
	char **changes; /* of the environment: NAME=VALUE, or NAME for one that was taken out */
};

static GPtrArray *commands;

static void free_command(gpointer data)
{
	struct command *c = data;

	g_strfreev(c->argv);
	g_strfreev(c->changes);
	g_free(c->cwd);
	g_free(c);
}

void kgr_command_log_start(void)
{
	if (!commands)
		commands = g_ptr_array_new_with_free_func(free_command);
}

void kgr_command_log_clear(void)
{
	g_clear_pointer(&commands, g_ptr_array_unref);
}

static char *name_of(const char *pair)
{
	return g_strndup(pair, strcspn(pair, "="));
}

/* What in @env is not as in our own environment. */
static char **changes_of(char **env)
{
	GPtrArray *out = g_ptr_array_new();
	char **own = g_get_environ();
	int i;

	for (i = 0; env && env[i]; i++) {
		if (!g_strv_contains((const char *const *)own, env[i]))
			g_ptr_array_add(out, g_strdup(env[i]));
	}
	for (i = 0; env && own[i]; i++) {
		char *name = name_of(own[i]);

		if (!g_environ_getenv(env, name))
			g_ptr_array_add(out, g_strdup(name));
		g_free(name);
	}
	g_strfreev(own);
	g_ptr_array_add(out, NULL);
	return (char **)g_ptr_array_free(out, FALSE);
}

void kgr_command_log_add(const struct kgr_subprocess *run)
{
	GPtrArray *argv;
	struct command *c;
	guint i;

	if (!commands)
		return;
	argv = g_ptr_array_new();
	for (i = 0; i < run->argv->len && run->argv->pdata[i]; i++)
		g_ptr_array_add(argv, g_strdup(run->argv->pdata[i]));
	g_ptr_array_add(argv, NULL);
	c = g_new0(struct command, 1);
	c->argv = (char **)g_ptr_array_free(argv, FALSE);
	c->cwd = run->cwd ? g_strdup(run->cwd) : g_get_current_dir();
	c->changes = changes_of(run->env);
	g_ptr_array_add(commands, c);
}

/* A word for the shell, with the names in it as they are now. */
static char *word(const char *text, const GArray *moved)
{
	GString *out = g_string_new(NULL);
	char *quoted;
	guint i;

	while (*text) {
		const struct kgr_moved_name *m = NULL;

		for (i = 0; i < moved->len && !m; i++) {
			m = &g_array_index(moved, struct kgr_moved_name, i);
			if (!g_str_has_prefix(text, m->from))
				m = NULL;
		}
		if (m) {
			g_string_append(out, m->to);
			text += strlen(m->from);
		} else {
			g_string_append_c(out, *text++);
		}
	}
	quoted = g_shell_quote(out->str);
	g_string_free(out, TRUE);
	return quoted;
}

static void append_word(GString *out, const char *before, const char *text, const GArray *moved)
{
	char *quoted = word(text, moved);

	g_string_append_printf(out, "%s%s", before, quoted);
	g_free(quoted);
}

static char *script_of(const struct command *c, const GArray *moved)
{
	GString *out = g_string_new("#!/bin/sh\n");
	int i;

	append_word(out, "cd ", c->cwd, moved);
	g_string_append(out, " || exit\n");
	for (i = 0; c->changes[i]; i++) {
		char *name = name_of(c->changes[i]);

		if (strchr(c->changes[i], '=')) {
			g_string_append_printf(out, "export %s=", name);
			append_word(out, "", c->changes[i] + strlen(name) + 1, moved);
		} else {
			g_string_append_printf(out, "unset %s", name);
		}
		g_string_append_c(out, '\n');
		g_free(name);
	}
	for (i = 0; c->argv[i]; i++)
		append_word(out, i ? " \\\n\t" : "exec ", c->argv[i], moved);
	g_string_append_c(out, '\n');
	return g_string_free(out, FALSE);
}

bool kgr_command_log_write(const char *dir, const GArray *moved, GError **error)
{
	bool ok = true;
	guint i;

	for (i = 0; ok && commands && i < commands->len; i++) {
		const struct command *c = commands->pdata[i];
		char *base = g_path_get_basename(c->argv[0]), *script = script_of(c, moved);
		char *path = g_strdup_printf("%s/%03u-%s", dir, i + 1, base);

		ok = g_file_set_contents_full(path, script, -1, G_FILE_SET_CONTENTS_NONE, 0755,
					      error);
		g_free(path);
		g_free(base);
		g_free(script);
	}
	return ok;
}
