/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A function's machine code as a row of instructions. Decoding is Zydis's. */
#ifndef KGR_DECODE_H
#define KGR_DECODE_H

#include "elf/object.h"

struct kgr_insn {
	uint32_t offset; /* from the function's start */
	uint16_t mnemonic; /* ZydisMnemonic */
	uint8_t length;
	uint8_t field, field_size; /* what is relative to the instruction's end; size 0: nothing */
	bool branch; /* that field is where control goes */
	int64_t distance; /* that field's value */
};

/* kgr_decode() - decode a function, padding (NOPs) left out
 *
 * Returns an array of struct kgr_insn, or NULL with @error set.
 */
GArray *kgr_decode(const struct kgr_obj *obj, const struct kgr_sym *func, GError **error);

/* kgr_insn_index() - the number of the first instruction at or behind @offset */
guint kgr_insn_index(const GArray *code, uint64_t offset);

#endif
