/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a compiler command line asks for. */
#ifndef KGR_CC_ARGS_H
#define KGR_CC_ARGS_H

#include <stdbool.h>

struct kgr_cc_args {
	const char *source; /* the one C file, or NULL */
	const char *object; /* where it is compiled to, or NULL */
	bool records; /* one C file compiled to one object file: worth a record */
};

/* kgr_cc_args_scan() - find out whether a command compiles one C file to one object
 * @argc, @argv: the command, argv[0] being the compiler; @file arguments already expanded
 * @out: filled in; its strings point into @argv
 */
void kgr_cc_args_scan(int argc, char **argv, struct kgr_cc_args *out);

#endif
