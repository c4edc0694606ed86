// SPDX-License-Identifier: GPL-2.0-only
/*
 * A transition from its start to convergence: a worker looks at everybody, first several times
 * within a millisecond, then ever more seldom, until nobody is left to move. Then it says so, and
 * clears up.
 */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/panic.h>
#include <linux/printk.h>
#include <linux/workqueue.h>

#include "kgraft.h"
#include "peer.h"

#define FIRST_DELAY_US 200
#define LAST_DELAY_US 100000
#define LONG_TRANSITION (HZ / 4)

static struct {
	bool running; /* somebody may be in either universe */
	bool forced; /* once: this module never goes away */
	enum kgr_universe target;
	unsigned int remaining;
	u64 since_ns;
	u64 pushed_ns; /* end of the first look for the latest reason to hurry; 0: none yet */
	struct kgr_pressure pressure;
} transition;

static void work_fn(struct work_struct *work);
static DECLARE_DELAYED_WORK(work, work_fn);

bool kgr_in_transition(void)
{
	return READ_ONCE(transition.running);
}

enum kgr_universe kgr_current_target(void)
{
	return READ_ONCE(transition.target);
}

/* Everybody lives in the old universe, and nobody is on the way. */
bool kgr_is_off(void)
{
	return kgr_current_target() == KGR_OLD && !kgr_in_transition();
}

unsigned int kgr_remaining(void)
{
	return READ_ONCE(transition.remaining);
}

static void push_from_now(bool poked)
{
	transition.pressure.poked = poked;
	transition.pushed_ns = 0;
	mod_delayed_work(system_unbound_wq, &work, 0);
}

/* Everybody has moved: nobody needs to choose any more. */
static void converge(void)
{
	bool on = transition.target == KGR_NEW;

	kgr_marks_end(transition.target);
	kgr_after_all(on ? KGR_POST_PATCH : KGR_POST_UNPATCH);
	WRITE_ONCE(transition.remaining, 0);
	WRITE_ONCE(transition.running, false);
	pr_info("%s: %s everywhere after %llu us\n", kgr_patch.name, on ? "patched" : "unpatched",
		div_u64(ktime_get_ns() - transition.since_ns, NSEC_PER_USEC));

	/* Nobody waits for what follows but who wants to change something next. */
	kgr_boundaries_unwatch();
	kgr_marks_free();
	kgr_self.busy = false;
	if (on)
		kgr_lead_directly();
	else if (kgr_let_go())
		pr_err("%s: an earlier patch cannot lead again: this one stays for it\n",
		       kgr_patch.name);
	else
		kgr_disabled();
}

/* Returns true if there is more to do. */
static bool look(void)
{
	unsigned int left = kgr_move_everybody(&transition.pressure);

	transition.pressure.first = false;
	transition.pushed_ns = transition.pushed_ns ?: ktime_get_ns();
	if (!left && !kgr_cancel_leftover_work())
		left = 1;
	WRITE_ONCE(transition.remaining, left);
	if (!left)
		converge();
	else if (time_after(jiffies, transition.pressure.since + LONG_TRANSITION))
		kgr_drop_neutral();
	return left;
}

/* Often while it is young, and never so often that looking is what takes the time. */
static unsigned int next_delay_us(void)
{
	u64 age = div_u64(ktime_get_ns() - transition.pushed_ns, NSEC_PER_USEC);

	return clamp_t(u64, age / 4, FIRST_DELAY_US, LAST_DELAY_US);
}

static void work_fn(struct work_struct *unused)
{
	unsigned int delay = 0;

	/* What is shorter than a tick is slept away here. */
	do {
		if (delay)
			usleep_range(delay, delay + delay / 4);
		kgr_lock();
		delay = 0;
		if (transition.running && look())
			delay = next_delay_us();
		kgr_unlock();
	} while (delay && delay < TICK_USEC);
	if (delay)
		queue_delayed_work(system_unbound_wq, &work, usecs_to_jiffies(delay));
}

static int begin(enum kgr_universe target)
{
	int err = target == KGR_NEW ? kgr_pre_patch_all() : 0;

	if (err)
		return err;
	if (target == KGR_OLD)
		kgr_after_all(KGR_PRE_UNPATCH);
	err = kgr_choose_begin();
	if (err)
		goto tell;
	err = kgr_fault() ?: kgr_boundaries_watch();
	if (err)
		goto abort;
	err = kgr_fault() ?: kgr_marks_begin(transition.target, target);
	if (!err)
		return 0;
	kgr_boundaries_unwatch();
	kgr_marks_free();
abort:
	kgr_choose_abort();
tell:
	if (target == KGR_NEW)
		kgr_after_all(KGR_POST_UNPATCH);
	return err;
}

/**
 * kgr_transition_start - set out for a universe
 * @target: where everybody shall live
 *
 * Under kgr_lock(). From where everybody is there already it does nothing; in the middle of a
 * transition the other way it turns round.
 *
 * Return: 0 or a negative error with nothing changed.
 */
int kgr_transition_start(enum kgr_universe target)
{
	int err;

	if (transition.target == target)
		return 0;
	if (kgr_self.users) {
		pr_err("%s: a later patch stands on this one: take that out first\n",
		       kgr_patch.name);
		return -EBUSY;
	}
	err = transition.running ? kgr_marks_reverse() : begin(target);
	if (err)
		return err;
	pr_info("%s: %s\n", kgr_patch.name, target == KGR_NEW ? "patching" : "unpatching");
	kgr_self.busy = true;
	WRITE_ONCE(transition.target, target);
	transition.since_ns = ktime_get_ns();
	transition.pressure.since = jiffies;
	transition.pressure.first = true;
	WRITE_ONCE(transition.remaining, 1);
	WRITE_ONCE(transition.running, true);
	push_from_now(false);
	return 0;
}

/**
 * kgr_transition_stop - wait until the worker's code is not in use any more
 *
 * For module exit; no transition is under way then.
 */
void kgr_transition_stop(void)
{
	cancel_delayed_work_sync(&work);
}

/**
 * kgr_transition_poke - interrupt the sleep of those who are left, now; under kgr_lock()
 */
void kgr_transition_poke(void)
{
	if (transition.running)
		push_from_now(true);
}

/**
 * kgr_transition_force - end a transition that does not end; under kgr_lock()
 *
 * Nothing says that it is safe. The kernel is tainted, and the module stays for ever: who was
 * forced over may still be in any of its functions.
 */
void kgr_transition_force(void)
{
	if (!transition.running)
		return;
	pr_warn("%s: the transition is ended by force: who was in the middle of something meets both universes\n",
		kgr_patch.name);
	add_taint(TAINT_USER, LOCKDEP_STILL_OK);
	if (!transition.forced)
		__module_get(THIS_MODULE);
	transition.forced = true;
	kgr_force_everybody();
	push_from_now(true);
}

/**
 * kgr_transition_replaced - a cumulative patch leads everybody now; under kgr_lock()
 */
void kgr_transition_replaced(void)
{
	WRITE_ONCE(transition.target, KGR_OLD);
	kgr_marks_end(KGR_OLD);
}
