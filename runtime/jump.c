// SPDX-License-Identifier: GPL-2.0-only
/*
 * The jump behind an old function's fentry, which redirects all calls to the new one once all tasks
 * live in the new universe. The fentry's own bytes remain ftrace's, so tracers see the function as
 * before. Where there is no fentry the jump is the function's first instruction, but for a landing
 * pad.
 *
 * It is written and taken away while a handler, or a breakpoint, redirects all calls. After
 * convergence no task is inside the old function; only the jump's first byte can be executed while
 * it is being written. Where something else rewrites or watches these bytes there is no jump, and
 * the handler stays.
 *
 * All under kgr_lock(); a batch of them between kgr_jumps_begin() and kgr_jumps_end().
 */
#include <linux/ftrace.h>
#include <linux/kprobes.h>
#include <linux/printk.h>
#include <linux/string.h>

#include "arch.h"
#include "jump.h"
#include "unexported.h"

KGR_CALLED(get_kprobe);

/**
 * kgr_jumps_begin - from now on nobody else changes any text; sleeps
 */
void kgr_jumps_begin(void)
{
	kgr_arch_text_lock();
}

/**
 * kgr_jumps_end - all that was asked for is written
 */
void kgr_jumps_end(void)
{
	kgr_arch_text_unlock();
}

/* Which kprobe has these bytes for an instruction, or part of one? */
static struct kprobe *probe_in(unsigned long start, unsigned int size)
{
	struct kprobe *probe = NULL;
	unsigned int i;

	for (i = 0; IS_ENABLED(CONFIG_KPROBES) && !probe && i < size; i++)
		probe = kgr_call(get_kprobe)((void *)(start + i));
	return probe;
}

/**
 * kgr_has_kprobe - is a kprobe at an instruction?
 */
bool kgr_has_kprobe(unsigned long address)
{
	return probe_in(address, 1);
}

static unsigned long jump_place(const struct kgr_peer_func *func)
{
	return func->stub ? func->ip : func->ip + MCOUNT_INSN_SIZE;
}

static unsigned int room(const struct kgr_peer_func *func)
{
	unsigned long at = jump_place(func), end = func->old[0].address + func->old[0].size;

	return at < end ? min_t(unsigned long, end - at, KGR_ARCH_JUMP_MAX) : 0;
}

/**
 * kgr_read_entry - what a function begins with where a jump would be
 * @func: it has none now
 * @first: its own first byte there, in whose place there may be a breakpoint
 *
 * Return: how many bytes that are, fewer if the function ends there.
 */
unsigned int kgr_read_entry(const struct kgr_peer_func *func, u8 first, u8 text[KGR_ARCH_JUMP_MAX])
{
	unsigned int size = room(func);

	memcpy(text, (void *)jump_place(func), size);
	text[0] = first;
	return size;
}

/**
 * kgr_jump_write - redirect a function's callers to the new one by a jump
 * @func: its module, if it is in one, is there
 * @first: the function's own first byte, where a breakpoint is that redirects them now; or NULL
 *
 * Return: NULL, or what is in the way, in words.
 */
const char *kgr_jump_write(struct kgr_peer_func *func, const u8 *first)
{
	unsigned long at = jump_place(func);
	u8 text[KGR_ARCH_JUMP_MAX];
	unsigned int size =
		kgr_arch_jump_size(text, kgr_read_entry(func, first ? *first : *(u8 *)at, text));
	const char *why;

	if (!size)
		return "its end";
	why = kgr_arch_rewritten((u8 *)at, size);
	if (why)
		return why;
	if (probe_in(at, size))
		return "a kprobe";
	/* The way back needs that. */
	if (func->stub && !kgr_arch_write_stub((u8 *)func->stub, at, text, size))
		return "its first instruction";
	if (!kgr_arch_queue_jump((u8 *)at, size, func->new_address))
		return "a great distance";
	memcpy(func->original, text, size);
	func->jump_at = at;
	func->jump_size = size;
	return NULL;
}

/**
 * kgr_jump_may_go - can a function's own text be put back?
 * @func: it may have no jump
 *
 * A kprobe at the jump has a copy of it, and knows nothing of what was there before.
 *
 * Return: 0, or -EBUSY, which is logged.
 */
int kgr_jump_may_go(const struct kgr_peer_func *func)
{
	const struct kprobe *probe = probe_in(func->jump_at, func->jump_size);

	if (!probe)
		return 0;
	pr_err("%s: %pS has a kprobe (its handler is %ps), so that the function's own text cannot be put back there: take that out first, see kprobes/list in debugfs\n",
	       kgr_patch.name, (void *)probe->addr, (void *)probe->pre_handler);
	return -EBUSY;
}

/**
 * kgr_jump_take_away - put a function's own text back
 * @func: it may have no jump
 */
void kgr_jump_take_away(struct kgr_peer_func *func)
{
	if (func->jump_size)
		kgr_arch_queue_original((u8 *)func->jump_at, func->jump_size, func->original);
	func->jump_size = 0;
}
