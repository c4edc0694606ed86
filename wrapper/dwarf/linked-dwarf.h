/* SPDX-License-Identifier: GPL-3.0-or-later */
/* DWARF of what was linked, vmlinux: nothing of it has to be relocated. */
#ifndef KGR_LINKED_DWARF_H
#define KGR_LINKED_DWARF_H

#include <libelf.h>

#include "dwarf/dwarf-access.h"

/* kgr_linked_dwarf_open() - open the DWARF of @elf, which stays the caller's and has to outlive @access
 *
 * False if libdwarf cannot read it. Close it in any case (kgr_dwarf_access_close()); it must not be moved meanwhile.
 */
bool kgr_linked_dwarf_open(struct kgr_dwarf_access *access, Elf *elf, bool big_endian);

#endif
