/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What in a linked image refers to one of its functions. */
#ifndef KGR_IMAGE_REFS_H
#define KGR_IMAGE_REFS_H

#include "kernel/linked-image.h"

/* One reference. */
struct kgr_image_ref {
	size_t section; /* in a module, its number */
	uint64_t place; /* as linked; in a module, in that section */
	bool code; /* part of a function; else it is data, or code that no symbol has a name for */
};

/* kgr_image_refs() - all references to a global function of @image from what is there when the
 * kernel has booted, or the module is there
 *
 * Left out are those of the kernel's special sections, which do not call it, and of code that is
 * gone and does no more than call it. What cannot be told from a reference is one: an array of
 * struct kgr_image_ref. NULL with @error set.
 */
GArray *kgr_image_refs(struct kgr_image *image, const char *name, GError **error);

#endif
