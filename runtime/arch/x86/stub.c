// SPDX-License-Identifier: GPL-2.0-only
/*
 * Running a function from its start though there is a breakpoint, or a jump, in place of its first instruction: by
 * a stub, which has that instruction and goes on behind it. What is relative to the instruction's own address is
 * made relative to the stub's:
 *
 *	the function			its stub
 *	7400: cmpl $0,0x1000(%rip)	9020: cmpl $0,-0xc20(%rip)
 *	7407: jne ...			9027: jmp 7407
 *
 * It leaves the stack and the registers as the instruction does, so nobody can tell but by the instruction
 * pointer. An instruction that would tell cannot be moved: a call pushes its own address. Nor is a branch that
 * depends on something, since a function that begins with one has none to depend on.
 */
#include <linux/string.h>
#include <asm/insn.h>

#include "arch.h"
#include "unexported.h"

KGR_CALLED(insn_decode);
KGR_CALLED(text_poke);

/* The place of a 32-bit displacement, relative to the end of its instruction of @size bytes. */
static bool write_displacement(u8 *where, unsigned long end, unsigned long to)
{
	long distance = to - end;
	s32 near = distance;

	memcpy(where, &near, sizeof(near));
	return near == distance;
}

/* Returns the size, 0 if it is too far. */
static unsigned int write_jump(u8 *where, unsigned long address, unsigned long to)
{
	where[0] = JMP32_INSN_OPCODE;
	return write_displacement(where + 1, address + JMP32_INSN_SIZE, to) ? JMP32_INSN_SIZE : 0;
}

/* Does it depend on its own address in another way than by a displacement? */
static bool cannot_move(const struct insn *insn)
{
	u8 first = insn->opcode.bytes[0], second = insn->opcode.bytes[1];

	switch (first) {
	case 0x70 ... 0x7f: /* jcc */
	case 0xe0 ... 0xe3: /* loop, jrcxz */
	case CALL_INSN_OPCODE:
	case INT3_INSN_OPCODE:
	case 0xcd: /* int */
		return true;
	case 0xff: /* indirect call */
		return X86_MODRM_REG(insn->modrm.value) == 2 ||
		       X86_MODRM_REG(insn->modrm.value) == 3;
	case 0x0f: /* jcc, ud0, ud1, ud2 */
		return (second & 0xf0) == 0x80 || second == 0x0b || second == 0xb9 ||
		       second == 0xff;
	}
	return false;
}

static bool is_rip_relative(const struct insn *insn)
{
	return insn->modrm.nbytes && (insn->modrm.value & 0xc7) == 5;
}

/* Nothing behind it is ever executed. */
static bool ends(const struct insn *insn)
{
	u8 first = insn->opcode.bytes[0];

	return first == RET_INSN_OPCODE || first == 0xc2 ||
	       (first == 0xff && X86_MODRM_REG(insn->modrm.value) == 4);
}

/* Makes a stub in @code that will be at @stub; returns its size, or 0. */
static unsigned int make(u8 *code, unsigned long stub, unsigned long at, const struct insn *insn,
			 const u8 *text)
{
	unsigned int size = insn->length, jump;
	u8 first = insn->opcode.bytes[0];

	if (first == JMP32_INSN_OPCODE || first == JMP8_INSN_OPCODE)
		return write_jump(code, stub, at + size + insn->immediate.value);
	if (cannot_move(insn))
		return 0;
	memcpy(code, text, size);
	if (is_rip_relative(insn) &&
	    !write_displacement(code + insn_offset_displacement((struct insn *)insn), stub + size,
				at + size + insn->displacement.value))
		return 0;
	if (ends(insn))
		return size;
	jump = write_jump(code + size, stub + size, at + size);
	return jump ? size + jump : 0;
}

/**
 * kgr_arch_write_stub - write the stub of a function
 * @stub: where, KGR_ARCH_STUB_SIZE bytes; if it was written before nothing changes
 * @at: the first instruction's address
 * @text: what the function has there but for breakpoints and jumps
 * @size: of that; all of the function if that is shorter than the longest instruction
 *
 * Under kgr_arch_text_lock().
 *
 * Return: false if that instruction cannot be moved.
 */
bool kgr_arch_write_stub(u8 *stub, unsigned long at, const u8 *text, unsigned int size)
{
	u8 code[KGR_ARCH_STUB_SIZE];
	unsigned int made;
	struct insn insn;

	if (kgr_call(insn_decode)(&insn, text, min_t(unsigned int, size, MAX_INSN_SIZE),
				  INSN_MODE_KERN) < 0)
		return false;
	made = make(code, (unsigned long)stub, at, &insn, text);
	if (made && memcmp(stub, code, made))
		kgr_call(text_poke)(stub, code, made);
	return made;
}
