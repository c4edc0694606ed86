// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Parsing a command line with GOption, which does not know an option of one letter with its value in one word. So
 * such words are taken apart before:
 *
 *   -j4 -C build foo.diff     becomes     -j 4 -C build foo.diff
 *
 * A word that is the value of the option before it stays whole ("-o -j4" makes a file of that name), and so
 * does all behind "--".
 */
#include <stdlib.h>
#include <string.h>

#include "lib/command-line.h"
#include "lib/error.h"
#include "lib/json.h"

static bool takes_value(const GOptionEntry *option)
{
	return option->arg != G_OPTION_ARG_NONE &&
	       !(option->flags & (G_OPTION_FLAG_NO_ARG | G_OPTION_FLAG_OPTIONAL_ARG));
}

/* The option with a value that the word begins with, or is; NULL if there is none. */
static const GOptionEntry *option_of(const GOptionEntry *options, const char *word)
{
	for (; options->long_name; options++) {
		if (!takes_value(options))
			continue;
		if (*word == '-' && options->short_name && word[1] == options->short_name)
			return options;
		/* That of G_OPTION_REMAINING is empty. */
		if (*options->long_name && g_str_has_prefix(word, "--") &&
		    !strcmp(word + 2, options->long_name))
			return options;
	}
	return NULL;
}

static char **split(const GOptionEntry *options, char *const *argv)
{
	g_autoptr(GStrvBuilder) words = g_strv_builder_new();
	bool is_value = true, ended = false; /* the program's name is no option */

	for (; *argv; argv++) {
		const GOptionEntry *option = is_value || ended ? NULL : option_of(options, *argv);
		bool joined = option && (*argv)[1] != '-' && (*argv)[2];

		ended |= !is_value && !strcmp(*argv, "--");
		is_value = option && !joined;
		if (joined) {
			const char letter[] = { '-', option->short_name, 0 };

			g_strv_builder_add(words, letter);
			g_strv_builder_add(words, *argv + 2);
		} else {
			g_strv_builder_add(words, *argv);
		}
	}
	return g_strv_builder_end(words);
}

static gboolean print_version(const gchar *option, const gchar *value, gpointer program,
			      GError **error)
{
	(void)option;
	(void)value;
	(void)error;
	g_print("%s %s\n", ((const struct kgr_program *)program)->name, KGR_VERSION);
	exit(0);
}

static GOptionGroup *own_options(const struct kgr_program *program)
{
	const GOptionEntry entries[] = {
		{ "version", 0, G_OPTION_FLAG_NO_ARG, G_OPTION_ARG_CALLBACK,
		  (gpointer)(uintptr_t)print_version, "print the version", NULL },
		G_OPTION_ENTRY_NULL,
	};
	GOptionGroup *group = g_option_group_new(NULL, NULL, NULL, (gpointer)program, NULL);

	g_option_group_add_entries(group, entries);
	return group;
}

static bool is_empty(const GOptionEntry *option)
{
	char *const *value = option->arg_data, *const * values;

	switch (option->arg) {
	case G_OPTION_ARG_STRING:
	case G_OPTION_ARG_FILENAME:
		return *value && !**value;
	case G_OPTION_ARG_STRING_ARRAY:
	case G_OPTION_ARG_FILENAME_ARRAY:
		for (values = *(char *const *const *)option->arg_data; values && *values;
		     values++) {
			if (!**values)
				return true;
		}
		return false;
	default:
		return false;
	}
}

/* "-o ''" is a variable that was not set, in most cases. */
static bool check_values(const struct kgr_program *program, const GOptionEntry *options,
			 GError **error)
{
	for (; options->long_name; options++) {
		if (is_empty(options))
			return kgr_fail(error, KGR_TROUBLE, "%s%s is empty; see %s --help",
					*options->long_name ? "the value of --" : "an argument",
					options->long_name, program->name);
	}
	return true;
}

bool kgr_command_line_parse(const struct kgr_program *program, const GOptionEntry *options,
			    char *const *argv, GError **error)
{
	g_autoptr(GOptionContext) context = g_option_context_new(program->arguments);
	g_auto(GStrv) words = split(options, argv);
	g_autoptr(GError) cause = NULL;

	g_option_context_set_summary(context, program->summary);
	g_option_context_set_description(context, program->description);
	g_option_context_set_main_group(context, own_options(program));
	g_option_context_add_main_entries(context, options, NULL);
	if (!g_option_context_parse_strv(context, &words, &cause))
		return kgr_fail(error, KGR_TROUBLE, "%s; see %s --help", cause->message,
				program->name);
	return check_values(program, options, error);
}

bool kgr_command_line_number(const char *option, const char *text, int least, int *number,
			     GError **error)
{
	gint64 value;

	if (!text)
		return true;
	if (!g_ascii_string_to_signed(text, 10, least, G_MAXINT, &value, NULL))
		return kgr_fail(error, KGR_TROUBLE, "%s needs a number, %d or above, and not %s",
				option, least, text);
	*number = (int)value;
	return true;
}

/* The line may be one that is not understood; what was set of it is not known then. */
static bool has_json(char *const *argv)
{
	for (argv++; *argv && strcmp(*argv, "--"); argv++) {
		if (!strcmp(*argv, "--json"))
			return true;
	}
	return false;
}

int kgr_command_line_fail(const struct kgr_program *program, char *const *argv, GError *error)
{
	int code = kgr_error_print(program->name, error);

	if (has_json(argv))
		kgr_json_print(kgr_json_outcome(code, error));
	return code;
}
