// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Remembers the programs that were run, and writes each as a shell script that runs it again:
 *
 *   #!/bin/sh
 *   cd '/src/linux' || exit
 *   export LC_ALL='C'		what the program's environment has, and ours has not
 *   exec 'gcc' \
 *   	'-c' ...
 *
 * A directory that has another name by now is written as it is called now.
 */
#include <string.h>

#include "lib/command-log.h"

struct command {
	char **argv;
	char *cwd, *input;
	char **changes; /* of the environment: NAME=VALUE, or NAME for one that was taken out */
};

/* Not in a session: programs are run in rooms that do not know one. */
static GPtrArray *commands;

static void free_command(gpointer data)
{
	struct command *c = data;

	g_strfreev(c->argv);
	g_strfreev(c->changes);
	g_free(c->cwd);
	g_free(c->input);
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
	g_autoptr(GStrvBuilder) out = g_strv_builder_new();
	g_auto(GStrv) own = g_get_environ();
	int i;

	for (i = 0; env && env[i]; i++) {
		if (!g_strv_contains((const char *const *)own, env[i]))
			g_strv_builder_add(out, env[i]);
	}
	for (i = 0; env && own[i]; i++) {
		g_autofree char *name = name_of(own[i]);

		if (!g_environ_getenv(env, name))
			g_strv_builder_add(out, name);
	}
	return g_strv_builder_end(out);
}

void kgr_command_log_add(const struct kgr_subprocess *run)
{
	g_autoptr(GStrvBuilder) argv = g_strv_builder_new();
	struct command *c;
	guint i;

	if (!commands)
		return;
	for (i = 0; i < run->argv->len && run->argv->pdata[i]; i++)
		g_strv_builder_add(argv, run->argv->pdata[i]);
	c = g_new0(struct command, 1);
	c->argv = g_strv_builder_end(argv);
	c->cwd = run->cwd ? g_strdup(run->cwd) : g_get_current_dir();
	c->input = g_strdup(run->input);
	c->changes = changes_of(run->env);
	g_ptr_array_add(commands, c);
}

/* A word for the shell, with the names in it as they are now. */
static char *word(const char *text, const GArray *moved)
{
	g_autoptr(GString) out = g_string_new(NULL);
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
	return g_shell_quote(out->str);
}

static void append_word(GString *out, const char *before, const char *text, const GArray *moved)
{
	g_autofree char *quoted = word(text, moved);

	g_string_append_printf(out, "%s%s", before, quoted);
}

static char *script_of(const struct command *c, const GArray *moved)
{
	GString *out = g_string_new("#!/bin/sh\n");
	int i;

	append_word(out, "cd ", c->cwd, moved);
	g_string_append(out, " || exit\n");
	for (i = 0; c->changes[i]; i++) {
		g_autofree char *name = name_of(c->changes[i]);

		if (strchr(c->changes[i], '=')) {
			g_string_append_printf(out, "export %s=", name);
			append_word(out, "", c->changes[i] + strlen(name) + 1, moved);
		} else {
			g_string_append_printf(out, "unset %s", name);
		}
		g_string_append_c(out, '\n');
	}
	for (i = 0; c->argv[i]; i++)
		append_word(out, i ? " \\\n\t" : "exec ", c->argv[i], moved);
	if (c->input)
		append_word(out, " \\\n\t<", c->input, moved);
	g_string_append_c(out, '\n');
	return g_string_free(out, FALSE);
}

bool kgr_command_log_write(const char *dir, const GArray *moved, GError **error)
{
	guint i;

	for (i = 0; commands && i < commands->len; i++) {
		const struct command *c = commands->pdata[i];
		g_autofree char *base = g_path_get_basename(c->argv[0]);
		g_autofree char *path = g_strdup_printf("%s/%03u-%s", dir, i + 1, base);
		g_autofree char *script = script_of(c, moved);

		if (!g_file_set_contents_full(path, script, -1, G_FILE_SET_CONTENTS_NONE, 0755,
					      error))
			return false;
	}
	return true;
}
