// SPDX-License-Identifier: GPL-2.0-only
/*
 * Redirecting callers of an old function to the new one.
 *
 * In a transition a handler (handler.c) at the fentry chooses for each call. Converged, the
 * instruction behind the fentry is a jump to the new function (jump.c), and the handler is gone. So
 * no call ever meets anything but what its universe says:
 *
 *	off -> choosing		the handler comes
 *	choosing -> on		the jump is written, then the handler leaves
 *	on -> choosing back	the handler comes; when nobody can be between the fentry and the jump any more, the
 *				function's own text is put back
 *	choosing back -> off	the handler leaves
 *
 * Where there can be no jump the handler stays when converged. A function without fentry has a
 * breakpoint (breakpoint.c) where others have the handler, and the jump at its top, so that the one
 * becomes the other at once.
 *
 * A function that an earlier patch redirects is taken over: our handler comes, which knows from the
 * table where that goes ("below"), then the earlier one's jump goes. When we go its jump is written
 * before our handler leaves. Where it has a handler instead, a bridge (handler.c) redirects until
 * ours is there.
 */
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/rcupdate_trace.h>
#include <linux/slab.h>

#include "arch.h"
#include "breakpoint.h"
#include "handler.h"
#include "jump.h"
#include "unexported.h"

KGR_CALLED(ftrace_location);

static bool replace;
module_param(replace, bool, 0444);
MODULE_PARM_DESC(replace, "take the place of all patches that are there already");

/* No object has these numbers. */
#define NO_OBJECT UINT_MAX
#define ANY_OBJECT (UINT_MAX - 1)

bool kgr_redirect_replaces(void)
{
	return replace;
}

static int set_kprobe(struct kgr_redirection *redir)
{
	int err = kgr_kprobe_set(redir->ip);

	redir->by_kprobe = !err;
	if (err)
		pr_err("%s: kprobes cannot hook %s() (error %d): not patched; is it in kprobes/blacklist of debugfs?\n",
		       kgr_patch.name, redir->func ? redir->func->name : "a function", err);
	return err;
}

/* Nobody meets it any more, or it is another patch's. */
static void forget_breakpoint(struct kgr_redirection *redir)
{
	redir->breakpoint = false;
	if (redir->by_kprobe)
		kgr_kprobe_drop(redir->ip);
	redir->by_kprobe = false;
}

/*
 * Where a breakpoint of ours was, put back the function's own text, or the earlier patch's
 * redirection if it could resume.
 */
static void drop_breakpoints(void)
{
	struct kgr_redirection *redir;

	kgr_jumps_begin();
	kgr_for_each_redirection(redir) {
		if (!redir->peer)
			kgr_breakpoint_clear(redir);
	}
	kgr_jumps_end();
	kgr_for_each_redirection(redir) {
		if (!redir->took_over)
			forget_breakpoint(redir);
	}
}

static struct kgr_redirection *find_redirection(unsigned int func)
{
	struct kgr_redirection *redir;

	if (!kgr_redirections)
		return NULL;
	kgr_for_each_redirection(redir) {
		if (redir->func == &kgr_patch.funcs[func])
			return redir;
	}
	return NULL;
}

static void stop_redirecting(unsigned int func)
{
	struct kgr_redirection *redir = find_redirection(func);

	if (redir)
		forget_breakpoint(redir);
	kgr_self.funcs[func].active = false;
	kgr_self.funcs[func].handled = false;
}

static void suspend(unsigned int func)
{
	stop_redirecting(func);
	kgr_self.users++;
}

/* Without a jump: by the breakpoint of the later patch, which becomes ours, or if that has a kprobe, by another one. */
static int resume_breakpoint(struct kgr_redirection *redir)
{
	bool by_kprobe;

	kgr_jumps_begin();
	by_kprobe = kgr_has_kprobe(redir->ip);
	if (!by_kprobe)
		kgr_breakpoint_claim(redir, kgr_func_of(redir)->original[0]);
	kgr_jumps_end();
	return by_kprobe ? set_kprobe(redir) : 0;
}

static int resume(unsigned int func)
{
	struct kgr_peer_func *f = &kgr_self.funcs[func];
	struct kgr_redirection *redir = f->stub && !f->jump_size ? find_redirection(func) : NULL;
	int err = redir ? resume_breakpoint(redir) : 0;

	if (err)
		return err;
	f->active = true;
	kgr_self.users--;
	return 0;
}

static int update_handler(void)
{
	return kgr_handler_set(kgr_in_transition());
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
	kgr_handler_stop();
	kgr_bridge_stop();
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
		shown->stub = (unsigned long)func->stub;
		shown->ip = shown->old[0].address;
		if (func->stub)
			shown->ip += kgr_arch_landing_pad_size(shown->ip);
		else
			shown->ip = kgr_call(ftrace_location)(shown->ip);
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
	struct kgr_func *func;
	int err;

	kgr_self.funcs = kcalloc(kgr_patch.nfuncs, sizeof(*kgr_self.funcs), GFP_KERNEL);
	if (!kgr_self.funcs)
		return -ENOMEM;
	kgr_for_each_func(func) {
		struct kgr_peer_func *shown = &kgr_self.funcs[func - kgr_patch.funcs];

		shown->name = func->name;
		if (func->object)
			shown->module = kgr_patch.objects[func->object - 1].name;
	}
	err = find_entries(0) ?: kgr_livepatch_guard();
	if (err) {
		kfree(kgr_self.funcs);
		return err;
	}
	kgr_self.nfuncs = kgr_patch.nfuncs;
	kgr_self.suspend = suspend;
	kgr_self.resume = resume;
	kgr_self.update_handler = update_handler;
	return 0;
}

static const struct kgr_peer_func *find_in_module(const struct kgr_peer *peer,
						  const struct kgr_peer_func *wanted)
{
	unsigned int i;

	for (i = 0; i < peer->nfuncs; i++) {
		const struct kgr_peer_func *func = &peer->funcs[i];

		if (func->module && !strcmp(func->module, wanted->module) &&
		    !strcmp(func->name, wanted->name))
			return func;
	}
	return NULL;
}

/**
 * kgr_redirect_check_order - before a transition to the new universe: would this patch be on top everywhere?
 *
 * What a module brings that comes later the patches redirect in the order in which they came (the
 * order of notifiers), what is there now, in that in which they are enabled. Two patches may not be
 * on top of each other. Under kgr_lock().
 *
 * Return: 0, or -EBUSY, which is logged.
 */
int kgr_redirect_check_order(void)
{
	struct kgr_peer *later = &kgr_self;
	unsigned int i;

	list_for_each_entry_continue(later, &kgr_self.registry->peers, list) {
		for (i = 0; later->on && i < kgr_self.nfuncs; i++) {
			const struct kgr_peer_func *func = &kgr_self.funcs[i];

			if (!func->module || !find_in_module(later, func))
				continue;
			pr_err("%s: %s came later, is on, and replaces %s() of module %s, too: disable that first, and enable it after this one\n",
			       kgr_patch.name, later->name, func->name, func->module);
			return -EBUSY;
		}
	}
	return 0;
}

/**
 * kgr_redirect_free - for module exit: nobody is in a handler when it returns
 */
void kgr_redirect_free(void)
{
	unsigned int i;

	for (i = 0; i < kgr_self.nfuncs; i++)
		stop_redirecting(i);
	kgr_breakpoints_stop();
	kgr_livepatch_unguard();
	synchronize_rcu_tasks();
	kgr_redirect_table_free();
	kfree(kgr_self.funcs);
}

/* Is it of this object? What only earlier patches have counts as any. */
static bool is_of(const struct kgr_redirection *redir, unsigned int object)
{
	return object == ANY_OBJECT || !redir->func || redir->func->object == object;
}

/* What an earlier patch redirects is redirected by our handler from now on. */
static void take_over(struct kgr_redirection *redir)
{
	if (!redir->peer || redir->took_over)
		return;
	redir->peer->suspend(redir->peer_func);
	redir->took_over = true;
}

static void take_over_all(unsigned int object)
{
	struct kgr_redirection *redir;

	kgr_for_each_redirection(redir) {
		if (is_of(redir, object))
			take_over(redir);
	}
}

/* Whose jump is behind a fentry just now, if any is; NULL: none can be. */
static struct kgr_peer_func *redirected_by(const struct kgr_redirection *redir)
{
	if (redir->peer && !redir->took_over)
		return &redir->peer->funcs[redir->peer_func];
	return redir->func ? &kgr_self.funcs[kgr_func_number(redir)] : NULL;
}

static bool takes_breakpoint(const struct kgr_redirection *redir, unsigned int object,
			     bool over_own_jumps)
{
	bool has_jump = redir->func && kgr_func_of(redir)->jump_size;

	return is_of(redir, object) && redir->no_fentry && !redir->breakpoint &&
	       !redir->by_kprobe && (over_own_jumps || !has_jump);
}

static bool any_jump(void)
{
	struct kgr_redirection *redir;

	kgr_for_each_redirection(redir) {
		if (redirected_by(redir) && redirected_by(redir)->jump_size)
			return true;
	}
	return false;
}

/* All functions' own text is put back, or none. */
static int take_jumps_away(unsigned int object)
{
	struct kgr_redirection *redir;
	int err = 0;

	kgr_jumps_begin();
	kgr_for_each_redirection(redir) {
		if (redirected_by(redir) && is_of(redir, object))
			err = err ?: kgr_jump_may_go(redirected_by(redir));
	}
	kgr_for_each_redirection(redir) {
		if (!err && redirected_by(redir) && is_of(redir, object))
			kgr_jump_take_away(redirected_by(redir));
	}
	kgr_jumps_end();
	return err;
}

/*
 * A cumulative patch takes the place of all that are on, also those that redirect nothing now,
 * because another patch covers them or their module is not loaded. Until its transition has
 * converged or turned round, they stay as they are.
 */
static int claim_earlier_patches(void)
{
	struct kgr_peer *peer;

	kgr_for_each_peer(peer) {
		if (peer != &kgr_self && !kgr_peer_is_settled(peer))
			return -EBUSY;
	}
	kgr_for_each_peer(peer) {
		if (peer == &kgr_self || !peer->on)
			continue;
		peer->replaced_by = &kgr_self;
		peer->users++;
	}
	return 0;
}

static void release_earlier_patches(void)
{
	struct kgr_peer *peer;

	kgr_for_each_peer(peer) {
		if (peer->replaced_by != &kgr_self)
			continue;
		peer->replaced_by = NULL;
		peer->users--;
	}
}

/* An earlier patch's handler makes room for ours; the bridge leads. */
static int take_over_handlers(void)
{
	struct kgr_redirection *redir;
	int err = 0;

	kgr_for_each_redirection(redir) {
		if (err || !redir->peer || !redir->peer->funcs[redir->peer_func].handled)
			continue;
		take_over(redir);
		err = redir->peer->update_handler();
	}
	return err;
}

static bool needs_bridge(void)
{
	struct kgr_redirection *redir;

	kgr_for_each_redirection(redir) {
		if (redir->peer && redir->peer->funcs[redir->peer_func].handled)
			return true;
	}
	return kgr_handler_is_on();
}

/*
 * A breakpoint for every function without fentry of an object, or a kprobe where it takes that.
 * What an earlier patch has there is taken over at once, as its jump is gone. Of other objects a
 * later patch may have what this one has no breakpoint for.
 *
 * All is as before if a jump cannot go.
 */
static int set_breakpoints(unsigned int object, bool over_own_jumps)
{
	struct kgr_redirection *redir;
	int err = kgr_breakpoints_start();

	if (err)
		return err;
	kgr_jumps_begin();
	kgr_for_each_redirection(redir) {
		if (takes_breakpoint(redir, object, over_own_jumps) && redirected_by(redir))
			err = err ?: kgr_breakpoint_may_be(redir, redirected_by(redir));
	}
	kgr_for_each_redirection(redir) {
		if (!err && takes_breakpoint(redir, object, over_own_jumps))
			kgr_breakpoint_set(redir, redirected_by(redir));
	}
	kgr_jumps_end();
	if (err)
		return err;
	kgr_for_each_redirection(redir) {
		if (!err && takes_breakpoint(redir, object, over_own_jumps))
			err = set_kprobe(redir);
		if (is_of(redir, object) && (redir->breakpoint || redir->by_kprobe))
			take_over(redir);
	}
	return err;
}

/* The handler, or a breakpoint, for every function. */
static int choose_everywhere(void)
{
	bool bridged = needs_bridge();
	int err = bridged ? kgr_bridge_start(true) : 0;

	if (err)
		return err;
	if (bridged) {
		kgr_handler_stop();
		err = take_over_handlers();
	}
	err = err ?: kgr_handler_set(true);
	if (!err)
		kgr_bridge_stop();
	return err ?: set_breakpoints(ANY_OBJECT, true);
}

/*
 * Whoever passed a fentry before the handler came has got to the jump by now, and past it: who was
 * preempted on the way, or in a tracer's trampoline, who runs where RCU does not look, and before
 * them whoever was asleep in a BPF program. Who was preempted before such a program began is waited
 * for first: by then it has begun.
 */
static void wait_for_jumpers(void)
{
#ifdef CONFIG_TASKS_TRACE_RCU
	synchronize_rcu_tasks();
	synchronize_rcu_tasks_trace();
#endif
	synchronize_rcu_tasks_rude();
	synchronize_rcu_tasks();
}

/**
 * kgr_choose_begin - from now on the handler chooses for every call
 *
 * At the start of a transition, from off or from converged, before any task has a state: nobody
 * changes universe by this. Sleeps until nobody is between a fentry and the jump behind it.
 *
 * Return: 0 or a negative error with everything as before.
 */
int kgr_choose_begin(void)
{
	bool from_off = kgr_current_target() == KGR_OLD;
	/*
	 * Who stands in for earlier patches has to be as one that never did: they redirect again
	 * first.
	 */
	int err = kgr_redirect_stands_in() ? kgr_redirect_restore() : 0;

	if (!err && from_off && replace)
		err = claim_earlier_patches();
	if (err)
		return err;
	err = from_off ? kgr_redirect_table_make() : 0;
	if (err) {
		release_earlier_patches();
		return err;
	}
	if (!kgr_handler_is_on() && !kgr_bridge_is_on())
		kgr_redirect_table_free_previous();
	err = choose_everywhere();
	if (!err && any_jump()) {
		wait_for_jumpers();
		err = take_jumps_away(ANY_OBJECT);
	}
	if (err)
		kgr_choose_abort();
	else if (from_off)
		take_over_all(ANY_OBJECT);
	return err;
}

/* Who was moved by force may still be inside the function, where the jump would be. */
static bool is_forced(unsigned long ip)
{
	struct kgr_peer *peer;
	unsigned int i;

	kgr_for_each_peer(peer) {
		for (i = 0; peer->forced && i < peer->nfuncs; i++) {
			if (peer->funcs[i].ip == ip)
				return true;
		}
	}
	return false;
}

/* Unless there is a reason, in words, it has a jump now: where @redir chooses, this patch's, or the earlier one's. */
static const char *why_no_jump(const struct kgr_redirection *redir, struct kgr_peer_func *func)
{
	u8 first = redir->no_fentry ? kgr_breakpoint_first(redir) : 0;

	return is_forced(func->ip) ? "what force has left inside" :
				     kgr_jump_write(func, redir->no_fentry ? &first : NULL);
}

/* What a function's callers meet when nobody chooses and all live in the new universe. */
static void redirect_to_new(struct kgr_redirection *redir)
{
	struct kgr_peer_func *func = &kgr_self.funcs[kgr_func_number(redir)];
	const char *why = NULL;

	func->active = true;
	if (!func->jump_size)
		why = why_no_jump(redir, func);
	func->handled = why && !redir->no_fentry;
	if (why)
		pr_info("%s: the %s stays at %s(), as %s is in the way of a jump\n", kgr_patch.name,
			redir->no_fentry ? "breakpoint" : "handler", redir->func->name, why);
}

static void write_jumps(unsigned int object)
{
	struct kgr_redirection *redir;

	kgr_jumps_begin();
	kgr_for_each_redirection(redir) {
		if (redir->func && is_of(redir, object))
			redirect_to_new(redir);
	}
	kgr_jumps_end();
	kgr_for_each_redirection(redir) {
		if (redir->func && kgr_func_of(redir)->jump_size)
			forget_breakpoint(redir);
	}
}

/* What only earlier patches have is the kernel's own again. */
static void drop_reverted(void)
{
	struct kgr_redirection *redir;

	kgr_jumps_begin();
	kgr_for_each_redirection(redir) {
		if (!redir->func)
			kgr_breakpoint_clear(redir);
	}
	kgr_jumps_end();
	kgr_for_each_redirection(redir) {
		if (redir->func)
			continue;
		forget_breakpoint(redir);
		kgr_redirection_clear(redir);
	}
}

/* Earlier patches are out: each is told once, and nothing of theirs is below any more. */
static void replace_earlier_patches(void)
{
	struct kgr_redirection *redir;
	struct kgr_peer *peer;

	kgr_for_each_redirection(redir) {
		if (!redir->peer || redir->peer->replaced_by != &kgr_self)
			continue;
		redir->peer = NULL;
		redir->took_over = false;
		WRITE_ONCE(redir->below, 0);
	}
	kgr_for_each_peer(peer) {
		if (peer->replaced_by != &kgr_self)
			continue;
		/* Who was forced over may be in the functions of either. */
		peer->forced |= kgr_self.forced;
		peer->replaced();
		peer->replaced_by = NULL;
		if (peer->on || peer->users)
			pr_err("%s: %s was to be replaced and is still there\n", kgr_patch.name,
			       peer->name);
	}
	drop_reverted();
}

/**
 * kgr_redirect_directly - all are in the new universe: no need to choose any more
 *
 * Earlier patches that this one replaces are told so.
 */
void kgr_redirect_directly(void)
{
	kgr_livepatch_wait();
	write_jumps(ANY_OBJECT);
	if (!kgr_handler_set(false))
		kgr_bridge_stop();
	replace_earlier_patches();
}

/* An earlier patch's function, which it is to redirect again: by a jump, or, for which it needs to know, without. */
static void give_back(const struct kgr_redirection *redir)
{
	struct kgr_peer_func *func = &redir->peer->funcs[redir->peer_func];
	const char *why;

	/* It was written before, and then another one could not resume. */
	if (func->jump_size)
		return;
	why = why_no_jump(redir, func);
	func->handled = why && !redir->no_fentry;
	if (why && redir->no_fentry)
		func->original[0] = redir->first;
}

/*
 * All live in the old universe: what was there before redirects again, as soon as the handler is
 * gone.
 */
static void redirect_to_old(void)
{
	struct kgr_redirection *redir;

	kgr_jumps_begin();
	kgr_for_each_redirection(redir) {
		if (redir->func) {
			kgr_self.funcs[kgr_func_number(redir)].active = false;
			kgr_self.funcs[kgr_func_number(redir)].handled = false;
		}
		if (redir->took_over)
			give_back(redir);
	}
	kgr_jumps_end();
}

static int resume_earlier_patches(bool *handled)
{
	struct kgr_redirection *redir;
	int err = 0;

	kgr_for_each_redirection(redir) {
		if (!redir->took_over)
			continue;
		*handled |= redir->peer->funcs[redir->peer_func].handled;
		err = err ?: redir->peer->resume(redir->peer_func);
		redir->took_over = err;
	}
	return err;
}

/* Their handlers come where ours leaves. */
static int hand_over(void)
{
	struct kgr_redirection *redir;
	int err = kgr_bridge_start(true);

	if (err)
		return err;
	kgr_handler_stop();
	kgr_for_each_redirection(redir) {
		if (redir->peer && redir->peer->funcs[redir->peer_func].handled)
			err = err ?: redir->peer->update_handler();
	}
	return err;
}

/**
 * kgr_redirect_restore - all are in the old universe: what was there before redirects again
 *
 * Return: 0, or a negative error if an earlier patch cannot resume. The handler stays then, and
 * does it in its place.
 */
int kgr_redirect_restore(void)
{
	bool handled = false;
	int err;

	redirect_to_old();
	err = resume_earlier_patches(&handled);
	if (handled)
		err = err ?: hand_over();
	kgr_self.stands_in = err;
	if (err) {
		pr_err("%s: an earlier patch cannot redirect again (error %d): this one stays, off, and does it in its place\n",
		       kgr_patch.name, err);
	} else {
		kgr_handler_stop();
		kgr_bridge_stop();
	}
	drop_breakpoints();
	if (!err)
		kgr_breakpoints_stop();
	release_earlier_patches();
	return err;
}

/**
 * kgr_redirect_stands_in - does this patch, which is off, redirect to what earlier ones have?
 *
 * So it is when they could not resume (kgr_redirect_restore()). Without it their fixes would be gone.
 */
bool kgr_redirect_stands_in(void)
{
	return kgr_self.stands_in;
}

/*
 * Livepatch hooks a module's functions before notifiers are told of it. From when our entries were found it is refused
 * there (livepatch.c), and who was about to pass before that has done so after the wait.
 */
static int nobody_was_first(unsigned int object)
{
	struct kgr_redirection *redir;

	kgr_livepatch_wait();
	kgr_for_each_redirection(redir) {
		if (redir->func && redir->func->object == object && !redir->no_fentry &&
		    !kgr_handler_may_be_at(redir))
			return -EBUSY;
	}
	return 0;
}

/*
 * A module has come, and none of its code has run: nobody is in any function of it, so what is
 * there below can be taken away before ours is there. What only earlier patches have of it comes
 * with them (redirect-table.c).
 */
static int redirect_coming(unsigned int object)
{
	int err = take_jumps_away(object) ?: take_over_handlers();

	err = err ?: nobody_was_first(object);
	if (err)
		return err;
	take_over_all(object);
	if (!kgr_in_transition())
		write_jumps(object);
	return kgr_handler_set(kgr_in_transition()) ?: set_breakpoints(object, false);
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

/* A filter must not keep what another module's function may be called by. */
static void narrow_handler(void)
{
	if (kgr_handler_is_on())
		kgr_handler_set(kgr_in_transition() || kgr_is_off());
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
		forget_breakpoint(redir);
		kgr_redirection_clear(redir);
	}
}

/**
 * kgr_redirect_remove - a module goes: none of its code runs any more, jumps included; under kgr_lock()
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
		stop_redirecting(n);
		kgr_self.funcs[n].jump_size = 0;
		kgr_self.funcs[n].ip = 0;
	}
	narrow_handler();
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
		if (redir->func || !within_module(redir->ip, mod))
			continue;
		if (redir->took_over)
			redir->peer->users--;
		forget_breakpoint(redir);
		kgr_redirection_clear(redir);
	}
	narrow_handler();
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
