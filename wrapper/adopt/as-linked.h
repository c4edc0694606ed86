/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A compiled object of an adopted kernel, as it was when the kernel was linked. */
#ifndef KGR_AS_LINKED_H
#define KGR_AS_LINKED_H

#include "kernel/kernel-build.h"

/* kgr_as_linked() - have an object that lacks nothing that the kernel's build did after compiling it
 * @object: its full name, in the directory that kgr_object_tree_open() made
 * @module: is it a module's?
 *
 * g_free() the name, and remove the file if it is not @object itself. NULL with @error set.
 */
char *kgr_as_linked(const struct kgr_kernel *kernel, const char *object, bool module,
		    GError **error);

#endif
