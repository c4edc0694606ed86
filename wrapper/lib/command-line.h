/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line of a program: its options, --help and --version, and what is wrong with it. */
#ifndef KGR_COMMAND_LINE_H
#define KGR_COMMAND_LINE_H

#include <stdbool.h>
#include <glib.h>

/* What --help says of a program. */
struct kgr_program {
	const char *name; /* "kgr-build" */
	const char *arguments; /* behind the options: "DIFF..." */
	const char *summary; /* above the options */
	const char *description; /* below them */
};

/* kgr_command_line_parse() - set what the options of a command line say
 * @options: ends with G_OPTION_ENTRY_NULL; what else the line has goes to G_OPTION_REMAINING
 * @argv: as main() got it; it stays as it is
 *
 * As with other programs, the value of an option of one letter may follow at once: "-j4" is "-j 4".
 * --help and --version print and end the program. False with @error set if the line is not
 * understood, or a value or argument is empty.
 */
bool kgr_command_line_parse(const struct kgr_program *program, const GOptionEntry *options,
			    char *const *argv, GError **error);

/* kgr_command_line_number() - the number that an option's value says
 * @option: its name, for the error: "-j"
 * @text: the value; NULL if it was not given, which leaves @number as it is
 *
 * False with @error set if it is none, or below @least.
 */
bool kgr_command_line_number(const char *option, const char *text, int least, int *number,
			     GError **error);

/* kgr_command_line_fail() - say on stderr, and if --json is among the options on stdout, too, that
 * the program ends with @error, which stays the caller's
 *
 * Returns the exit status.
 */
int kgr_command_line_fail(const struct kgr_program *program, char *const *argv, GError *error);

#endif
