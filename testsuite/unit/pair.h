/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two compiled texts whose symbols are paired, for tests of that. */
#ifndef KGR_UNIT_PAIR_H
#define KGR_UNIT_PAIR_H

#include "unit.h"
#include "dwarf/dwarf-types.h"

struct unit_pair {
	struct kgr_obj *a, *b; /* orig and patched */
	struct kgr_dwarf_types *types[2]; /* have the strings that symbols point to */
};

/* unit_pair_of() - compile both with @flags, read what DWARF says of the symbols, and correlate; unit_pair_close() it */
struct unit_pair unit_pair_of(const char *orig, const char *patched, const char *flags);

/* unit_pair_close() - free what unit_pair_of() made */
void unit_pair_close(struct unit_pair *pair);

#endif
