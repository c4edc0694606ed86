/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the kernel's build ran objtool. */
#ifndef KGR_OBJTOOL_COMMAND_H
#define KGR_OBJTOOL_COMMAND_H

#include "kernel/kernel-build.h"

/* kgr_objtool_command() - the call of objtool in a .cmd file, without the object; NULL if there is
 * none. g_strfreev() it
 */
char **kgr_objtool_command(const char *path);

/* kgr_objtool_is_delayed() - was it run on the linked whole, and not on each object? */
bool kgr_objtool_is_delayed(const struct kgr_kernel *kernel);

/* kgr_objtool_linked_command() - then: its call for a part of the kernel, without the object
 *
 * g_strfreev() it. NULL with @error set if it is not known.
 */
char **kgr_objtool_linked_command(const struct kgr_kernel *kernel, GError **error);

#endif
