/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Taking what was selected out of the patched objects, into one object: the graft. */
#ifndef KGR_EXTRACT_H
#define KGR_EXTRACT_H

#include "elf/elf-writer.h"
#include "kernel/kernel-build.h"
#include "elf/object.h"
#include "extract/module-refs.h"
#include "select/plan.h"

/* kgr_extract() - make the graft
 * @sources: of struct kgr_compared
 * @selection: the n-th of what is redirected gets the global name kgr_new_<n>, and its cold part kgr_new_<n>_cold; a
 * callback gets the name kgr_callback_<object>_<kind>
 *
 * Besides code, data and tables the graft has two tables for the runtime (kgraft-abi.h):
 * kgr_syms, addresses of the kernel's symbols as linked, and kgr_relocs, the places that refer to
 * them. What vmlinux exports stays an ordinary undefined symbol for the module loader. Symbols of
 * modules are added to @objects, which kgr_module_refs_new() made.
 *
 * Returns the object, kgr_out_free() it; or NULL with @error set, if a reference cannot be resolved in a patch; @at, if
 * it is not NULL, gets the source that has it.
 */
struct kgr_out_obj *kgr_extract(struct kgr_kernel *kernel, GPtrArray *sources,
				const struct kgr_selection *selection, GPtrArray *objects,
				const struct kgr_compared **at, GError **error);

#endif
