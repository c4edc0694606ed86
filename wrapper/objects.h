/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The modules that a patch needs something of, besides vmlinux: numbered from 1, each with the symbols
 * that the runtime shall look up when it is there.
 */
#ifndef KGR_OBJECTS_H
#define KGR_OBJECTS_H

#include "image.h"

struct kgr_object {
	const struct kgr_image *image;
	GPtrArray *syms; /* of struct kgr_ksym, by number */
};

/* kgr_objects_new() - an empty list, of struct kgr_object; g_ptr_array_free() it */
GPtrArray *kgr_objects_new(void);

/* kgr_objects_number() - of the module that a symbol is in, 0 for vmlinux */
guint kgr_objects_number(GPtrArray *objects, const struct kgr_image *image);

/* kgr_objects_symbol() - the number of a module's symbol among those that are looked up in it */
guint kgr_objects_symbol(GPtrArray *objects, const struct kgr_ksym *sym);

#endif
