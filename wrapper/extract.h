/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Taking what was selected out of the patched objects, into one object: the graft. */
#ifndef KGR_EXTRACT_H
#define KGR_EXTRACT_H

#include "graft.h"
#include "kernel.h"
#include "object.h"

struct kgr_source {
	struct kgr_obj *patched;
	int unit; /* from kgr_kernel_unit() */
};

/* kgr_extract() - make the graft
 * @sources: of struct kgr_source
 * @redirected: of struct kgr_sym; the n-th gets the global name kgr_new_<n>
 *
 * Besides code, data and tables the graft has two tables for the runtime (runtime/kgraft.h):
 * kgr_syms, addresses of the kernel's symbols as linked, and kgr_relocs, the places that refer to
 * them. What is exported stays an ordinary undefined symbol for the module loader.
 */
struct kgr_graft *kgr_extract(struct kgr_kernel *kernel, GPtrArray *sources, GPtrArray *redirected,
			      GError **error);

#endif
