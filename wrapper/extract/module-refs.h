/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The modules that a patch needs something of, besides vmlinux: numbered from 1, each with the symbols
 * that the runtime shall look up when it is there.
 */
#ifndef KGR_MODULE_REFS_H
#define KGR_MODULE_REFS_H

#include "kernel/linked-image.h"

struct kgr_module_ref {
	const struct kgr_image *image;
	GPtrArray *syms; /* of struct kgr_ksym, by number */
};

/* kgr_module_refs_new() - an empty list, of struct kgr_module_ref; g_ptr_array_unref() it */
GPtrArray *kgr_module_refs_new(void);

/* kgr_module_ref_number() - the number of the module that is @image, which is added if it is not
 * there; 0 for vmlinux
 */
guint kgr_module_ref_number(GPtrArray *objects, const struct kgr_image *image);

/* kgr_module_ref_symbol() - the number of a module's symbol among those that are looked up in it,
 * to which it is added
 */
guint kgr_module_ref_symbol(GPtrArray *objects, const struct kgr_ksym *sym);

#endif
