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
#include <string.h>

#include "lib/command-line.h"
#include "lib/error.h"

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

bool kgr_command_line_parse(const struct kgr_program *program, const GOptionEntry *options,
			    char *const *argv, GError **error)
{
	g_autoptr(GOptionContext) context = g_option_context_new(program->arguments);
	g_auto(GStrv) words = split(options, argv);
	g_autoptr(GError) cause = NULL;

	g_option_context_set_summary(context, program->summary);
	g_option_context_set_description(context, program->description);
	g_option_context_add_main_entries(context, options, NULL);
	return g_option_context_parse_strv(context, &words, &cause) ||
	       kgr_fail(error, KGR_TROUBLE, "%s; see %s --help", cause->message, program->name);
}
