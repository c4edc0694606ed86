/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A unit, as the kernel has it and patched: compared once, and selected from as often as need be. */
#ifndef KGR_COMPARED_H
#define KGR_COMPARED_H

#include "dwarf/dwarf-types.h"
#include "kernel/kernel-build.h"
#include "units/unit.h"

struct kgr_compared {
	struct kgr_unit *unit;
	struct kgr_image *image; /* what the unit is part of */
	struct kgr_obj *built, *patched;
	struct kgr_dwarf_types *built_dwarf,
		*patched_dwarf; /* what the objects' symbols point into */
	GPtrArray *users; /* of char *, functions that use types that have another layout */
	GPtrArray *
		data; /* of struct kgr_data_object, those that were asked for (data-values.h); or NULL */
	unsigned int file_idx; /* its STT_FILE in the image, from kgr_image_file_idx() */
	GError *no_file; /* why that is not known, if it should be */
};

#endif
