/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pairing objects that the source declares in another place of the file now. */
#ifndef KGR_MOVED_OBJECTS_H
#define KGR_MOVED_OBJECTS_H

#include "elf/object.h"

/* kgr_pair_moved_objects() - set twin of what is in another function, or in none any more; all else is paired already
 *
 * Of one that stays without a counterpart, though it may well have one, unsettled says why.
 */
void kgr_pair_moved_objects(struct kgr_obj *orig, struct kgr_obj *patched);

#endif
