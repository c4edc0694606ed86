/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Is an object that was compiled here what a linked image was made of? */
#ifndef KGR_PROOF_H
#define KGR_PROOF_H

#include "kernel/linked-image.h"

/* kgr_prove_unit() - is what @object holds in @image, byte for byte and reference for reference?
 * @source: its source file
 * @dir: the directory that all of the source is in, a full name; @image was compiled from one that
 *	may be elsewhere, which tells in the full names that UBSAN has for files
 *
 * Code, data, and every entry of the kernel's tables. False with @error set, a refusal that names the first function or
 * object that differs, and where in it.
 */
bool kgr_prove_unit(const char *object, const char *source, struct kgr_image *image,
		    const char *dir, GError **error);

#endif
