/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pairing each function and object of orig with its counterpart in patched, by identity. */
#ifndef KGR_CORRELATE_H
#define KGR_CORRELATE_H

#include "elf/object.h"

/* kgr_correlate() - set twin of every symbol that has a counterpart, on both sides
 *
 * A global symbol is its name. A local one is its source name, the clone it is, the function it
 * stands in and the file that declares it; where several share all that, an equal line decides, then the
 * same code, then their order if as many remain on one side as on the other. A cold part goes with its
 * function. What stays ambiguous stays without a twin; of a static local, unsettled then says so.
 */
void kgr_correlate(struct kgr_obj *orig, struct kgr_obj *patched);

#endif
