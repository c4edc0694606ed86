// SPDX-License-Identifier: GPL-2.0-only
/*
 * A transition from its start to convergence.
 *
 *	begin		data is checked (data.c); pre-patch callbacks; the handlers come
 *			(redirect.c); switch points are hooked; on the way out, data first gets its
 *			old values back; all tasks get a state, and "choosing" begins (universe.c)
 *	look		a worker looks at all tasks and CPUs (move.c): after 0.2 ms, then at intervals of a
 *			quarter of the time since the start, at most 100 ms, until none is left to move
 *	converge	"choosing" ends, data gets its new values, post-patch callbacks, the file
 *			"transition" reads 0; then it clears up: switch points, task states,
 *			handlers (redirect.c)
 *
 * Turning round in the middle only changes the target: all get a state first, and are looked at anew.
 *
 * Two locks: kgr_lock() for whatever changes what is redirected, so for begin and converge, which ftrace may have
 * wait for all CPUs; and within it kgr_states_lock() for who has moved. A look, poke and force take the latter
 * only, and never wait for anybody while they have it: a CPU that does not answer holds up nobody but the transition.
 */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/panic.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/workqueue.h>

#include "compat.h"
#include "kgraft.h"
#include "peer.h"

#define FIRST_DELAY_US 200
#define LAST_DELAY_US 100000

/* Under kgr_states_lock(). */
static struct {
	unsigned int remaining;
	u64 since_ns;
	u64 pushed_ns; /* end of the first look for the latest reason to hurry; 0: none yet */
	struct kgr_pressure pressure;
} transition;

static void work_fn(struct work_struct *work);
static DECLARE_DELAYED_WORK(work, work_fn);

unsigned int kgr_remaining(void)
{
	return READ_ONCE(transition.remaining);
}

static void push_from_now(bool poked)
{
	transition.pressure.poked = poked;
	transition.pushed_ns = 0;
	mod_delayed_work(kgr_unbound_wq, &work, 0);
}

/* All have moved: nothing needs to choose any more. Under kgr_lock(). */
static void finish(void)
{
	bool on = kgr_current_target() == KGR_NEW;

	if (on)
		kgr_data_write();
	else
		kgr_data_restore_earlier();
	kgr_run_callbacks(on ? KGR_POST_PATCH : KGR_POST_UNPATCH);
	kgr_set_in_transition(false);
	pr_info("%s: %s everywhere after %llu us\n", kgr_patch.name, on ? "patched" : "unpatched",
		div_u64(ktime_get_ns() - transition.since_ns, NSEC_PER_USEC));

	/* Nobody waits for what follows but who wants to change something next. */
	kgr_switch_points_unregister();
	kgr_task_states_free();
	kgr_self.busy = false;
	kgr_self.on = on;
	if (on)
		kgr_redirect_directly();
	else if (!kgr_redirect_restore())
		module_put(THIS_MODULE);
}

/* Unless it has been turned round since all had moved. */
static void converge(void)
{
	bool all_moved;

	kgr_lock();
	kgr_states_lock();
	all_moved = kgr_in_transition() && !transition.remaining;
	if (all_moved)
		kgr_task_states_end(kgr_current_target());
	kgr_states_unlock();
	if (all_moved)
		finish();
	kgr_unlock();
}

/* Often while it is young, and never so often that looking is what takes the time. */
static unsigned int next_delay_us(void)
{
	u64 age = div_u64(ktime_get_ns() - transition.pushed_ns, NSEC_PER_USEC);

	return clamp_t(u64, age / 4, FIRST_DELAY_US, LAST_DELAY_US);
}

/* Returns in how many us to look again, 0 if nobody is left. */
static unsigned int look(void)
{
	unsigned int left = kgr_move_all(&transition.pressure);

	transition.pushed_ns = transition.pushed_ns ?: ktime_get_ns();
	if (!left && !kgr_cancel_leftover_work())
		left = 1;
	WRITE_ONCE(transition.remaining, left);
	return left ? next_delay_us() : 0;
}

static void work_fn(struct work_struct *unused)
{
	unsigned int delay = 0;
	bool under_way;

	/* What is shorter than a tick is slept away here. */
	do {
		if (delay)
			usleep_range(delay, delay + delay / 4);
		kgr_states_lock();
		under_way = kgr_in_transition();
		delay = under_way ? look() : 0;
		kgr_states_unlock();
		if (under_way && !delay)
			converge();
	} while (delay && delay < TICK_USEC);
	if (delay)
		queue_delayed_work(kgr_unbound_wq, &work, usecs_to_jiffies(delay));
}

/* Nobody has left a universe yet, and from now on data has the values with which all of them can live. */
static void take_data_back(enum kgr_universe target)
{
	if (target == KGR_NEW)
		kgr_data_revert_earlier();
	else
		kgr_data_revert();
}

static void put_data_back(enum kgr_universe target)
{
	if (target == KGR_NEW)
		kgr_data_restore_earlier();
	else
		kgr_data_write();
}

static int begin(enum kgr_universe target)
{
	int err = 0;

	if (target == KGR_NEW)
		err = kgr_redirect_check_order() ?: kgr_data_check() ?: kgr_pre_patch_all();
	if (err)
		return err;
	err = kgr_choose_begin();
	if (err)
		goto tell;
	err = kgr_fault() ?: kgr_switch_points_register();
	if (err)
		goto abort;
	/* All that others can refuse has been asked, and nobody has met an old function. */
	if (target == KGR_OLD)
		kgr_run_callbacks(KGR_PRE_UNPATCH);
	take_data_back(target);
	kgr_states_lock();
	err = kgr_fault() ?: kgr_task_states_begin(kgr_current_target(), target);
	kgr_states_unlock();
	if (!err)
		return 0;
	/* It stays patched: what the callback undid is done again. */
	put_data_back(target);
	if (target == KGR_OLD)
		kgr_run_callbacks(KGR_POST_PATCH);
	kgr_switch_points_unregister();
	kgr_task_states_free();
abort:
	kgr_choose_abort();
tell:
	if (target == KGR_NEW)
		kgr_run_callbacks(KGR_POST_UNPATCH);
	return err;
}

static void set_out(enum kgr_universe target, bool turned)
{
	pr_info("%s: %s\n", kgr_patch.name, target == KGR_NEW ? "patching" : "unpatching");
	kgr_self.busy = true;
	kgr_self.on = true;
	kgr_set_current_target(target);
	transition.since_ns = ktime_get_ns();
	transition.pressure.since = jiffies;
	transition.pressure.first = true;
	transition.pressure.signal_after = 0;
	transition.pressure.forced = false;
	transition.pressure.settled = !turned;
	if (turned)
		transition.pressure.grace = start_poll_synchronize_rcu();
	WRITE_ONCE(transition.remaining, 1);
	kgr_set_in_transition(true);
	push_from_now(false);
}

/**
 * kgr_transition_start - set out for a universe
 * @target: where all tasks shall live
 *
 * Under kgr_lock(). From where all are there already it does nothing; in the middle of a
 * transition the other way it turns round.
 *
 * Return: 0 or a negative error with nothing changed.
 */
int kgr_transition_start(enum kgr_universe target)
{
	bool turned;
	int err;

	if (kgr_current_target() == target)
		return 0;
	if (kgr_self.users) {
		pr_err("%s: a later patch stands on this one: take that out first\n",
		       kgr_patch.name);
		return -EBUSY;
	}
	err = kgr_in_transition() ? 0 : begin(target);
	if (err)
		return err;
	kgr_states_lock();
	turned = kgr_in_transition();
	err = turned ? kgr_task_states_reverse() : 0;
	if (!err)
		set_out(target, turned);
	kgr_states_unlock();
	return err;
}

static bool is_needed(void)
{
	return !kgr_is_off() || kgr_redirect_stands_in();
}

/**
 * kgr_enable - set out for the new universe; under kgr_lock()
 *
 * From off it takes a reference to this module, held as long as anybody may be in a new function, or this stands in for
 * an earlier patch: rmmod says "in use" meanwhile. The end of the way back drops it.
 *
 * Return: 0 or a negative error with nothing changed.
 */
int kgr_enable(void)
{
	int err;

	if (!is_needed() && !try_module_get(THIS_MODULE))
		return -ENODEV;
	err = kgr_fault() ?: kgr_transition_start(KGR_NEW);
	if (!is_needed())
		module_put(THIS_MODULE);
	if (!err)
		add_taint(TAINT_LIVEPATCH, LOCKDEP_STILL_OK);
	return err;
}

/**
 * kgr_transition_stop - wait until the worker's code is not in use any more
 *
 * For module exit; no transition is under way then.
 */
void kgr_transition_stop(void)
{
	cancel_delayed_work_sync(&work);
	kgr_move_stop();
}

/**
 * kgr_transition_poke - interrupt the sleep of those who are left, now and once
 */
void kgr_transition_poke(void)
{
	kgr_states_lock();
	if (kgr_in_transition())
		push_from_now(true);
	kgr_states_unlock();
}

/**
 * kgr_transition_force - end a transition that does not end
 *
 * Nothing says that it is safe. The kernel is tainted, and the module stays for ever: who was
 * forced over may still be in any of its functions.
 */
void kgr_transition_force(void)
{
	kgr_states_lock();
	if (kgr_in_transition()) {
		pr_warn("%s: the transition is ended by force: who was in the middle of something meets both universes\n",
			kgr_patch.name);
		add_taint(TAINT_USER, LOCKDEP_STILL_OK);
		if (!kgr_self.forced)
			__module_get(THIS_MODULE);
		kgr_self.forced = true;
		transition.pressure.forced = true;
		push_from_now(true);
	}
	kgr_states_unlock();
}

/**
 * kgr_transition_replaced - a cumulative patch has converged: this one is off; under kgr_lock()
 *
 * Its callbacks are not run, as livepatch's are not. If that was by force, somebody may be in its
 * functions, and it is there for ever.
 */
void kgr_transition_replaced(void)
{
	kgr_redirect_replaced();
	kgr_forget_callbacks();
	kgr_set_current_target(KGR_OLD);
	kgr_task_states_end(KGR_OLD);
	kgr_self.on = false;
	if (kgr_self.forced)
		pr_warn("%s: cannot be unloaded, as what force has left inside may be in its functions\n",
			kgr_patch.name);
	else
		module_put(THIS_MODULE);
}
