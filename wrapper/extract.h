/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Taking what was selected out of the patched objects, into one object: the graft. */
#ifndef KGR_EXTRACT_H
#define KGR_EXTRACT_H

#include "graft.h"
#include "kernel.h"
#include "object.h"
#include "objects.h"
#include "select.h"

struct kgr_source {
	struct kgr_obj *patched;
	struct kgr_image *image; /* what the unit is part of */
	int unit; /* from kgr_image_unit() */
};

/* kgr_extract() - make the graft
 * @sources: of struct kgr_source
 * @selection: the n-th of what is redirected gets the global name kgr_new_<n>, a callback the name
 * kgr_callback_<object>_<kind>
 *
 * Besides code, data and tables the graft has two tables for the runtime (runtime/kgraft.h):
 * kgr_syms, addresses of the kernel's symbols as linked, and kgr_relocs, the places that refer to
 * them. What vmlinux exports stays an ordinary undefined symbol for the module loader. Symbols of
 * modules are added to @objects.
 */
struct kgr_graft *kgr_extract(struct kgr_kernel *kernel, GPtrArray *sources,
			      const struct kgr_selection *selection, GPtrArray *objects,
			      GError **error);

#endif
