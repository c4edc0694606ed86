// SPDX-License-Identifier: GPL-2.0-only
/*
 * One jump label's code, written as arch_jump_label_transform() would (arch/x86/kernel/jump_label.c): a nop
 * or a jump, of two or of five bytes, as the compiler left room for.
 */
#include <linux/errno.h>
#include <linux/jump_label.h>
#include <linux/printk.h>
#include <linux/string.h>
#include <asm/nops.h>

#include "arch.h"
#include "kgraft.h"

/**
 * kgr_arch_set_jump - make a branch of the graft jump or fall through
 *
 * Process context; the code must not run meanwhile.
 *
 * Return: 0, -EFAULT, or -ENOEXEC, which is logged, if there is no such branch.
 */
int kgr_arch_set_jump(struct jump_entry *entry, bool jump)
{
	static const u8 nop2[] = { BYTES_NOP2 }, nop5[] = { BYTES_NOP5 };
	u8 *code = (u8 *)jump_entry_code(entry), insn[5];
	bool is_short = code[0] == JMP8_INSN_OPCODE || !memcmp(code, nop2, sizeof(nop2));
	size_t size = is_short ? 2 : 5;
	long offset = jump_entry_target(entry) - (unsigned long)code - size;

	if (!is_short && code[0] != JMP32_INSN_OPCODE && memcmp(code, nop5, sizeof(nop5))) {
		pr_err("%s: %pS is neither a jump nor a nop: this module is damaged, build it again\n",
		       kgr_patch.name, code);
		return -ENOEXEC;
	}
	if (!jump) {
		memcpy(insn, is_short ? nop2 : nop5, size);
	} else {
		insn[0] = is_short ? JMP8_INSN_OPCODE : JMP32_INSN_OPCODE;
		memcpy(insn + 1, &offset, size - 1);
	}
	return kgr_arch_write(code, insn, size);
}
