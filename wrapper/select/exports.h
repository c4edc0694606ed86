/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a diff exports that the kernel does not: the patch module exports it. */
#ifndef KGR_EXPORTS_H
#define KGR_EXPORTS_H

#include "kernel/kernel-build.h"
#include "units/session.h"
#include "units/unit.h"

struct kgr_export {
	char *name, *namespace; /* "" for none */
	bool gpl;
	struct kgr_sym *sym; /* of the patched object */
	const struct kgr_unit *unit; /* where it is exported; kgr_select() sets it */
};

/* kgr_export_free() - free an export; its symbol and its unit stay */
void kgr_export_free(struct kgr_export *export);
typedef struct kgr_export kgr_export;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kgr_export, kgr_export_free)

/* kgr_sec_is_exports() - does it tell the module loader, or modpost, what is exported? */
bool kgr_sec_is_exports(const struct kgr_sec *sec);

/* kgr_new_exports() - the exports of @patched that @orig does not have: struct kgr_export; g_ptr_array_unref() it
 *
 * Layouts: include/linux/export.h of 6.1 (a section an export) and of 6.12 (entries of .export_symbol).
 */
GPtrArray *kgr_new_exports(const struct kgr_obj *orig, const struct kgr_obj *patched);

/* kgr_export_lines() - declare and export them, in C; g_free() it */
char *kgr_export_lines(const GPtrArray *exports);

/* kgr_export_versions() - what modpost looks for in a .cmd file: "#SYMVER name crc", for all
 * @dir: where files may be put
 *
 * The CRCs are those of a normal build of the patched source: the kernel's own genksyms makes them. "" for
 * a kernel without CONFIG_MODVERSIONS. NULL with @error set if that fails; g_free() it.
 */
char *kgr_export_versions(const struct kgr_session *session, const GPtrArray *exports,
			  GError **error);

#endif
