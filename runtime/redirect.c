// SPDX-License-Identifier: GPL-2.0-only
/* Leading callers of an old function to the new one, at its fentry. */
#include <linux/ftrace.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "compat.h"
#include "kgraft.h"

struct redirection {
	struct ftrace_ops ops;
	unsigned long new_address;
	bool registered;
};

/* One for each function, in their order. */
static struct redirection *redirections;

/*
 * Runs in every context that the old function runs in: NMIs, idle CPUs, entry code. It calls only
 * what is inlined or notrace, and takes no lock.
 */
static void notrace choose(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *ops,
			   struct ftrace_regs *fregs)
{
	struct redirection *r = container_of(ops, struct redirection, ops);

	if (kgr_context_is_new())
		kgr_set_ip(fregs, r->new_address);
}

static void restore(struct kgr_func *func, struct redirection *r)
{
	if (!r->registered)
		return;
	if (unregister_ftrace_function(&r->ops))
		pr_err("%s: %s() cannot be let go\n", kgr_patch.name, func->name);
	ftrace_free_filter(&r->ops);
	r->registered = false;
}

static int redirect(struct kgr_func *func, struct redirection *r)
{
	int err;

	r->new_address = (unsigned long)func->new_func;
	r->ops.func = choose;
	r->ops.flags = FTRACE_OPS_FL_DYNAMIC | FTRACE_OPS_FL_IPMODIFY | FTRACE_OPS_FL_PERMANENT;
	err = ftrace_set_filter_ip(&r->ops, func->old_address, 0, 0);
	if (err) {
		pr_err("%s: %s() has no fentry here (error %d)\n", kgr_patch.name, func->name, err);
		return err;
	}
	err = register_ftrace_function(&r->ops);
	if (err) {
		pr_err("%s: %s() cannot be redirected (error %d)%s\n", kgr_patch.name, func->name,
		       err,
		       err == -EBUSY ?
			       ": something else does so already, or kernel.ftrace_enabled is off" :
			       "");
		ftrace_free_filter(&r->ops);
		return err;
	}
	r->registered = true;
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

	redirections = kcalloc(kgr_patch.nfuncs, sizeof(*redirections), GFP_KERNEL);
	if (!redirections)
		return -ENOMEM;
	kgr_for_each_func(func) {
		err = redirect(func, &redirections[func - kgr_patch.funcs]);
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
		restore(func, &redirections[func - kgr_patch.funcs]);
	/* Who is in a trampoline still reads them. */
	synchronize_rcu_tasks();
	kfree(redirections);
	redirections = NULL;
}
