// SPDX-License-Identifier: GPL-2.0-only
/*
 * The handler at old functions' fentries: an ftrace_ops that chooses for each call where it goes.
 * It has the flag IPMODIFY: ftrace lets only one such ftrace_ops be on a function, and tells BPF's
 * trampolines of it, which then go where it says. A kprobe with a post handler has the flag, too,
 * though it changes the instruction pointer for injected errors only: at such a function the
 * handler does without the flag ("beside").
 *
 * Where another IPMODIFY handler has to leave first, be it an earlier patch's or ours with fewer
 * functions, a second ftrace_ops without IPMODIFY, the bridge, redirects meanwhile:
 *
 *	1	the other one is on f			the other one redirects f()
 *	2	the bridge comes to f and g		both do, to the same function
 *	3	the other one leaves			the bridge does
 *	4	the handler comes to f and g		both do
 *	5	the bridge leaves			the handler does
 *
 * All but the handler itself under kgr_lock().
 */
#include <linux/delay.h>
#include <linux/ftrace.h>
#include <linux/jiffies.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "arch.h"
#include "handler.h"
#include "task-state.h"
#include "unexported.h"

KGR_UNEXPORTED(ftrace_ops_list);
KGR_UNEXPORTED(kprobe_ftrace_handler);
KGR_UNEXPORTED(just_return_func);
KGR_CALLED(ftrace_lookup_ip);

/* A BPF trampoline that is being changed asks to come again (bpf_tramp_ftrace_ops_func()); in 7.2 while any is. */
#define SHARE_PATIENCE (10 * HZ)

static struct ftrace_ops handler, beside, bridge;

/*
 * Has somebody's probe an error returned in the function's place? As when converged, where probes
 * come before the jump, it wins.
 */
static __always_inline bool is_overridden(struct ftrace_regs *fregs)
{
	return kgr_arch_get_ip(fregs) == kgr_address(just_return_func);
}

/*
 * Runs in every context that the old function runs in: NMIs, idle CPUs, entry code. It calls only
 * what is inlined or notrace, and takes no lock.
 */
static void notrace choose(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *ops,
			   struct ftrace_regs *fregs)
{
	const struct kgr_redirection *redir = kgr_find_redirection(ip);
	unsigned long to;

	if (!redir)
		return;
	to = kgr_context_is_new() ? redir->new_address : redir->below;
	if (to && !is_overridden(fregs))
		kgr_arch_set_ip(fregs, to);
}

static bool is_on(const struct ftrace_ops *ops)
{
	return ops->flags & FTRACE_OPS_FL_ENABLED;
}

static bool is_at(const struct ftrace_ops *ops, unsigned long ip)
{
	return kgr_call(ftrace_lookup_ip)(rcu_dereference_raw(ops->func_hash->filter_hash), ip);
}

static bool is_of_kprobes(const struct ftrace_ops *ops)
{
	return (unsigned long)ops->func == kgr_address(kprobe_ftrace_handler);
}

/*
 * Where it is hooked is freed only when no tracer can be reading that. Not so the kernel's own without IPMODIFY: BPF's
 * one for all its trampolines, in 7.2 (update_ftrace_direct_del()), which shares.
 */
static bool may_be_read(const struct ftrace_ops *ops)
{
	return ops->func_hash && ops->flags & (FTRACE_OPS_FL_DYNAMIC | FTRACE_OPS_FL_IPMODIFY);
}

/*
 * Of all that ftrace has, from this one on: which is of one of these kinds, not ours, and at this
 * fentry? Read as tracers read it.
 */
static struct ftrace_ops *find_owner(struct ftrace_ops *ops, unsigned long ip, unsigned long kinds)
{
	for (; ops && ops->next; ops = rcu_dereference_raw(ops->next)) {
		if (ops->flags & kinds && may_be_read(ops) && ops != &handler && is_at(ops, ip))
			return ops;
	}
	return NULL;
}

static struct ftrace_ops *first_owner(unsigned long ip, unsigned long kinds)
{
	return find_owner(READ_ONCE(*(struct ftrace_ops **)kgr_address(ftrace_ops_list)), ip,
			  kinds);
}

static struct ftrace_ops *next_owner(const struct ftrace_ops *ops, unsigned long ip,
				     unsigned long kinds)
{
	return find_owner(rcu_dereference_raw(ops->next), ip, kinds);
}

/* For a person: what of this kind has this function already, and does not share it? */
static bool name_owners(const struct kgr_redirection *redir, unsigned long kinds)
{
	struct ftrace_ops *op;
	bool found = false;

	preempt_disable_notrace();
	for (op = first_owner(redir->ip, kinds); op; op = next_owner(op, redir->ip, kinds)) {
		if (is_of_kprobes(op) && redir->beside)
			continue;
		found = true;
		pr_err("%s: %pS has %s already, and ftrace lets only one change where a function goes: take that out first\n",
		       kgr_patch.name, (void *)op->func,
		       redir->func ? redir->func->name : "a function");
	}
	preempt_enable_notrace();
	return found;
}

static bool has_kprobe_with_claim(unsigned long ip)
{
	struct ftrace_ops *op;
	bool found;

	/* No second one can claim it. */
	preempt_disable_notrace();
	op = first_owner(ip, FTRACE_OPS_FL_IPMODIFY);
	found = op && is_of_kprobes(op);
	preempt_enable_notrace();
	return found;
}

/* Where the handler is already it stays of that kind: of another one BPF would not be told. */
static void decide_claims(void)
{
	struct kgr_redirection *redir;

	kgr_for_each_redirection(redir) {
		if (is_on(&handler) && is_at(&handler, redir->ip))
			redir->beside = false;
		else if (is_on(&beside) && is_at(&beside, redir->ip))
			redir->beside = true;
		else
			redir->beside = has_kprobe_with_claim(redir->ip);
	}
}

/**
 * kgr_handler_may_be_at - would ftrace let the handler be at this fentry?
 * @redir: nobody calls the function yet
 *
 * Where a jump is written without a handler before it, nobody else asks.
 *
 * Return: false if something else changes where the function goes, which is logged.
 */
bool kgr_handler_may_be_at(struct kgr_redirection *redir)
{
	redir->beside = has_kprobe_with_claim(redir->ip);
	return !name_owners(redir, FTRACE_OPS_FL_IPMODIFY);
}

static void say_why(int err)
{
	struct kgr_redirection *redir;

	if (err == -EAGAIN) {
		pr_err("%s: BPF is changing its programs on one of the functions, or on many at once: try again\n",
		       kgr_patch.name);
		return;
	}
	if (err != -EBUSY) {
		pr_err("%s: ftrace cannot hook one of the functions (error %d): not patched; enabled_functions in tracefs shows who else is there\n",
		       kgr_patch.name, err);
		return;
	}
	pr_err("%s: ftrace refuses: something else redirects one of the functions (named below), or kernel.ftrace_enabled is 0\n",
	       kgr_patch.name);
	kgr_for_each_redirection(redir)
		name_owners(redir, FTRACE_OPS_FL_IPMODIFY | FTRACE_OPS_FL_DIRECT);
}

/* Has one of these to be at this fentry: of all, or of those where the handler stays? */
static bool is_wanted(const struct ftrace_ops *ops, const struct kgr_redirection *redir, bool all)
{
	if (redir->no_fentry || !(all || kgr_keeps_handler(redir)))
		return false;
	return ops == &bridge || redir->beside == (ops == &beside);
}

/* NULL if there is no memory. */
static unsigned long *list_fentries(const struct ftrace_ops *ops, bool all, unsigned int *count)
{
	unsigned long *ips = kcalloc(kgr_redirections->count + 1, sizeof(*ips), GFP_KERNEL);
	struct kgr_redirection *redir;

	*count = 0;
	kgr_for_each_redirection(redir) {
		if (ips && is_wanted(ops, redir, all))
			ips[(*count)++] = redir->ip;
	}
	return ips;
}

static void stop(struct ftrace_ops *ops)
{
	if (!is_on(ops))
		return;
	if (unregister_ftrace_function(ops))
		pr_err("%s: ftrace does not unregister the handler: do not unload this module\n",
		       kgr_patch.name);
	ftrace_free_filter(ops);
}

static int register_shared(struct ftrace_ops *ops)
{
	unsigned long end = jiffies + SHARE_PATIENCE;
	int err;

	while ((err = register_ftrace_function(ops)) == -EAGAIN && time_before(jiffies, end) &&
	       !fatal_signal_pending(current))
		usleep_range(1000, 2000);
	return err;
}

static int start(struct ftrace_ops *ops, unsigned long flags, unsigned long *ips,
		 unsigned int count)
{
	int err;

	/* ftrace_free_filter() leaves pointers to what it freed. */
	memset(ops, 0, sizeof(*ops));
	ops->func = choose;
	ops->flags = flags;
	err = ftrace_set_filter_ips(ops, ips, count, 0, 1);
	err = err ?: register_shared(ops);
	if (err)
		ftrace_free_filter(ops);
	return err;
}

/* An empty filter would mean all of the kernel. */
static int set(struct ftrace_ops *ops, unsigned long flags, bool all)
{
	unsigned int count;
	unsigned long *ips = list_fentries(ops, all, &count);
	int err = 0;

	if (!ips)
		return -ENOMEM;
	if (!count)
		stop(ops);
	else if (is_on(ops))
		err = ftrace_set_filter_ips(ops, ips, count, 0, 1);
	else
		err = start(ops, flags, ips, count);
	kfree(ips);
	if (err)
		say_why(err);
	return err;
}

/**
 * kgr_handler_is_on - is the handler registered, at whichever fentries? Under kgr_lock().
 */
bool kgr_handler_is_on(void)
{
	return is_on(&handler) || is_on(&beside);
}

/**
 * kgr_handler_set - have the handler at these fentries and at no others
 * @all: at all of them; or where it stays when converged
 *
 * If it is on, none may be added but of a module that is coming: BPF is not told of others.
 *
 * Return: 0 or a negative error, which is logged.
 */
int kgr_handler_set(bool all)
{
	decide_claims();
	return set(&handler, FTRACE_OPS_FL_IPMODIFY | FTRACE_OPS_FL_PERMANENT, all) ?:
		       set(&beside, FTRACE_OPS_FL_PERMANENT, all);
}

/**
 * kgr_handler_stop - it leaves all fentries; nobody is in it when this returns
 */
void kgr_handler_stop(void)
{
	stop(&handler);
	stop(&beside);
}

/**
 * kgr_bridge_is_on - is the bridge registered, at whichever fentries? Under kgr_lock().
 */
bool kgr_bridge_is_on(void)
{
	return is_on(&bridge);
}

/**
 * kgr_bridge_start - redirect calls without claiming the fentries
 * @all: as above
 *
 * Return: 0 or a negative error, which is logged.
 */
int kgr_bridge_start(bool all)
{
	return set(&bridge, 0, all);
}

/**
 * kgr_bridge_stop - unregister the bridge, if it is on: only the handler redirects from now on, or
 * nothing
 */
void kgr_bridge_stop(void)
{
	stop(&bridge);
}
