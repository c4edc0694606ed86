/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The directory in which units of an adopted kernel are compiled again. */
#ifndef KGR_OBJECT_TREE_H
#define KGR_OBJECT_TREE_H

#include "kernel/kernel-build.h"

/* kgr_object_tree_open() - make it if it is not there, and keep others from compiling in it
 *
 * Returns a descriptor, which holds the lock until it is closed; -1 with @error set.
 */
int kgr_object_tree_open(const struct kgr_kernel *kernel, GError **error);

#endif
