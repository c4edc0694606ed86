/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From graft to .ko: the description of the patch, the runtime, and Kbuild. */
#ifndef KGR_PATCH_MODULE_H
#define KGR_PATCH_MODULE_H

#include "elf/elf-writer.h"
#include "extract/module-refs.h"
#include "select/select.h"
#include "units/session.h"

/* What the module is made of. All stays the caller's. */
struct kgr_patch_module {
	const char *name; /* "kgraft-foo" */
	const struct kgr_session *session;
	struct kgr_out_obj *graft;
	/* Of struct kgr_module_ref, as kgr_extract() filled it; those of the functions to be replaced are added. */
	GPtrArray *objects;
	GArray *callbacks; /* of struct kgr_callback */
	GPtrArray *data; /* of struct kgr_data_object: what kgr_extract() made a table of */
	GPtrArray *exports; /* of struct kgr_export */
	GPtrArray *escapes; /* of char *: what the kernel may keep the address of */
	GPtrArray *allowed_escapes; /* of char *: what of that an unpatch callback sees to */
	char *versions; /* from kgr_export_versions() */
	GPtrArray *old; /* of struct kgr_patched_func, to be replaced, in the order of kgr_new_<n> */
	GPtrArray *info; /* of char *: lines "key=value" for modinfo */
};

/* kgr_patch_module_build() - make the module
 * @output: the .ko, put there by rename, or not at all
 *
 * The work is done in the session's directory; nothing else is written to but @output. False with @error set,
 * also if the kernel lacks what the runtime needs.
 */
bool kgr_patch_module_build(const struct kgr_patch_module *module, const char *output,
			    GError **error);

#endif
