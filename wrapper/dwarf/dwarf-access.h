/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Debug sections in memory, for libdwarf to read. */
#ifndef KGR_DWARF_ACCESS_H
#define KGR_DWARF_ACCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <glib.h>

#include "dwarf/libdwarf-compat.h"

struct kgr_dwarf_section {
	const char *name;
	const void *bytes;
	uint64_t size;
};

struct kgr_dwarf_access {
	GArray *sections; /* of struct kgr_dwarf_section */
	bool big_endian;
	uint64_t file_size; /* no section can be longer: that is what libdwarf asks it for */
	Dwarf_Obj_Access_Interface_a interface;
	Dwarf_Debug dbg;
};

/* kgr_dwarf_access_init() - no sections yet; nothing is open */
void kgr_dwarf_access_init(struct kgr_dwarf_access *access, bool big_endian, uint64_t file_size);

/* kgr_dwarf_access_add() - one more; @name and @bytes stay the caller's, and have to outlive @access */
void kgr_dwarf_access_add(struct kgr_dwarf_access *access, const char *name, const void *bytes,
			  uint64_t size);

/* kgr_dwarf_access_open() - @access->dbg is open then; false if libdwarf cannot read it
 *
 * Close it in any case; it must not be moved meanwhile.
 */
bool kgr_dwarf_access_open(struct kgr_dwarf_access *access);

/* kgr_dwarf_access_close() - names and DIEs of it are gone then; fine for one of zeroes */
void kgr_dwarf_access_close(struct kgr_dwarf_access *access);

#endif
