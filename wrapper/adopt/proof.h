/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Is an object that was compiled here what a linked image was made of? */
#ifndef KGR_PROOF_H
#define KGR_PROOF_H

#include "kernel/linked-image.h"

/* kgr_prove_unit() - is what @object holds in @image, byte for byte and reference for reference?
 * @source: its source file
 *
 * Code, data, and every entry of the kernel's tables. False with @error set, a refusal that names the first function or
 * object that differs, and where in it.
 */
bool kgr_prove_unit(const char *object, const char *source, struct kgr_image *image,
		    GError **error);

#endif
