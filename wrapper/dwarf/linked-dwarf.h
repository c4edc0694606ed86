/* SPDX-License-Identifier: GPL-3.0-or-later */
/* DWARF of what was linked, vmlinux: nothing of it has to be relocated. */
#ifndef KGR_LINKED_DWARF_H
#define KGR_LINKED_DWARF_H

#include <stdbool.h>
#include <glib.h>
#include <libelf.h>

#include "dwarf/libdwarf-compat.h"

typedef struct kgr_linked_dwarf kgr_linked_dwarf;

struct kgr_linked_dwarf {
	Elf *elf;
	GPtrArray *sections; /* of Elf_Scn, those of DWARF */
	bool big_endian;
	Dwarf_Obj_Access_Interface_a access;
	Dwarf_Debug dbg;
};

/* kgr_linked_dwarf_open() - open the DWARF of @elf, which stays the caller's and has to outlive @reader
 *
 * False if libdwarf cannot read it. Close it in any case; it must not be moved meanwhile.
 */
bool kgr_linked_dwarf_open(struct kgr_linked_dwarf *reader, Elf *elf, bool big_endian);

/* kgr_linked_dwarf_close() - names and DIEs of it are gone then */
void kgr_linked_dwarf_close(struct kgr_linked_dwarf *reader);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(kgr_linked_dwarf, kgr_linked_dwarf_close)

#endif
