/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the module must find in the running kernel before it redirects a function. */
#ifndef KGR_PATCHED_FUNC_H
#define KGR_PATCHED_FUNC_H

#include <kgraft-abi.h>

#include "select/compared.h"

struct kgr_patched_func {
	char *name;
	bool by_breakpoint; /* redirected by one, as it has no fentry */
	const struct kgr_ksym *part[2]; /* main and cold part; NULL: no cold part */
	GArray *spans; /* of struct kgr_span: bytes that nothing rewrites at run time */
	uint32_t digest; /* CRC-32 over them */
};

/* kgr_patched_func_new() - describe a function of vmlinux or of a module
 * @of: the unit that the kernel has it of; its built object's bytes must be those of the image
 * @sym: of that object
 *
 * NULL with @error set if the image has not this function, or another one.
 */
struct kgr_patched_func *kgr_patched_func_new(const struct kgr_compared *of,
					      const struct kgr_sym *sym, bool by_breakpoint,
					      GError **error);

/* kgr_patched_func_free() - free a description; the image's symbols stay */
void kgr_patched_func_free(struct kgr_patched_func *old);
typedef struct kgr_patched_func kgr_patched_func;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kgr_patched_func, kgr_patched_func_free)

#endif
