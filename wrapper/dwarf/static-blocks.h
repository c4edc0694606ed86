/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The code of the blocks that declare a unit's static locals. */
#ifndef KGR_STATIC_BLOCKS_H
#define KGR_STATIC_BLOCKS_H

#include "dwarf/dwarf-reader.h"

typedef struct kgr_static_blocks kgr_static_blocks;

/* kgr_static_blocks_new() - for the units of @reader, one after the other */
struct kgr_static_blocks *kgr_static_blocks_new(const struct kgr_dwarf_reader *reader);

/* kgr_static_blocks_free() - NULL is none */
void kgr_static_blocks_free(struct kgr_static_blocks *blocks);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kgr_static_blocks, kgr_static_blocks_free)

/* kgr_static_blocks_enter() - a function or block of the unit, in the source or where it was
 * inlined; returns what it is called in kgr_static_blocks_declare()
 * @outer: what the block around it is called; 0: it is a function, or that is one's outermost block
 */
Dwarf_Off kgr_static_blocks_enter(struct kgr_static_blocks *blocks, Dwarf_Die die, Dwarf_Off outer);

/* kgr_static_blocks_declare() - @sym is a static local of @block */
void kgr_static_blocks_declare(struct kgr_static_blocks *blocks, struct kgr_sym *sym,
			       Dwarf_Off block);

/* kgr_static_blocks_end() - the unit is at its end: set block and around of the symbols that were declared
 * @cu: the unit
 * @arrays: owns what they point to from now on
 */
void kgr_static_blocks_end(struct kgr_static_blocks *blocks, Dwarf_Die cu, GPtrArray *arrays);

#endif
