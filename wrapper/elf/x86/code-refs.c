// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What in linked code and data refers to an address. How a reference may look:
 *
 *	e8 c7 ff ff ff			call		a distance of 4 bytes from the end of the instruction
 *	c7 05 10 00 00 00 01 ...	movl $1,0x10(%rip)	from the end, behind an immediate of up to 4 bytes
 *	48 c7 c7 10 32 0f 81		mov $0x...,%rdi		the address, of which the upper half is all ones
 *	10 32 0f 81 ff ff ff ff		in data			the whole address
 *	c7 ff ff ff			in data			a distance from the field
 *
 * Each byte may begin one, so all are looked at; in code an instruction has to have its field there.
 */
#include <string.h>
#include <Zydis/Zydis.h>

#include "elf/x86/x86.h"

#define FIELD 4 /* bytes of a distance, and of half an address */

static const unsigned int immediates[] = { 0, 1, 2,
					   4 }; /* bytes that may stand behind a distance */

static bool may_be_code_ref(int64_t value, uint64_t place, uint64_t target)
{
	uint64_t distance = target - place - FIELD;
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(immediates); i++) {
		if ((uint64_t)value == distance - immediates[i])
			return true;
	}
	return (uint64_t)value == target;
}

static bool may_be_data_ref(int64_t value, uint64_t place, uint64_t target)
{
	return (uint64_t)value == target - place || (uint64_t)value == target;
}

void kgr_x86_scan(const uint8_t *bytes, uint64_t size, uint64_t address, bool code, uint64_t target,
		  GArray *places)
{
	uint64_t at;

	for (at = 0; at + FIELD <= size; at++) {
		uint64_t place = address + at;
		int32_t value;

		memcpy(&value, bytes + at, FIELD);
		/* Of a whole address the lower half is the same as one that is all there is. */
		if (code ? may_be_code_ref(value, place, target) :
			   may_be_data_ref(value, place, target))
			g_array_append_val(places, place);
	}
}

static void add_ref(GArray *refs, uint64_t place, bool branch)
{
	struct kgr_code_ref ref = { .place = place, .branch = branch };

	g_array_append_val(refs, ref);
}

/* One instruction, which begins at @address. */
static void look_at(const ZydisDecodedInstruction *insn, uint64_t address, uint64_t target,
		    GArray *refs)
{
	uint64_t end = address + insn->length;
	bool rip = insn->attributes & ZYDIS_ATTRIB_HAS_MODRM && !insn->raw.modrm.mod &&
		   insn->raw.modrm.rm == 5;
	uint64_t displacement = (uint64_t)insn->raw.disp.value + (rip ? end : 0);
	size_t i;

	if (insn->raw.disp.size && displacement == target)
		add_ref(refs, address + insn->raw.disp.offset, false);
	for (i = 0; i < 2; i++) {
		uint64_t value = insn->raw.imm[i].value.u;

		if (!insn->raw.imm[i].size)
			continue;
		if (insn->raw.imm[i].is_relative)
			value += end;
		else if (insn->raw.imm[i].size == 8 * FIELD)
			value = (uint64_t)(int64_t)(int32_t)value;
		if (value == target)
			add_ref(refs, address + insn->raw.imm[i].offset,
				insn->raw.imm[i].is_relative);
	}
}

bool kgr_x86_code_refs(const uint8_t *code, uint64_t size, uint64_t address, uint64_t target,
		       GArray *refs)
{
	ZydisDecodedInstruction insn;
	ZydisDecoder decoder;
	uint64_t at;

	ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	for (at = 0; at < size; at += insn.length) {
		if (ZYAN_FAILED(ZydisDecoderDecodeInstruction(&decoder, ZYAN_NULL, code + at,
							      size - at, &insn)))
			return false;
		look_at(&insn, address + at, target, refs);
	}
	return true;
}
