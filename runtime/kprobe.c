// SPDX-License-Identifier: GPL-2.0-only
/*
 * Redirecting callers of a function that has no fentry where a breakpoint (breakpoint.c) cannot be: by a kprobe at its
 * first instruction, beside another one that is there already, whose handlers it comes before.
 *
 * It is weaker, and stays when converged: each call takes a breakpoint; a call out of another kprobe's handler runs the
 * kernel's own function, as the kernel does not enter kprobes twice; and who switches off all kprobes (debugfs,
 * kprobes/enabled) switches off these.
 */
#include <linux/kprobes.h>
#include <linux/list.h>
#include <linux/printk.h>
#include <linux/slab.h>

#include "arch.h"
#include "redirect-table.h"
#include "task-state.h"

struct probe {
	struct list_head list;
	struct kprobe kprobe;
	unsigned long ip;
};

static LIST_HEAD(probes); /* under kgr_lock() */

/* In any context that the old function runs in, within the exception of the breakpoint. */
static int notrace choose(struct kprobe *kprobe, struct pt_regs *regs)
{
	const struct kgr_redirection *redir =
		kgr_find_redirection(container_of(kprobe, struct probe, kprobe)->ip);
	unsigned long to;

	if (!redir)
		return 0;
	to = kgr_is_new_where(preempt_count() - KGR_ARCH_BREAKPOINT_PREEMPT_COUNT) ?
		     redir->new_address :
		     redir->below;
	if (!to)
		return 0;
	instruction_pointer_set(regs, to);
	return 1;
}
NOKPROBE_SYMBOL(choose);

/* A kprobe that has this stays a breakpoint; the jump that others become cannot go elsewhere. */
static void notrace keep_breakpoint(struct kprobe *kprobe, struct pt_regs *regs,
				    unsigned long flags)
{
}
NOKPROBE_SYMBOL(keep_breakpoint);

static struct probe *find(unsigned long ip)
{
	struct probe *p;

	list_for_each_entry(p, &probes, list) {
		if (p->ip == ip)
			return p;
	}
	return NULL;
}

/**
 * kgr_kprobe_set - from now on the handler chooses for every call of a function; under kgr_lock()
 * @ip: its address
 *
 * Return: 0, also if it does already, or a negative error.
 */
int kgr_kprobe_set(unsigned long ip)
{
	struct probe *p = find(ip);
	int err;

	if (p)
		return 0;
	p = kzalloc(sizeof(*p), GFP_KERNEL);
	if (!p)
		return -ENOMEM;
	p->ip = ip;
	p->kprobe.addr = (kprobe_opcode_t *)ip;
	p->kprobe.pre_handler = choose;
	p->kprobe.post_handler = keep_breakpoint;
	err = register_kprobe(&p->kprobe);
	if (!err && !kgr_arch_is_breakpoint(p->kprobe.addr)) {
		pr_err("%s: all kprobes are switched off: write 1 to kprobes/enabled in debugfs\n",
		       kgr_patch.name);
		unregister_kprobe(&p->kprobe);
		err = -EBUSY;
	}
	if (err)
		kfree(p);
	else
		list_add(&p->list, &probes);
	return err;
}

/**
 * kgr_kprobe_drop - nobody is redirected there any more, or is in the handler; under kgr_lock()
 * @ip: the function's address; it may have none
 */
void kgr_kprobe_drop(unsigned long ip)
{
	struct probe *p = find(ip);

	if (!p)
		return;
	list_del(&p->list);
	unregister_kprobe(&p->kprobe);
	kfree(p);
}
