// SPDX-License-Identifier: GPL-2.0-only
/*
 * The jump behind an old function's fentry, which leads whoever calls it to the new one once all live in the new
 * universe. The fentry's own bytes remain ftrace's, so that whoever traces the function does so as before.
 *
 * It is written and taken away while a handler leads everybody elsewhere. Nobody is inside the old function then, for
 * that is what convergence means, so that no more than its first byte can be met by surprise. Where something else
 * rewrites or watches these bytes there is none, and the handler stays.
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
 * kgr_jump_write - lead a function's callers to the new one by a jump
 * @func: its module, if it is in one, is there
 *
 * Return: NULL, or what is in the way, in words.
 */
const char *kgr_jump_write(struct kgr_peer_func *func)
{
	unsigned long at = func->ip + MCOUNT_INSN_SIZE;
	unsigned long end = func->old[0].address + func->old[0].size;
	unsigned int size = at < end ? kgr_arch_jump_size((u8 *)at, end - at) : 0;
	const char *why;

	if (!size)
		return "its end";
	why = kgr_arch_rewritten((u8 *)at, size);
	if (why)
		return why;
	if (probe_in(at, size))
		return "a kprobe";
	memcpy(func->original, (void *)at, size);
	if (!kgr_arch_queue_jump((u8 *)at, size, func->new_address))
		return "a great distance";
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
