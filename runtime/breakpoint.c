// SPDX-License-Identifier: GPL-2.0-only
/*
 * The breakpoint at the first instruction of an old function that has no fentry, and who chooses
 * there for each call where it goes. The kernel asks kprobes first, then all who want to know of
 * exceptions (register_die_notifier()). So it is no kprobe, and unlike one works within the
 * handlers of kprobes, and when they are switched off. Who is to run the kernel's own function runs
 * its stub (arch/).
 *
 *	off		the function's own text
 *	choosing	a breakpoint in place of its first byte
 *	on		a jump (jump.c): no breakpoint any more
 *
 * The one becomes the other while both redirect to the same function. No notifier of another patch
 * takes the breakpoint for its own: the redirection says whose it is, from before it is written until every CPU has
 * left its handler.
 *
 * Where a kprobe is at that instruction already, there can be no breakpoint of ours, and a kprobe has to do (kprobe.c).
 *
 * All but the handler under kgr_lock(); what changes text between kgr_jumps_begin() and kgr_jumps_end().
 */
#include <linux/notifier.h>
#include <linux/string.h>

#include "arch.h"
#include "breakpoint.h"
#include "jump.h"
#include "task-state.h"

static bool started;

/* In any context that the old function runs in, within the exception of the breakpoint. */
static int notrace choose(struct notifier_block *nb, unsigned long event, void *data)
{
	const struct kgr_redirection *redir;
	struct pt_regs *regs = ((struct die_args *)data)->regs;
	unsigned long to;

	if (event != KGR_ARCH_BREAKPOINT_EVENT || user_mode(regs))
		return NOTIFY_DONE;
	redir = kgr_find_redirection(kgr_arch_breakpoint_address(regs));
	if (!redir)
		return NOTIFY_DONE;
	/* Pairs with kgr_breakpoint_claim(). */
	if (!smp_load_acquire(&redir->breakpoint))
		return NOTIFY_DONE;
	to = kgr_is_new_where(preempt_count() - KGR_ARCH_BREAKPOINT_PREEMPT_COUNT) ?
		     READ_ONCE(redir->new_address) :
		     READ_ONCE(redir->below);
	instruction_pointer_set(regs, to ?: redir->stub);
	return NOTIFY_STOP;
}

/* Before the kernel's debugger. */
static struct notifier_block notifier = { .notifier_call = choose, .priority = INT_MAX };

/**
 * kgr_breakpoints_start - breakpoints may be set from now on, if there is a table of redirections
 *
 * Return: 0 or a negative error.
 */
int kgr_breakpoints_start(void)
{
	int err = started ? 0 : register_die_notifier(&notifier);

	started = !err;
	return err;
}

/**
 * kgr_breakpoints_stop - there are none any more; nobody is in the handler when this returns
 */
void kgr_breakpoints_stop(void)
{
	if (started)
		unregister_die_notifier(&notifier);
	started = false;
}

/**
 * kgr_breakpoint_first - a function's own first byte, though there may be a breakpoint in its place
 * @redir: it has no jump and no kprobe
 */
u8 kgr_breakpoint_first(const struct kgr_redirection *redir)
{
	if (!kgr_arch_is_breakpoint((void *)redir->ip))
		return *(u8 *)redir->ip;
	if (redir->breakpoint || !redir->peer)
		return redir->first;
	return redir->peer->funcs[redir->peer_func].original[0];
}

/**
 * kgr_breakpoint_claim - from now on the breakpoint there, if there is one, is this patch's
 * @first: what is in its place when nobody has one
 */
void kgr_breakpoint_claim(struct kgr_redirection *redir, u8 first)
{
	struct kgr_peer_func *func = kgr_func_of(redir);

	redir->first = first;
	redir->stub = func->stub;
	func->original[0] = first;
	/* Pairs with choose(): who finds it claimed knows where to go. */
	smp_store_release(&redir->breakpoint, true);
}

/**
 * kgr_breakpoint_may_be - can a breakpoint take the place of a jump, if one is there?
 * @redir: of a function that has no fentry
 * @by: whose jump may be there
 *
 * The stub is made here: the one who chooses has its own, which is what the kernel's function is to whoever runs it.
 *
 * Return: 0, or -EBUSY, which is logged.
 */
int kgr_breakpoint_may_be(const struct kgr_redirection *redir, const struct kgr_peer_func *by)
{
	struct kgr_peer_func *func = kgr_func_of(redir);
	int err = kgr_jump_may_go(by);

	if (err || !by->jump_size)
		return err;
	if (kgr_arch_write_stub((u8 *)func->stub, redir->ip, by->original, by->jump_size))
		return 0;
	pr_err("%s: the first instruction of %pS cannot be moved out of the way of a breakpoint: leave that function out of the fix\n",
	       kgr_patch.name, (void *)redir->ip);
	return -EBUSY;
}

/**
 * kgr_breakpoint_set - from now on the handler chooses for every call of a function that has no fentry
 * @redir: that
 * @by: whose jump is there, if one is, and kgr_breakpoint_may_be() was asked; NULL: none can be
 *
 * A jump becomes a breakpoint, and the text behind it the function's own: nobody is inside of that.
 *
 * None comes where it takes a kprobe: there is one already, or the first instruction cannot be moved.
 */
void kgr_breakpoint_set(struct kgr_redirection *redir, struct kgr_peer_func *by)
{
	struct kgr_peer_func *func = kgr_func_of(redir);
	u8 text[KGR_ARCH_JUMP_MAX], first;
	unsigned int size;

	if (by && by->jump_size) {
		kgr_breakpoint_claim(redir, by->original[0]);
		kgr_arch_queue_breakpoint((u8 *)redir->ip, by->jump_size, by->original);
		by->jump_size = 0;
		return;
	}
	if (kgr_has_kprobe(redir->ip))
		return;
	first = kgr_breakpoint_first(redir);
	size = kgr_read_entry(func, first, text);
	if (!kgr_arch_write_stub((u8 *)func->stub, redir->ip, text, size))
		return;
	kgr_breakpoint_claim(redir, first);
	kgr_arch_set_breakpoint((u8 *)redir->ip);
}

/**
 * kgr_breakpoint_clear - put the function's own first byte back
 * @redir: it may have no breakpoint
 *
 * It has to be claimed until kgr_jumps_end().
 */
void kgr_breakpoint_clear(struct kgr_redirection *redir)
{
	if (redir->breakpoint)
		kgr_arch_clear_breakpoint((u8 *)redir->ip, redir->first);
}
