/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the module must find in the running kernel before it redirects a function. */
#ifndef KGR_PATCHED_FUNC_H
#define KGR_PATCHED_FUNC_H

#include <kgraft-abi.h>

#include "kernel/linked-image.h"
#include "elf/object.h"

struct kgr_patched_func {
	char *name;
	bool by_kprobe; /* redirected by one, as it has no fentry */
	const struct kgr_ksym *part[2]; /* main and cold part; NULL: no cold part */
	GArray *spans; /* of struct kgr_span: bytes that nothing rewrites at run time */
	uint32_t digest; /* CRC-32 over them */
};

/* kgr_patched_func() - describe a function of vmlinux or of a module
 * @built: the object that it was linked from; its bytes must be those of the image
 * @file_idx: from kgr_image_file_idx()
 * @replacement: of the patched object, with the function's counterpart in the original as its twin
 */
struct kgr_patched_func *kgr_patched_func(struct kgr_image *image, const struct kgr_obj *built,
					  int file_idx, const struct kgr_sym *replacement,
					  GError **error);

/* kgr_patched_func_free() - free a description; the image's symbols stay */
void kgr_patched_func_free(struct kgr_patched_func *old);

#endif
