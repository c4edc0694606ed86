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
	GPtrArray *exports; /* of struct kgr_export */
	char *versions; /* from kgr_export_versions() */
	GPtrArray *old; /* of struct kgr_old_function, in the order of kgr_new_<n> */
	GPtrArray *info; /* of char *: lines "key=value" for modinfo */
};

/* kgr_module_build() - make the module
 * @dir: an empty directory for the work; nothing else is written to but @output
 * @output: the .ko, put there by rename, or not at all
 */
bool kgr_module_build(const struct kgr_module *module, const char *dir, const char *output,
		      guint jobs, GError **error);

#endif
