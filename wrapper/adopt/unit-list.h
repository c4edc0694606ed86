/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which sources a linked image was compiled from, by its DWARF. */
#ifndef KGR_UNIT_LIST_H
#define KGR_UNIT_LIST_H

#include "kernel/adopted.h"

/* kgr_unit_list() - add the units of one image to those of an adopted kernel
 * @path: vmlinux, or a .ko, with its DWARF
 * @image: what it is called in the build directory
 * @source: the directory of the kernel's source
 *
 * False with @error set if it has no DWARF that can be read.
 */
bool kgr_unit_list(struct kgr_adopted *adopted, const char *path, const char *image,
		   const char *source, GError **error);

/* kgr_unit_source() - what a unit is called in DWARF, relative to the source, or for what was
 * generated to the build directory
 *
 * It is part of @name.
 */
const char *kgr_unit_source(const char *name, const char *source);

#endif
