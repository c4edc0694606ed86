/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The objtool of an adopted kernel, and how the kernel's build ran it. */
#ifndef KGR_ADOPTED_OBJTOOL_H
#define KGR_ADOPTED_OBJTOOL_H

#include <stdbool.h>
#include <glib.h>

/* kgr_adopted_objtool() - have it run by itself, and write down how it was run on all of vmlinux
 * @build: the build directory with the tools of the kbuild package
 * @source: where the source is now
 * @srcarch: the directory below arch/ as its Makefile calls it, "x86"
 *
 * A kernel without objtool is fine. False with @error set.
 */
bool kgr_adopted_objtool(const char *build, const char *source, const char *srcarch,
			 const char *compiler, GError **error);

#endif
