/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the code of a function or a block is. */
#ifndef KGR_DIE_RANGES_H
#define KGR_DIE_RANGES_H

#include "dwarf/dwarf-reader.h"

/* kgr_die_ranges() - add the code of @die to @out, as struct kgr_code_range
 * @cu: the unit that it is of
 *
 * What has no code of its own, or whose ranges cannot be read, adds nothing.
 */
void kgr_die_ranges(const struct kgr_dwarf_reader *reader, Dwarf_Die cu, Dwarf_Die die,
		    GArray *out);

#endif
