// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keeps the kernel's own livepatch from patching the functions that this patch redirects. In a
 * transition ftrace does that: it lets one IPMODIFY handler be on a function. A patch that has
 * converged has no handler there. So klp_patch_object(), by which livepatch hooks the functions of
 * one object, is hooked itself and returns an error, as it does if ftrace refuses.
 *
 * This guard changes the instruction pointer without IPMODIFY, since each patch module has one at
 * this function. If any of these guards refuses, livepatch gets the error.
 */
#include <linux/livepatch.h>
#include <linux/mutex.h>
#include <linux/printk.h>

#include "arch.h"
#include "peer.h"
#include "unexported.h"

#ifdef CONFIG_LIVEPATCH
KGR_CALLED(ftrace_location);
KGR_UNEXPORTED(klp_patch_object);
KGR_UNEXPORTED(klp_mutex);

static struct ftrace_ops guard_ops;

static struct klp_func *shared(const struct klp_object *object)
{
	struct klp_func *func;
	unsigned int i;

	klp_for_each_func(object, func) {
		for (i = 0; i < kgr_self.nfuncs; i++) {
			if (READ_ONCE(kgr_self.funcs[i].ip) &&
			    kgr_self.funcs[i].old[0].address == (unsigned long)func->old_func)
				return func;
		}
	}
	return NULL;
}

/* What livepatch calls instead of klp_patch_object(). */
static int refuse(struct klp_object *object)
{
	const struct klp_func *func = shared(object);

	/* It is none any more if its module has begun to go since. */
	pr_err("%s: livepatch wants %s(), which this patch replaces, and only one can: unload this one first, or build one patch of both\n",
	       kgr_patch.name, func ? func->old_name : "a function");
	return -EBUSY;
}

static void notrace on_patch_object(unsigned long ip, unsigned long parent_ip,
				    struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	if (!kgr_is_off() && shared((struct klp_object *)kgr_arch_first_arg(fregs)))
		kgr_arch_set_ip(fregs, (unsigned long)refuse);
}

/**
 * kgr_livepatch_guard - livepatch takes no function of this patch any more, unless that is off
 *
 * Return: 0 or a negative error.
 */
int kgr_livepatch_guard(void)
{
	unsigned long ip = kgr_call(ftrace_location)(kgr_address(klp_patch_object));
	int err;

	guard_ops.func = on_patch_object;
	err = ip ? ftrace_set_filter_ip(&guard_ops, ip, 0, 0) : -ENOENT;
	err = err ?: register_ftrace_function(&guard_ops);
	if (!err)
		return 0;
	pr_err("%s: ftrace cannot hook klp_patch_object() (error %d), so livepatch could not be kept from patching the same functions: not loaded\n",
	       kgr_patch.name, err);
	ftrace_free_filter(&guard_ops);
	return err;
}

/**
 * kgr_livepatch_unguard - forget that; nobody is in the handler when it returns
 */
void kgr_livepatch_unguard(void)
{
	unregister_ftrace_function(&guard_ops);
	ftrace_free_filter(&guard_ops);
}

/**
 * kgr_livepatch_wait - whoever has passed the guard unseen has been to ftrace
 */
void kgr_livepatch_wait(void)
{
	struct mutex *lock = (struct mutex *)kgr_address(klp_mutex);

	mutex_lock(lock);
	mutex_unlock(lock);
}
#endif
