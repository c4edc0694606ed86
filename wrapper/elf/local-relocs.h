/* SPDX-License-Identifier: GPL-3.0-or-later */
/* References that an object has no relocation for. */
#ifndef KGR_LOCAL_RELOCS_H
#define KGR_LOCAL_RELOCS_H

#include "elf/object.h"

/* kgr_add_local_relocs() - give every reference from one function to another a relocation
 *
 * Within a section the assembler resolves calls and jumps to local symbols by itself, and functions
 * with a section of their own (__sched, noinstr, ...) stay in one whatever -ffunction-sections says.
 * To be done before the code is compared or copied. A jump whose field is too short to reach another section gets a
 * type that says so (kgr_rel_is_short()). Returns false with @error set if code cannot be decoded.
 */
bool kgr_add_local_relocs(struct kgr_obj *obj, GError **error);

#endif
