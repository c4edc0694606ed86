/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pairing static locals, of which a function may have several of one name. */
#ifndef KGR_STATIC_LOCALS_H
#define KGR_STATIC_LOCALS_H

#include "elf/object.h"

/* kgr_pair_static_locals() - set twin of the static locals in groups of one identity; all else is paired already
 * @orig, @patched: identity -> GPtrArray of struct kgr_sym *, in the order of the file
 *
 * Of one that stays without a counterpart, though it may well have one, unsettled says why.
 */
void kgr_pair_static_locals(GHashTable *orig, GHashTable *patched);

#endif
