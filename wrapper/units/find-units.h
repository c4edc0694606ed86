/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From patched files to the recorded compilations that they take part in. */
#ifndef KGR_FIND_UNITS_H
#define KGR_FIND_UNITS_H

#include "units/session.h"
#include "units/unit.h"

/* kgr_find_units() - the units that the overlay's diffs change
 * @removed: gets the units of files that the diff takes away, and must free them; may be NULL
 *
 * Of a header's many units those are left out whose tokens stay the same. Refuses files that a live
 * patch cannot change, each with its reason: Kconfig and Makefiles, assembly, code of the boot loader,
 * the vdso, ... Returns an array of struct kgr_unit that frees them (g_ptr_array_unref() it), sorted by object;
 * empty if only documentation and the like is touched. NULL with @error set.
 */
GPtrArray *kgr_find_units(struct kgr_session *session, GPtrArray *removed, GError **error);

/* kgr_has_unit() - is the unit of the record @path among @units, an array of struct kgr_unit? */
bool kgr_has_unit(const GPtrArray *units, const char *path);

/* kgr_add_unit() - add the unit of the record @path, unless it is there
 * @units: of struct kgr_unit; has to free them
 * @file: the source as the diff names it, or NULL if the diff does not name it
 *
 * False with @error set if the record cannot be read, or nothing of a unit that the diff names can be patched.
 */
bool kgr_add_unit(GPtrArray *units, struct kgr_kernel *kernel, const char *path, const char *file,
		  GError **error);

/* kgr_is_outside_image() - is this record or .cmd file of what has run long ago, or of what modpost writes? */
bool kgr_is_outside_image(const struct kgr_kernel *kernel, const char *path);

#endif
