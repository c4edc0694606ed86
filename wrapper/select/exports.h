/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a diff exports anew: the patch module offers it to other modules. */
#ifndef KGR_EXPORTS_H
#define KGR_EXPORTS_H

#include "kernel/kernel-build.h"
#include "units/session.h"
#include "units/unit.h"

struct kgr_export {
	char *name, *namespace; /* "" for none */
	bool gpl;
	struct kgr_sym *sym; /* of the patched object */
	const struct kgr_unit *unit; /* where it is exported; not known to kgr_new_exports() */
};

/* kgr_export_free() - free an export; its symbol and its unit stay */
void kgr_export_free(struct kgr_export *export);

/* kgr_new_exports() - the exports of @patched that @orig does not have, as an array to be unreferenced
 *
 * Layouts: include/linux/export.h of 6.1 (a section an export) and of 6.12 (entries of .export_symbol).
 */
GPtrArray *kgr_new_exports(const struct kgr_obj *orig, const struct kgr_obj *patched);

/* kgr_export_lines() - declare and export them, in C */
char *kgr_export_lines(const GPtrArray *exports);

/* kgr_export_versions() - what modpost looks for in a .cmd file: "#SYMVER name crc", for all
 * @dir: where files may be put
 *
 * The CRCs are those of a normal build of the patched source: the kernel's own genksyms makes them. "" for
 * a kernel without CONFIG_MODVERSIONS. NULL with @error set if that fails.
 */
char *kgr_export_versions(const struct kgr_session *session, const GPtrArray *exports,
			  GError **error);

#endif
