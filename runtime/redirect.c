// SPDX-License-Identifier: GPL-2.0-only
/*
 * Redirecting callers of an old function to the new one, at its fentry.
 *
 * In a transition a handler (an ftrace_ops with IPMODIFY) chooses for each call. Converged, the fentry calls
 * a trampoline of two instructions that goes to the new function (a direct call of ftrace's), and the handler
 * is gone. Both may be on one entry, and then the direct call wins. So no call ever meets anything but what
 * its universe says:
 *
 *	off -> choosing		the handler comes
 *	choosing -> on		the direct call to the trampoline is made, then the handler goes
 *	on -> choosing back	the handler comes, then the direct call is changed to a trampoline that only
 *				returns, and so to where the handler says ("neutral")
 *	choosing back -> off	the handler goes; a neutral direct call stays, as ftrace takes long to
 *				remove one
 *
 * Where somebody else has a function's only direct call, the handler stays when converged. A function without
 * fentry has a kprobe (kprobe.c) for as long as others have a handler or a direct call.
 *
 * A function that an earlier patch redirects is taken over: the earlier patch suspends its own redirection
 * once our handler is there, which knows from the table where that goes ("below"), and resumes it when we go.
 */
#include <linux/ftrace.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "arch.h"
#include "compat.h"
#include "redirect-table.h"
#include "task-state.h"
#include "trampoline.h"
#include "unexported.h"

KGR_CALLED(ftrace_location);
KGR_UNEXPORTED(ftrace_ops_list);
KGR_CALLED(ftrace_lookup_ip);

static bool replace;
module_param(replace, bool, 0444);
MODULE_PARM_DESC(replace, "take the place of all patches that are there already");

/* No object has this number. */
#define NO_OBJECT UINT_MAX

bool kgr_redirect_replaces(void)
{
	return replace;
}

/* The only direct call that a function may have: stays until the module goes. */
struct direct {
	struct ftrace_ops ops;
	unsigned long target; /* 0: none */
};

static struct direct *directs; /* one for each function of the patch, in their order */
static struct ftrace_ops choose_ops;
static bool choosing;

asmlinkage void kgr_neutral_trampoline(void);
KGR_NEUTRAL_TRAMPOLINE(kgr_neutral_trampoline);

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
	if (to)
		kgr_arch_set_ip(fregs, to);
}

static const char *name_of(const struct kgr_redirection *redir)
{
	return redir->func ? redir->func->name : "a function";
}

/* For a person: what has this function already? The list is read as tracers read it. */
static void name_owner(const struct kgr_redirection *redir)
{
	struct ftrace_ops *op;

	preempt_disable_notrace();
	for (op = READ_ONCE(*(struct ftrace_ops **)kgr_address(ftrace_ops_list)); op && op->next;
	     op = rcu_dereference_raw(op->next)) {
		if (!(op->flags & (FTRACE_OPS_FL_IPMODIFY | FTRACE_OPS_FL_DIRECT)) ||
		    !op->func_hash || op == &choose_ops)
			continue;
		if (kgr_call(ftrace_lookup_ip)(rcu_dereference_raw(op->func_hash->filter_hash),
					       redir->ip))
			pr_err("%s: %pS has %s already, and ftrace lets only one change where a function goes: take that out first\n",
			       kgr_patch.name, (void *)op->func, name_of(redir));
	}
	preempt_enable_notrace();
}

static int begin_choosing(void)
{
	struct kgr_redirection *redir;
	int err = register_ftrace_function(&choose_ops);

	if (err == -EBUSY) {
		pr_err("%s: ftrace refuses: something else redirects one of the functions (named below), or kernel.ftrace_enabled is 0\n",
		       kgr_patch.name);
		kgr_for_each_redirection(redir)
			name_owner(redir);
	}
	if (err)
		ftrace_free_filter(&choose_ops);
	else
		choosing = true;
	return err;
}

static int cannot_redirect(const struct kgr_redirection *redir, int err)
{
	pr_err("%s: ftrace or kprobes cannot hook %s() (error %d): not patched\n", kgr_patch.name,
	       name_of(redir), err);
	return err;
}

/* The handler for every function, or where it stays; an empty filter would mean all of the kernel. */
static int choose_at(bool all)
{
	struct kgr_redirection *redir;
	bool any = false;
	int err = 0;

	if (!choosing) {
		/* ftrace_free_filter() leaves pointers to what it freed. */
		memset(&choose_ops, 0, sizeof(choose_ops));
		choose_ops.func = choose;
		choose_ops.flags =
			FTRACE_OPS_FL_DYNAMIC | FTRACE_OPS_FL_IPMODIFY | FTRACE_OPS_FL_PERMANENT;
	}
	kgr_for_each_redirection(redir) {
		if (redir->by_kprobe) {
			err = kgr_kprobe_set(redir->ip);
		} else if (all || redir->handled) {
			any = true;
			err = ftrace_set_filter_ip(&choose_ops, redir->ip, 0, 0);
		}
		if (err)
			return cannot_redirect(redir, err);
	}
	return any && !choosing ? begin_choosing() : 0;
}

static void drop_kprobes(void)
{
	struct kgr_redirection *redir;

	kgr_for_each_redirection(redir) {
		if (redir->by_kprobe)
			kgr_kprobe_drop(redir->ip);
	}
}

static void stop_choosing(void)
{
	if (!choosing)
		return;
	if (unregister_ftrace_function(&choose_ops))
		pr_err("%s: ftrace does not unregister the handler: do not unload this module\n",
		       kgr_patch.name);
	ftrace_free_filter(&choose_ops);
	choosing = false;
}

/* ftrace asks whether a direct call and a handler may meet on one function. Only ours may. */
static int may_share(struct ftrace_ops *ops, enum ftrace_ops_cmd cmd)
{
	return READ_ONCE(kgr_self.registry->ipmodify_owner) == current ? 0 : -EBUSY;
}

static int set_direct(unsigned int func, unsigned long target)
{
	struct direct *d = &directs[func];
	int err;

	if (d->target) {
		err = kgr_modify_direct(&d->ops, target);
	} else {
		memset(&d->ops, 0, sizeof(d->ops));
		d->ops.ops_func = may_share;
		err = ftrace_set_filter_ip(&d->ops, kgr_self.funcs[func].ip, 0, 0);
		err = err ?: kgr_register_direct(&d->ops, target);
		if (err)
			ftrace_free_filter(&d->ops);
		else
			d->ops.flags |= FTRACE_OPS_FL_PERMANENT;
	}
	if (!err)
		d->target = target;
	return err;
}

static void drop_direct(unsigned int func)
{
	struct direct *d = &directs[func];

	if (!d->target)
		return;
	if (kgr_unregister_direct(&d->ops, d->target))
		pr_err("%s: ftrace does not unregister a direct call: do not unload this module\n",
		       kgr_patch.name);
	ftrace_free_filter(&d->ops);
	d->target = 0;
}

static void stop_redirecting(unsigned int func)
{
	drop_direct(func);
	kgr_kprobe_drop(kgr_self.funcs[func].ip);
	kgr_self.funcs[func].active = false;
}

static void suspend(unsigned int func)
{
	stop_redirecting(func);
	kgr_self.users++;
}

static int resume(unsigned int func)
{
	int err = kgr_self.funcs[func].by_kprobe ?
			  kgr_kprobe_set(kgr_self.funcs[func].ip) :
			  set_direct(func, (unsigned long)kgr_patch.funcs[func].trampoline);

	if (err)
		return err;
	kgr_self.funcs[func].active = true;
	kgr_self.users--;
	return 0;
}

/* Of an earlier patch it knows what is below it, which goes as well. */
static void forget_redirections(void)
{
	struct kgr_redirection *redir;

	kgr_for_each_redirection(redir)
		kgr_redirection_clear(redir);
}

/**
 * kgr_redirect_replaced - a cumulative patch has taken this one's place; under kgr_lock()
 */
void kgr_redirect_replaced(void)
{
	unsigned int i;

	for (i = 0; i < kgr_self.nfuncs; i++)
		stop_redirecting(i);
	stop_choosing();
	forget_redirections();
	kgr_self.users = 0;
}

/* Find the entries of what is in vmlinux, or in one module that is there. */
static int find_entries(unsigned int object)
{
	struct kgr_func *func;
	int part;

	kgr_for_each_func(func) {
		struct kgr_peer_func *shown = &kgr_self.funcs[func - kgr_patch.funcs];

		if (func->object != object)
			continue;
		shown->new_address = (unsigned long)func->new_func;
		for (part = 0; part < 2; part++) {
			shown->old[part].size = func->old[part].size;
			shown->old[part].address = kgr_part_address(func, part);
			shown->new_text[part] = func->new_text[part];
		}
		shown->by_kprobe = func->by_kprobe;
		shown->ip = func->by_kprobe ? func->old_address :
					      kgr_call(ftrace_location)(func->old_address);
		if (!shown->ip) {
			pr_err("%s: ftrace knows no fentry of %s() in the running kernel (it is notrace there, or ftrace gave up): not loaded\n",
			       kgr_patch.name, func->name);
			return -EINVAL;
		}
	}
	return 0;
}

/**
 * kgr_redirect_prepare - find out where the functions' fentries are; once, before anything else here
 *
 * Those of modules come with kgr_redirect_add().
 *
 * Return: 0, or a negative error with nothing left behind.
 */
int kgr_redirect_prepare(void)
{
	int err = -ENOMEM;

	directs = kcalloc(kgr_patch.nfuncs, sizeof(*directs), GFP_KERNEL);
	kgr_self.funcs = kcalloc(kgr_patch.nfuncs, sizeof(*kgr_self.funcs), GFP_KERNEL);
	if (directs && kgr_self.funcs)
		err = find_entries(0);
	if (err) {
		kgr_redirect_free();
		return err;
	}
	kgr_self.nfuncs = kgr_patch.nfuncs;
	kgr_self.suspend = suspend;
	kgr_self.resume = resume;
	return 0;
}

/**
 * kgr_redirect_free - for module exit: nobody is in the handler or a trampoline when it returns
 */
void kgr_redirect_free(void)
{
	unsigned int i;

	for (i = 0; i < kgr_self.nfuncs; i++)
		stop_redirecting(i);
	synchronize_rcu_tasks();
	kgr_redirect_table_free();
	kfree(directs);
	kfree(kgr_self.funcs);
}

/* What an earlier patch redirects is redirected by our handler from now on, which must be there. */
static void take_over(struct kgr_redirection *redir)
{
	if (!redir->peer || redir->took_over)
		return;
	redir->peer->suspend(redir->peer_func);
	redir->took_over = true;
}

/*
 * A cumulative patch takes the place of all that are on, whether they lead anywhere just now or not: one may be below
 * another, or its modules not be there. Until that is over, one way or the other, they stay as they are.
 */
static int claim_earlier_patches(void)
{
	struct kgr_peer *peer;

	kgr_for_each_peer(peer) {
		if (peer == &kgr_self || !peer->busy)
			continue;
		pr_err("%s: %s is still moving: wait for it (kgr status), and load this again\n",
		       kgr_patch.name, peer->name);
		return -EBUSY;
	}
	kgr_for_each_peer(peer) {
		if (peer == &kgr_self || !peer->on)
			continue;
		peer->retired_by = &kgr_self;
		peer->users++;
	}
	return 0;
}

static void release_earlier_patches(void)
{
	struct kgr_peer *peer;

	kgr_for_each_peer(peer) {
		if (peer->retired_by != &kgr_self)
			continue;
		peer->retired_by = NULL;
		peer->users--;
	}
}

/**
 * kgr_choose_begin - from now on the handler chooses for every call
 *
 * At the start of a transition, from off or from converged, before any task has a state: nobody
 * changes universe by this.
 *
 * Return: 0 or a negative error with everything as before.
 */
int kgr_choose_begin(void)
{
	bool from_off = kgr_current_target() == KGR_OLD;
	int err = from_off && replace ? claim_earlier_patches() : 0;
	struct kgr_redirection *redir;

	if (err)
		return err;
	err = from_off ? kgr_redirect_table_make() : 0;
	if (err) {
		release_earlier_patches();
		return err;
	}
	/* It may have stayed after the last way back (kgr_redirect_restore()). */
	if (!choosing)
		kgr_redirect_table_free_previous();
	WRITE_ONCE(kgr_self.registry->ipmodify_owner, current);
	err = choose_at(true);
	kgr_for_each_redirection(redir) {
		if (err)
			break;
		if (from_off)
			take_over(redir);
		else if (directs[kgr_func_number(redir)].target)
			err = set_direct(kgr_func_number(redir),
					 (unsigned long)kgr_neutral_trampoline);
	}
	WRITE_ONCE(kgr_self.registry->ipmodify_owner, NULL);
	if (err)
		kgr_choose_abort();
	return err;
}

/**
 * kgr_drop_neutral_calls - remove direct calls that only return: without them the handler costs less
 *
 * For a transition that takes its time; removing one takes tenths of a second.
 */
void kgr_drop_neutral_calls(void)
{
	unsigned int i;

	for (i = 0; i < kgr_patch.nfuncs; i++) {
		if (directs[i].target == (unsigned long)kgr_neutral_trampoline)
			drop_direct(i);
	}
}

/* What a function's callers meet when nobody chooses, in the universe that all are in. */
static int settle(struct kgr_redirection *redir)
{
	if (!redir->func)
		return 0;
	if (kgr_current_target() == KGR_NEW) {
		kgr_self.funcs[kgr_func_number(redir)].active = true;
		if (redir->by_kprobe)
			return 0;
		return set_direct(kgr_func_number(redir), (unsigned long)redir->func->trampoline);
	}
	kgr_self.funcs[kgr_func_number(redir)].active = false;
	return 0;
}

/* Earlier patches are out: each is told once, and nothing of theirs is below any more. */
static void retire_earlier_patches(void)
{
	struct kgr_redirection *redir;
	struct kgr_peer *peer;

	kgr_for_each_redirection(redir) {
		if (!redir->peer || redir->peer->retired_by != &kgr_self)
			continue;
		redir->peer = NULL;
		redir->took_over = false;
		WRITE_ONCE(redir->below, 0);
	}
	kgr_for_each_peer(peer) {
		if (peer->retired_by != &kgr_self)
			continue;
		peer->replaced();
		peer->retired_by = NULL;
		if (peer->on || peer->users)
			pr_err("%s: %s was to be replaced and is still there\n", kgr_patch.name,
			       peer->name);
	}
	kgr_for_each_redirection(redir) {
		if (redir->func)
			continue;
		kgr_kprobe_drop(redir->ip);
		kgr_redirection_clear(redir);
	}
}

/* The handler stays where somebody else has the direct call. */
static void stop_choosing_but_handled(void)
{
	struct kgr_redirection *redir;
	bool any = false;

	kgr_for_each_redirection(redir)
		any |= redir->handled;
	if (!any) {
		stop_choosing();
		return;
	}
	kgr_for_each_redirection(redir) {
		if (redir->by_kprobe)
			continue;
		if (!redir->handled)
			ftrace_set_filter_ip(&choose_ops, redir->ip, 1, 0);
		else
			pr_info("%s: %s() has somebody else's direct call: it stays with the handler\n",
				kgr_patch.name, redir->func->name);
	}
}

/**
 * kgr_redirect_directly - all are in the new universe: no need to choose any more
 *
 * Earlier patches that this one replaces are told so.
 */
void kgr_redirect_directly(void)
{
	struct kgr_redirection *redir;

	WRITE_ONCE(kgr_self.registry->ipmodify_owner, current);
	kgr_for_each_redirection(redir)
		redir->handled = settle(redir);
	WRITE_ONCE(kgr_self.registry->ipmodify_owner, NULL);
	stop_choosing_but_handled();
	retire_earlier_patches();
}

/**
 * kgr_redirect_restore - all are in the old universe: what was there before redirects again
 *
 * Return: 0, or a negative error if an earlier patch cannot resume. The handler stays then, and
 * does it in its place.
 */
int kgr_redirect_restore(void)
{
	struct kgr_redirection *redir;
	int err = 0;

	WRITE_ONCE(kgr_self.registry->ipmodify_owner, current);
	kgr_for_each_redirection(redir) {
		settle(redir);
		if (!redir->took_over)
			continue;
		/* There is only one direct call for each function. */
		if (redir->func)
			drop_direct(kgr_func_number(redir));
		err = err ?: redir->peer->resume(redir->peer_func);
		redir->took_over = err;
	}
	WRITE_ONCE(kgr_self.registry->ipmodify_owner, NULL);
	if (!err) {
		stop_choosing();
		drop_kprobes();
	}
	release_earlier_patches();
	return err;
}

/*
 * A module has come, and none of its code has run: nobody is in any function of it, so what is there
 * below can be taken away before ours is there.
 */
static int redirect_coming(unsigned int object)
{
	bool converged = !kgr_in_transition();
	struct kgr_redirection *redir;
	int err;

	WRITE_ONCE(kgr_self.registry->ipmodify_owner, current);
	kgr_for_each_redirection(redir) {
		/* What only earlier patches have of the module comes with them (redirect-table.c). */
		if (redir->func && redir->func->object != object)
			continue;
		take_over(redir);
		if (redir->func && converged && !directs[kgr_func_number(redir)].target)
			redir->handled = settle(redir);
	}
	err = choose_at(!converged);
	WRITE_ONCE(kgr_self.registry->ipmodify_owner, NULL);
	return err;
}

/**
 * kgr_redirect_add - a module has come that the patch has functions for; under kgr_lock()
 * @object: its number; its symbols are found, none of its code has run
 *
 * Return: 0 or a negative error with nothing of it redirected.
 */
int kgr_redirect_add(unsigned int object)
{
	int err = find_entries(object);

	if (!err && !kgr_is_off()) {
		err = kgr_redirect_table_add(object);
		err = err ?: redirect_coming(object);
	}
	if (err)
		kgr_redirect_remove(object);
	return err;
}

static bool anything_to_choose(void)
{
	struct kgr_redirection *redir;

	kgr_for_each_redirection(redir) {
		if (redir->handled || (kgr_in_transition() && !redir->by_kprobe))
			return true;
	}
	return false;
}

/* A filter must not become empty, and not keep what another module's function may be called by. */
static void unfilter(unsigned long ip)
{
	if (!choosing)
		return;
	if (anything_to_choose())
		ftrace_set_filter_ip(&choose_ops, ip, 1, 0);
	else
		stop_choosing();
}

static void clear_redirections(unsigned int object)
{
	struct kgr_redirection *redir;

	kgr_for_each_redirection(redir) {
		if (!redir->func || redir->func->object != object)
			continue;
		/* The earlier patch's function goes at the same time. */
		if (redir->took_over)
			redir->peer->users--;
		kgr_redirection_clear(redir);
	}
}

/**
 * kgr_redirect_remove - a module goes: none of its code runs any more; under kgr_lock()
 */
void kgr_redirect_remove(unsigned int object)
{
	struct kgr_func *func;

	if (kgr_redirections)
		clear_redirections(object);
	kgr_for_each_func(func) {
		unsigned int n = func - kgr_patch.funcs;

		if (func->object != object)
			continue;
		if (kgr_self.funcs[n].ip && !func->by_kprobe)
			unfilter(kgr_self.funcs[n].ip);
		stop_redirecting(n);
		kgr_self.funcs[n].ip = 0;
	}
}

/**
 * kgr_redirect_add_replaced - any module has come; under kgr_lock()
 *
 * While this patch is taking the place of others, what they redirect in it is reverted as well.
 *
 * Return: 0 or a negative error.
 */
int kgr_redirect_add_replaced(void)
{
	if (!replace || !kgr_in_transition())
		return 0;
	return kgr_redirect_table_add(NO_OBJECT) ?: redirect_coming(NO_OBJECT);
}

/**
 * kgr_redirect_forget_replaced - any module goes: none of its code runs any more; under kgr_lock()
 * @mod: the module
 */
void kgr_redirect_forget_replaced(const struct module *mod)
{
	struct kgr_redirection *redir;

	if (!replace || !kgr_redirections)
		return;
	kgr_for_each_redirection(redir) {
		unsigned long ip = redir->ip;

		if (redir->func || !within_module(ip, mod))
			continue;
		if (redir->took_over)
			redir->peer->users--;
		kgr_redirection_clear(redir);
		if (redir->by_kprobe)
			kgr_kprobe_drop(ip);
		else
			unfilter(ip);
	}
}

/**
 * kgr_choose_abort - undo kgr_choose_begin(): no transition has started
 */
void kgr_choose_abort(void)
{
	if (kgr_current_target() == KGR_NEW)
		kgr_redirect_directly();
	else
		kgr_redirect_restore();
}
