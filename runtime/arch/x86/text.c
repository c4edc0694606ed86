// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writing to a module's text and read-only data, which are not writable any more when its init
 * runs; text without kprobes.
 */
#include <linux/errno.h>
#include <linux/kprobes.h>

#include "arch.h"
#include "unexported.h"

/* arch/x86/kernel/kprobes/common.h */
unsigned long recover_probed_instruction(kprobe_opcode_t *buf, unsigned long addr);

KGR_CALLED(text_poke_copy);
KGR_CALLED(get_kprobe);
KGR_CALLED(recover_probed_instruction);

/**
 * kgr_arch_write - write to memory of this module, read-only or not
 *
 * Process context. If it is code, none of it may run meanwhile.
 *
 * Return: 0 or -EFAULT.
 */
int kgr_arch_write(void *to, const void *from, size_t size)
{
	return kgr_call(text_poke_copy)(to, from, size) ? 0 : -EFAULT;
}

/**
 * kgr_arch_unprobed_byte - a byte of text as it would be without kprobes
 *
 * Under kgr_arch_text_lock().
 */
u8 kgr_arch_unprobed_byte(unsigned long address)
{
	kprobe_opcode_t text[MAX_INSN_SIZE];
	unsigned int i;

	/* One may have become a jump, of which this is a part. */
	for (i = 0; kgr_address(get_kprobe) && i < JMP32_INSN_SIZE; i++) {
		if (kgr_call(get_kprobe)((void *)(address - i)))
			return *(u8 *)kgr_call(recover_probed_instruction)(text, address);
	}
	return *(u8 *)address;
}
