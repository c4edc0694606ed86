// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Goes from header to header of .debug_rnglists (DWARF 5, 7.28): each is followed by as many
 * offsets as it counts and then by lists, and the next header stands where its length says.
 */
#include "dwarf/debug-rnglists-check.h"

#define LENGTH 4 /* bytes of unit_length in 32-bit DWARF */
#define HEADER 8 /* bytes of the header behind it */

bool kgr_debug_rnglists_is_sane(const struct kgr_arch *arch, const uint8_t *data, uint64_t size)
{
	uint64_t at, length;

	for (at = 0; at < size; at += LENGTH + length) {
		const uint8_t *table = data + at;

		if (size - at < LENGTH + HEADER)
			return false;
		length = kgr_arch_read(arch, table, LENGTH);
		if (length < HEADER || length > size - at - LENGTH ||
		    kgr_arch_read(arch, table + 4, 2) != 5 || table[6] != 8 || table[7] != 0 ||
		    kgr_arch_read(arch, table + 8, 4) > (length - HEADER) / LENGTH)
			return false;
	}
	return true;
}
