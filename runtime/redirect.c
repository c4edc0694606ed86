// SPDX-License-Identifier: GPL-2.0-only
/*
 * Leading callers of an old function to the new one, at its fentry.
 *
 * In a transition a handler chooses for each call. Converged, the fentry calls a trampoline of two
 * instructions that goes to the new function (ftrace's direct calls), and the handler is gone. At no
 * moment in between does a caller meet anything but what its universe says: while both are there
 * the direct call wins, so it is made before the handler goes, and neutralised after the handler
 * came. Where something else has the function's only direct call, the handler stays.
 *
 * A function that an earlier patch leads is taken over: its handler's place below ours is taken by
 * ours, which knows where the earlier patch leads to.
 */
#include <linux/ftrace.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "compat.h"
#include "mark.h"
#include "peer.h"
#include "trampoline.h"
#include "unexported.h"

KGR_CALLED(ftrace_location);
KGR_UNEXPORTED(ftrace_ops_list);
KGR_CALLED(ftrace_lookup_ip);

static bool replace;
module_param(replace, bool, 0444);
MODULE_PARM_DESC(replace, "take the place of all patches that are there already");

struct lead {
	unsigned long ip;
	unsigned long new_address; /* 0: the kernel's own function */
	unsigned long below; /* where the old universe goes; 0: the kernel's own function */
	struct kgr_peer *peer; /* whose that is */
	unsigned int peer_func;
	struct kgr_func *func; /* NULL: a function that is only taken back from an earlier patch */
	bool took_over; /* from that peer */
	bool handled; /* by the handler, transition or not */
};

/* The only direct call that a function may have: stays until the module goes. */
struct direct {
	struct ftrace_ops ops;
	unsigned long target; /* 0: none */
};

struct stretch {
	unsigned long start, end;
};

/* Text that is left behind, by the universe that a transition leads to. */
struct left {
	unsigned long min, max;
	unsigned int count;
	struct stretch *stretches;
};

static struct lead *leads; /* sorted by ip */
static unsigned int nleads;
static struct left left[2];
static struct direct *directs; /* one for each function of the patch, in their order */
static struct ftrace_ops choose_ops;
static bool choosing;

asmlinkage void kgr_neutral_trampoline(void);
KGR_NEUTRAL_TRAMPOLINE(kgr_neutral_trampoline);

static __always_inline const struct lead *find(unsigned long ip)
{
	unsigned int low = 0, high = nleads;

	/* Most patches have just one. */
	if (likely(leads->ip == ip))
		return leads;
	while (low < high) {
		unsigned int middle = (low + high) / 2;

		if (leads[middle].ip == ip)
			return &leads[middle];
		if (leads[middle].ip < ip)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/*
 * Runs in every context that the old function runs in: NMIs, idle CPUs, entry code. It calls only
 * what is inlined or notrace, and takes no lock.
 */
static void notrace choose(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *ops,
			   struct ftrace_regs *fregs)
{
	const struct lead *lead = find(ip);
	unsigned long to;

	if (!lead)
		return;
	to = kgr_context_is_new() ? lead->new_address : lead->below;
	if (to)
		kgr_set_ip(fregs, to);
}

/**
 * kgr_is_left_text - does an address lie in code of the universe that is being left?
 * @pc: as it stands on a stack: a call may be a function's last instruction, so its end counts
 */
bool notrace kgr_is_left_text(unsigned long pc)
{
	const struct left *l = &left[kgr_target_universe()];
	unsigned int i;

	if (pc <= l->min || pc > l->max)
		return false;
	for (i = 0; i < l->count; i++) {
		if (pc > l->stretches[i].start && pc <= l->stretches[i].end)
			return true;
	}
	return false;
}

static void add_stretch(struct left *l, unsigned long start, unsigned long end)
{
	if (start == end)
		return;
	l->stretches[l->count].start = start;
	l->stretches[l->count].end = end;
	l->min = l->count ? min(l->min, start) : start;
	l->max = l->count ? max(l->max, end) : end;
	l->count++;
}

static void add_text(struct left *l, const struct kgr_text text[2])
{
	int part;

	for (part = 0; part < 2; part++)
		add_stretch(l, text[part].address, text[part].address + text[part].size);
}

static int list_left_text(void)
{
	unsigned int i;

	for (i = 0; i < 2; i++) {
		kfree(left[i].stretches);
		left[i].count = 0;
		left[i].stretches = kcalloc(2 * nleads + 1, sizeof(struct stretch), GFP_KERNEL);
		if (!left[i].stretches)
			return -ENOMEM;
	}
	add_stretch(&left[KGR_OLD], kgr_self.text, kgr_self.text_end);
	for (i = 0; i < nleads; i++) {
		const struct kgr_peer *peer = leads[i].peer;

		if (!leads[i].new_address)
			add_text(&left[KGR_OLD], peer->funcs[leads[i].peer_func].old);
		if (peer)
			add_stretch(&left[KGR_NEW], peer->text, peer->text_end);
		else
			add_text(&left[KGR_NEW],
				 kgr_self.funcs[leads[i].func - kgr_patch.funcs].old);
	}
	return 0;
}

/* Who leads callers of the function at @ip now? */
static int look_below(struct lead *lead)
{
	struct kgr_peer *peer;
	unsigned int i;

	kgr_for_each_peer(peer) {
		for (i = 0; peer != &kgr_self && i < peer->nfuncs; i++) {
			if (peer->funcs[i].ip != lead->ip)
				continue;
			if (peer->busy) {
				pr_err("%s: %s replaces the same function and is still moving: wait for it\n",
				       kgr_patch.name, peer->name);
				return -EBUSY;
			}
			if (!peer->funcs[i].leads)
				continue;
			lead->peer = peer;
			lead->peer_func = i;
			lead->below = peer->funcs[i].new_address;
		}
	}
	return 0;
}

static int by_ip(const void *a, const void *b)
{
	const struct lead *x = a, *y = b;

	return x->ip < y->ip ? -1 : x->ip > y->ip;
}

static unsigned int count_led_by_peers(void)
{
	struct kgr_peer *peer;
	unsigned int n = 0;

	kgr_for_each_peer(peer)
		n += peer->nfuncs;
	return n;
}

/* What earlier patches lead and this one does not know goes back to the kernel's own. */
static int add_taken_back(void)
{
	unsigned int own = nleads, i, n;
	struct kgr_peer *peer;
	int err;

	kgr_for_each_peer(peer) {
		for (i = 0; peer != &kgr_self && i < peer->nfuncs; i++) {
			if (!peer->funcs[i].leads && !peer->busy)
				continue;
			for (n = 0; n < own && leads[n].ip != peer->funcs[i].ip; n++)
				;
			if (n < own)
				continue;
			leads[nleads].ip = peer->funcs[i].ip;
			err = look_below(&leads[nleads++]);
			if (err)
				return err;
		}
	}
	return 0;
}

static int make_leads(void)
{
	unsigned int size = kgr_patch.nfuncs + (replace ? count_led_by_peers() : 0);
	struct kgr_func *func;
	int err;

	kfree(leads);
	nleads = 0;
	leads = kcalloc(size, sizeof(*leads), GFP_KERNEL);
	if (!leads)
		return -ENOMEM;
	kgr_for_each_func(func) {
		struct lead *lead = &leads[nleads++];

		lead->func = func;
		lead->ip = kgr_self.funcs[func - kgr_patch.funcs].ip;
		lead->new_address = (unsigned long)func->new_func;
		err = look_below(lead);
		if (err)
			return err;
	}
	err = replace ? add_taken_back() : 0;
	if (err)
		return err;
	sort(leads, nleads, sizeof(*leads), by_ip, NULL);
	return list_left_text();
}

/* For a person: what has this function already? The list is read as tracers read it. */
static void name_owner(const struct lead *lead)
{
	struct ftrace_ops *op;

	preempt_disable_notrace();
	for (op = READ_ONCE(*(struct ftrace_ops **)kgr_address(ftrace_ops_list)); op && op->next;
	     op = rcu_dereference_raw(op->next)) {
		if (!(op->flags & (FTRACE_OPS_FL_IPMODIFY | FTRACE_OPS_FL_DIRECT)) ||
		    !op->func_hash || op == &choose_ops)
			continue;
		if (kgr_call(ftrace_lookup_ip)(rcu_dereference_raw(op->func_hash->filter_hash),
					       lead->ip))
			pr_err("%s: %pS has %s already: not redirected\n", kgr_patch.name,
			       (void *)op->func, lead->func ? lead->func->name : "a function");
	}
	preempt_enable_notrace();
}

static int choose_everywhere(void)
{
	unsigned int i;
	int err = 0;

	if (!choosing) {
		/* ftrace_free_filter() leaves pointers to what it freed. */
		memset(&choose_ops, 0, sizeof(choose_ops));
		choose_ops.func = choose;
		choose_ops.flags =
			FTRACE_OPS_FL_DYNAMIC | FTRACE_OPS_FL_IPMODIFY | FTRACE_OPS_FL_PERMANENT;
	}
	for (i = 0; !err && i < nleads; i++) {
		err = leads[i].handled ? 0 : ftrace_set_filter_ip(&choose_ops, leads[i].ip, 0, 0);
		if (err)
			pr_err("%s: %s() cannot be redirected (error %d)\n", kgr_patch.name,
			       leads[i].func ? leads[i].func->name : "a function", err);
	}
	if (!err && !choosing) {
		err = register_ftrace_function(&choose_ops);
		if (err == -EBUSY) {
			pr_err("%s: something else redirects one of the functions, or kernel.ftrace_enabled is off\n",
			       kgr_patch.name);
			for (i = 0; i < nleads; i++)
				name_owner(&leads[i]);
		}
		if (err)
			ftrace_free_filter(&choose_ops);
		else
			choosing = true;
	}
	return err;
}

static void stop_choosing(void)
{
	if (!choosing)
		return;
	if (unregister_ftrace_function(&choose_ops))
		pr_err("%s: ftrace does not let go of the handler\n", kgr_patch.name);
	ftrace_free_filter(&choose_ops);
	choosing = false;
}

/* ftrace asks whether a direct call and a handler may meet on one function. Only ours may. */
static int may_share(struct ftrace_ops *ops, enum ftrace_ops_cmd cmd)
{
	return READ_ONCE(kgr_self.hub->sharer) == current ? 0 : -EBUSY;
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
		pr_err("%s: ftrace does not let go of a direct call\n", kgr_patch.name);
	ftrace_free_filter(&d->ops);
	d->target = 0;
}

static void step_back(unsigned int func)
{
	drop_direct(func);
	kgr_self.funcs[func].leads = false;
	kgr_self.users++;
}

static int step_up(unsigned int func)
{
	int err = set_direct(func, (unsigned long)kgr_patch.funcs[func].trampoline);

	if (err)
		return err;
	kgr_self.funcs[func].leads = true;
	kgr_self.users--;
	return 0;
}

static void retire(void)
{
	unsigned int i;

	for (i = 0; i < kgr_self.nfuncs; i++) {
		drop_direct(i);
		kgr_self.funcs[i].leads = false;
	}
	kgr_self.users = 0;
	kgr_transition_replaced();
	kgr_disabled();
}

/**
 * kgr_redirect_prepare - find out where the functions' fentries are; once, before anything else here
 *
 * Return: 0, or a negative error with nothing left behind.
 */
int kgr_redirect_prepare(void)
{
	struct kgr_func *func;
	int part;

	directs = kcalloc(kgr_patch.nfuncs, sizeof(*directs), GFP_KERNEL);
	kgr_self.funcs = kcalloc(kgr_patch.nfuncs, sizeof(*kgr_self.funcs), GFP_KERNEL);
	if (!directs || !kgr_self.funcs) {
		kgr_redirect_free();
		return -ENOMEM;
	}
	kgr_for_each_func(func) {
		struct kgr_peer_func *shown = &kgr_self.funcs[func - kgr_patch.funcs];

		shown->ip = kgr_call(ftrace_location)(func->old_address);
		shown->new_address = (unsigned long)func->new_func;
		for (part = 0; part < 2; part++) {
			shown->old[part] = func->old[part];
			shown->old[part].address += kgr_slide;
		}
		if (!shown->ip) {
			pr_err("%s: %s() has no fentry here\n", kgr_patch.name, func->name);
			kgr_redirect_free();
			return -EINVAL;
		}
	}
	kgr_self.nfuncs = kgr_patch.nfuncs;
	kgr_self.step_back = step_back;
	kgr_self.step_up = step_up;
	kgr_self.retire = retire;
	return 0;
}

/**
 * kgr_redirect_free - for module exit: nobody is in the handler or a trampoline when it returns
 */
void kgr_redirect_free(void)
{
	unsigned int i;

	for (i = 0; i < kgr_self.nfuncs; i++)
		drop_direct(i);
	synchronize_rcu_tasks();
	for (i = 0; i < 2; i++)
		kfree(left[i].stretches);
	kfree(leads);
	kfree(directs);
	kfree(kgr_self.funcs);
}

/**
 * kgr_choose_begin - from now on the handler chooses for every call
 *
 * At the start of a transition, from off or from converged, before anybody is marked: nobody changes
 * universe by this.
 *
 * Return: 0 or a negative error with everything as before.
 */
int kgr_choose_begin(void)
{
	bool from_off = kgr_current_target() == KGR_OLD;
	unsigned int i;
	int err = from_off ? make_leads() : 0;

	if (err)
		return err;
	WRITE_ONCE(kgr_self.hub->sharer, current);
	err = choose_everywhere();
	for (i = 0; !err && i < nleads; i++) {
		if (from_off && leads[i].peer) {
			leads[i].peer->step_back(leads[i].peer_func);
			leads[i].took_over = true;
		} else if (!from_off && directs[leads[i].func - kgr_patch.funcs].target) {
			err = set_direct(leads[i].func - kgr_patch.funcs,
					 (unsigned long)kgr_neutral_trampoline);
		}
	}
	WRITE_ONCE(kgr_self.hub->sharer, NULL);
	if (err)
		kgr_choose_abort();
	return err;
}

/**
 * kgr_drop_neutral - direct calls that lead nowhere: without them the handler costs less
 *
 * For a transition that takes its time; letting go of one takes tenths of a second.
 */
void kgr_drop_neutral(void)
{
	unsigned int i;

	for (i = 0; i < kgr_patch.nfuncs; i++) {
		if (directs[i].target == (unsigned long)kgr_neutral_trampoline)
			drop_direct(i);
	}
}

/* What a function's callers meet when nobody chooses, in the universe that everybody is in. */
static int settle(struct lead *lead)
{
	unsigned int n;

	if (!lead->func)
		return 0;
	n = lead->func - kgr_patch.funcs;
	if (kgr_current_target() == KGR_NEW) {
		kgr_self.funcs[n].leads = true;
		return set_direct(n, (unsigned long)lead->func->trampoline);
	}
	kgr_self.funcs[n].leads = false;
	return 0;
}

/* Earlier patches are out: nothing of theirs is below any more. */
static void retire_replaced(void)
{
	unsigned int i, n, kept = 0;

	for (i = 0; i < nleads; i++) {
		struct kgr_peer *gone = leads[i].peer;

		for (n = i; gone && n < nleads; n++) {
			if (leads[n].peer == gone) {
				leads[n].peer = NULL;
				leads[n].below = 0;
				leads[n].took_over = false;
			}
		}
		if (gone)
			gone->retire();
	}
	for (i = 0; i < nleads; i++) {
		if (leads[i].func)
			leads[kept++] = leads[i];
	}
	nleads = kept;
}

/**
 * kgr_lead_directly - everybody is in the new universe: no need to choose any more
 *
 * Earlier patches that this one replaces are told so.
 */
void kgr_lead_directly(void)
{
	unsigned int i, handled = 0;

	WRITE_ONCE(kgr_self.hub->sharer, current);
	for (i = 0; i < nleads; i++) {
		leads[i].handled = settle(&leads[i]);
		handled += leads[i].handled;
	}
	WRITE_ONCE(kgr_self.hub->sharer, NULL);
	if (!handled)
		stop_choosing();
	for (i = 0; handled && i < nleads; i++) {
		if (!leads[i].handled)
			ftrace_set_filter_ip(&choose_ops, leads[i].ip, 1, 0);
		else
			pr_info("%s: %s() has somebody else's direct call: it stays with the handler\n",
				kgr_patch.name, leads[i].func->name);
	}
	if (replace)
		retire_replaced();
}

/**
 * kgr_let_go - everybody is in the old universe: what was there before leads again
 *
 * Return: 0, or a negative error if an earlier patch cannot lead again. The handler stays then, and
 * does it in its place.
 */
int kgr_let_go(void)
{
	unsigned int i;
	int err = 0;

	WRITE_ONCE(kgr_self.hub->sharer, current);
	for (i = 0; i < nleads; i++) {
		settle(&leads[i]);
		if (!leads[i].took_over)
			continue;
		/* There is only one direct call for each function. */
		if (leads[i].func)
			drop_direct(leads[i].func - kgr_patch.funcs);
		err = err ?: leads[i].peer->step_up(leads[i].peer_func);
		leads[i].took_over = err;
	}
	WRITE_ONCE(kgr_self.hub->sharer, NULL);
	if (!err)
		stop_choosing();
	return err;
}

/**
 * kgr_choose_abort - undo kgr_choose_begin(): no transition has started
 */
void kgr_choose_abort(void)
{
	if (kgr_current_target() == KGR_NEW)
		kgr_lead_directly();
	else
		kgr_let_go();
}
