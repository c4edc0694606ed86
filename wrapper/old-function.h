/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the module must find in the running kernel before it redirects a function. */
#ifndef KGR_OLD_FUNCTION_H
#define KGR_OLD_FUNCTION_H

#include "kernel.h"
#include "object.h"

struct kgr_span {
	uint32_t offset, size;
};

struct kgr_old_function {
	char *name;
	uint64_t address[2], size[2]; /* main and cold part, as linked; size 0: no cold part */
	GArray *spans; /* of struct kgr_span: bytes that nothing rewrites at run time */
	uint32_t digest; /* CRC-32 over them */
};

/* kgr_old_function() - describe a function of vmlinux
 * @built: the object that it was linked from; its bytes must be those of vmlinux
 * @unit: from kgr_kernel_unit()
 */
struct kgr_old_function *kgr_old_function(struct kgr_kernel *kernel, const struct kgr_obj *built,
					  int unit, const char *name, bool local, GError **error);
void kgr_old_function_free(struct kgr_old_function *old);

#endif
