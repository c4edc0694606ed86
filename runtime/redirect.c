// SPDX-License-Identifier: GPL-2.0-only
/* Leading callers of an old function to the new one, at its fentry. */
#include <linux/ftrace.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>

#include "compat.h"
#include "kgraft.h"

/*
 * Runs in every context that the old function runs in: NMIs, idle CPUs, entry code. It calls only
 * what is inlined or notrace, and takes no lock.
 */
static void notrace choose(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *ops,
			   struct ftrace_regs *fregs)
{
	struct kgr_func *func = container_of(ops, struct kgr_func, ops);

	if (kgr_context_is_new())
		kgr_set_ip(fregs, (unsigned long)func->new_func);
}

static void restore(struct kgr_func *func)
{
	if (!func->registered)
		return;
	if (unregister_ftrace_function(&func->ops))
		pr_err("%s: %s() cannot be let go\n", kgr_patch.name, func->name);
	ftrace_free_filter(&func->ops);
	func->registered = false;
}

static int redirect(struct kgr_func *func)
{
	int err;

	func->ops.func = choose;
	func->ops.flags = FTRACE_OPS_FL_DYNAMIC | FTRACE_OPS_FL_IPMODIFY | FTRACE_OPS_FL_PERMANENT;
	err = ftrace_set_filter_ip(&func->ops, func->old_address, 0, 0);
	if (err) {
		pr_err("%s: %s() has no fentry here (error %d)\n", kgr_patch.name, func->name, err);
		return err;
	}
	err = register_ftrace_function(&func->ops);
	if (err) {
		pr_err("%s: %s() cannot be redirected (error %d)%s\n", kgr_patch.name, func->name,
		       err, err == -EBUSY ? ": something else does so already, or kernel.ftrace_enabled is off" : "");
		ftrace_free_filter(&func->ops);
		return err;
	}
	func->registered = true;
	return 0;
}

/**
 * kgr_redirect_all - put the handler on every old function
 *
 * Nobody changes universe by that: the handler lets everybody pass until a transition starts.
 *
 * Return: 0, or a negative error with nothing left behind.
 */
int kgr_redirect_all(void)
{
	struct kgr_func *func;
	int err;

	kgr_for_each_func(func) {
		err = redirect(func);
		if (err) {
			kgr_restore_all();
			return err;
		}
	}
	return 0;
}

/**
 * kgr_restore_all - take all handlers away; nobody is in them when this returns
 */
void kgr_restore_all(void)
{
	struct kgr_func *func;

	kgr_for_each_func(func)
		restore(func);
	synchronize_rcu_tasks();
}
