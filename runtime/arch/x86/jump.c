// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes a jump, or a breakpoint, into running text, by the kernel's own functions
 * (arch/x86/kernel/alternative.c). They take many places at once, and put a breakpoint at each
 * while they write the rest; a CPU that hits it is sent where the jump goes. Any CPU may reach the
 * jump's start while it is written, never its middle: nobody is inside the old function. The rest
 * of an instruction that the jump cuts becomes nops, so that the function can be decoded from its
 * start:
 *
 *	as compiled		as written		bytes
 *	fentry			fentry			5, ftrace's
 *	push %r15		jmp new_function	2; 5
 *	sub $8,%rsp		nop			4; 1
 *	mov %rsi,%r15		mov %rsi,%r15		3
 */
#include <linux/cpu.h>
#include <linux/jump_label.h>
#include <linux/kprobes.h>
#include <linux/memory.h>
#include <linux/mutex.h>
#include <linux/static_call.h>
#include <linux/string.h>
#include <asm/alternative.h>
#include <asm/insn.h>
#include <asm/nops.h>

#include "arch.h"
#include "peer.h"
#include "unexported.h"

KGR_CALLED(insn_decode);
KGR_CALLED(text_poke);
KGR_CALLED(text_poke_queue);
KGR_CALLED(text_poke_finish);
KGR_CALLED(text_poke_sync);
KGR_UNEXPORTED(text_mutex);
KGR_UNEXPORTED(kprobe_mutex);
#ifdef CONFIG_JUMP_LABEL
KGR_CALLED(jump_label_lock);
KGR_CALLED(jump_label_unlock);
KGR_CALLED(jump_label_text_reserved);
#endif
#ifdef CONFIG_HAVE_STATIC_CALL_INLINE
KGR_CALLED(static_call_text_reserved);
#endif
/* Until 7.2 lock prefixes become nops when all but one CPU go (.smp_locks). */
#if defined(CONFIG_SMP) && defined(LOCK_PREFIX_HERE)
#define KGR_LOCKS_ARE_REWRITTEN
KGR_CALLED(alternatives_text_reserved);
#endif

static struct mutex *kprobe_lock(void)
{
	return (struct mutex *)kgr_address(kprobe_mutex);
}

static struct mutex *text_lock(void)
{
	return (struct mutex *)kgr_address(text_mutex);
}

/**
 * kgr_arch_text_lock - nobody else writes text, sets a kprobe, or flips a static key
 *
 * In the order in which register_kprobe() takes these locks. Sleeps.
 */
void kgr_arch_text_lock(void)
{
	if (kprobe_lock())
		mutex_lock(kprobe_lock());
	cpus_read_lock();
#ifdef CONFIG_JUMP_LABEL
	kgr_call(jump_label_lock)();
#endif
	mutex_lock(text_lock());
}

/**
 * kgr_arch_text_unlock - write what was queued, and let the others again
 *
 * Every CPU executes what was written, and has left the handler of any breakpoint that was there before.
 */
void kgr_arch_text_unlock(void)
{
	kgr_call(text_poke_finish)();
	kgr_call(text_poke_sync)();
	mutex_unlock(text_lock());
#ifdef CONFIG_JUMP_LABEL
	kgr_call(jump_label_unlock)();
#endif
	cpus_read_unlock();
	if (kprobe_lock())
		mutex_unlock(kprobe_lock());
}

/**
 * kgr_arch_jump_size - bytes of whole instructions that a jump takes the place of
 * @at: where it would begin
 * @room: bytes from there to the function's end
 *
 * Return: KGR_ARCH_JUMP_MAX at most; 0 if there is no room, or no telling.
 */
unsigned int kgr_arch_jump_size(const u8 *at, unsigned long room)
{
	unsigned int size = 0;
	struct insn insn;

	while (size < JMP32_INSN_SIZE) {
		if (size >= room ||
		    kgr_call(insn_decode)(&insn, at + size,
					  min_t(unsigned long, room - size, MAX_INSN_SIZE),
					  INSN_MODE_KERN) < 0)
			return 0;
		size += insn.length;
	}
	BUILD_BUG_ON(JMP32_INSN_SIZE - 1 + MAX_INSN_SIZE > KGR_ARCH_JUMP_MAX);
	return size;
}

/**
 * kgr_arch_rewritten - who rewrites text while the kernel runs?
 * @at: the text
 * @size: of it
 *
 * Under kgr_arch_text_lock(). What is rewritten when the kernel boots or a module comes has been.
 *
 * Return: that, in words, or NULL.
 */
const char *kgr_arch_rewritten(u8 *at, unsigned int size)
{
	const char *who = NULL;

	preempt_disable();
#ifdef CONFIG_JUMP_LABEL
	if (kgr_call(jump_label_text_reserved)(at, at + size - 1))
		who = "a static key's branch";
#endif
#ifdef CONFIG_HAVE_STATIC_CALL_INLINE
	if (kgr_call(static_call_text_reserved)(at, at + size - 1))
		who = "a static call";
#endif
	preempt_enable();
#ifdef KGR_LOCKS_ARE_REWRITTEN
	if (kgr_call(alternatives_text_reserved)(at, at + size))
		who = "an alternative";
#endif
	return who;
}

/**
 * kgr_arch_queue_jump - put a jump into text inside of which nobody is; done by kgr_arch_text_unlock() at the latest
 * @at: where
 * @size: bytes of whole instructions there, of kgr_arch_jump_size()
 * @to: where to
 *
 * Return: false if that is too far away.
 */
bool kgr_arch_queue_jump(u8 *at, unsigned int size, unsigned long to)
{
	long distance = to - (unsigned long)at - JMP32_INSN_SIZE;
	u8 code[KGR_ARCH_JUMP_MAX];
	s32 near = distance;

	if (near != distance)
		return false;
	memset(code, BYTES_NOP1, sizeof(code));
	code[0] = JMP32_INSN_OPCODE;
	memcpy(code + 1, &near, sizeof(near));
	if (size > JMP32_INSN_SIZE)
		kgr_call(text_poke)(at + JMP32_INSN_SIZE, code + JMP32_INSN_SIZE,
				    size - JMP32_INSN_SIZE);
	kgr_call(text_poke_queue)(at, code, JMP32_INSN_SIZE, NULL);
	return true;
}

/**
 * kgr_arch_queue_original - put back what was there before such a jump
 * @original: that, of @size bytes
 *
 * Who comes by until it is written takes the jump.
 */
void kgr_arch_queue_original(u8 *at, unsigned int size, const u8 *original)
{
	u8 jump[JMP32_INSN_SIZE];

	memcpy(jump, at, sizeof(jump));
	if (size > JMP32_INSN_SIZE)
		kgr_call(text_poke)(at + JMP32_INSN_SIZE, original + JMP32_INSN_SIZE,
				    size - JMP32_INSN_SIZE);
	kgr_call(text_poke_queue)(at, original, JMP32_INSN_SIZE, jump);
}

/**
 * kgr_arch_queue_breakpoint - the same, but with a breakpoint for the first byte
 *
 * Whose it is has to be known: it may be met before all is written.
 */
void kgr_arch_queue_breakpoint(u8 *at, unsigned int size, const u8 *original)
{
	u8 text[KGR_ARCH_JUMP_MAX];

	memcpy(text, original, size);
	text[0] = INT3_INSN_OPCODE;
	kgr_arch_queue_original(at, size, text);
}

static void write_byte(u8 *at, u8 byte)
{
	kgr_call(text_poke)(at, &byte, sizeof(byte));
}

/**
 * kgr_arch_set_breakpoint - put one where an instruction begins; seen by all when kgr_arch_text_unlock() returns
 */
void kgr_arch_set_breakpoint(u8 *at)
{
	write_byte(at, INT3_INSN_OPCODE);
}

/**
 * kgr_arch_clear_breakpoint - take it away; it may be met until kgr_arch_text_unlock() returns
 * @first: what was there before
 */
void kgr_arch_clear_breakpoint(u8 *at, u8 first)
{
	write_byte(at, first);
}
