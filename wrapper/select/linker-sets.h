/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the kernel finds by the names of sections: lists that are closed when it has booted, or a module has
 * come. Those that belong to functions go along with them (special-sections.h); of the others none may get lost.
 */
#ifndef KGR_LINKER_SETS_H
#define KGR_LINKER_SETS_H

#include "select/compared.h"
#include "select/selection.h"

/* kgr_check_linker_sets() - refuse what the diff adds to such a list, and what a list says of a function that is
 * replaced and would say of its copy no more
 * @selection: what goes along, complete as far as this unit is concerned
 */
bool kgr_check_linker_sets(const struct kgr_compared *of, const struct kgr_selection *selection,
			   GError **error);

#endif
