/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The numbers and pointers that an object is made of, where somebody asks for them. */
#ifndef KGR_SCALARS_H
#define KGR_SCALARS_H

#include "elf/object.h"

enum kgr_scalar_kind {
	KGR_SCALAR_UNSIGNED,
	KGR_SCALAR_SIGNED,
	KGR_SCALAR_BOOL,
	KGR_SCALAR_POINTER,
};

struct kgr_scalar {
	char *path; /* from the object: ".bar[2].x", "" if it is one itself */
	uint64_t offset; /* a multiple of the size */
	unsigned int size; /* 1, 2, 4 or 8 */
	enum kgr_scalar_kind kind;
};

/* kgr_find_scalars() - what of an object lies at these offsets
 * @offsets: of uint64_t, ascending
 * @why: what is in the way, if not all of them are of such a one; g_free() it
 *
 * Returns an array of struct kgr_scalar, each once, ascending, g_array_unref() it; or NULL.
 */
GArray *kgr_find_scalars(struct kgr_obj *obj, const struct kgr_sym *object, const GArray *offsets,
			 char **why);

#endif
