/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Objects that others may point to for longer than a call. */
#ifndef KGR_TYPE_LINKS_H
#define KGR_TYPE_LINKS_H

#include "dwarf/dwarf-reader.h"

/* kgr_type_links() - is an object of this type made to be found by others: has it, or part of it, a
 * pointer to a function, as timers, work and tables of operations have, or to its own kind, as
 * nodes of lists and trees?
 *
 * Locks do not count, nor do queues that only tasks wait in, on whose stacks the other end is.
 */
bool kgr_type_links(const struct kgr_dwarf_reader *reader, Dwarf_Die type);

/* kgr_type_points() - is it a pointer or a lock, or has it one in it? Its bytes must not be taken for another type's */
bool kgr_type_points(const struct kgr_dwarf_reader *reader, Dwarf_Die type);

#endif
