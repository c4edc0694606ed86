/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The directory in which units of an adopted kernel are compiled again. */
#ifndef KGR_OBJECT_TREE_H
#define KGR_OBJECT_TREE_H

#include "kernel/kernel-build.h"
#include "lib/fd.h"

/* kgr_object_tree_open() - make it if it is not there, and keep others from compiling in it
 * @lock: holds the lock until it is closed
 *
 * False with @error set.
 */
bool kgr_object_tree_open(const struct kgr_kernel *kernel, kgr_fd *lock, GError **error);

#endif
