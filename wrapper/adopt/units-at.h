/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From places in an image's code to the units that they were compiled from. */
#ifndef KGR_UNITS_AT_H
#define KGR_UNITS_AT_H

#include "adopt/image-refs.h"

/* kgr_units_at() - the units whose code has these places
 * @refs: of struct kgr_image_ref
 * @source: the source's directory
 *
 * Returns an array with an array of sources (char *, relative to @source) for each of @refs, empty where DWARF names no
 * unit. NULL with @error set; g_ptr_array_unref() it.
 */
GPtrArray *kgr_units_at(const struct kgr_image *image, const GArray *refs, const char *source,
			GError **error);

#endif
