/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which relocations are those of calls and jumps. */
#ifndef KGR_BRANCH_RELOCS_H
#define KGR_BRANCH_RELOCS_H

#include "elf/object.h"

/* kgr_find_branch_relocs() - set branch of the relocations of an object whose instruction is a call or a jump, though
 * their type may be that of an address; part of opening it
 */
void kgr_find_branch_relocs(const struct kgr_obj *obj);

#endif
