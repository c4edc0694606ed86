/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From graft to .ko: the description of the patch, the runtime, and Kbuild. */
#ifndef KGR_MODULE_H
#define KGR_MODULE_H

#include "graft.h"
#include "kernel.h"
#include "objects.h"
#include "select.h"

struct kgr_module {
	const char *name; /* "kgraft-foo" */
	struct kgr_kernel *kernel;
	struct kgr_graft *graft;
	GPtrArray *objects; /* of struct kgr_object, as kgr_extract() left it; the old functions' are
			     * added */
	GArray *callbacks; /* of struct kgr_callback */
	GPtrArray *old; /* of struct kgr_old_function, in the order of kgr_new_<n> */
	GPtrArray *info; /* of char *: lines "key=value" for modinfo */
};

/* kgr_runtime_build() - compile the runtime for a kernel into @dir/kgraft-runtime.o
 *
 * kgr-init does this once, into the build directory; a patch build does it only if that was not
 * done by this version of kgraft.
 */
bool kgr_runtime_build(struct kgr_kernel *kernel, const char *dir, guint jobs, GError **error);

/* kgr_runtime_cached() - the name of the compiled runtime kept in a build directory (g_free it); it
 * depends on the runtime's sources and on the kernel, and need not exist
 */
char *kgr_runtime_cached(struct kgr_kernel *kernel, GError **error);

/* kgr_module_build() - make the module
 * @dir: an empty directory for the work; nothing else is written to but @output
 * @output: the .ko, put there by rename, or not at all
 */
bool kgr_module_build(const struct kgr_module *module, const char *dir, const char *output,
		      guint jobs, GError **error);

#endif
