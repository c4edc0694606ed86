/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line of a program: its options, --help and --version. */
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
 * As with other programs, the value of an option of one letter may follow at once: "-j4" is "-j 4". --help
 * prints and ends the program. False with @error set if the line is not understood.
 */
bool kgr_command_line_parse(const struct kgr_program *program, const GOptionEntry *options,
			    char *const *argv, GError **error);

#endif
