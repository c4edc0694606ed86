// SPDX-License-Identifier: GPL-2.0-only
/*
 * Moving everybody from one universe to the other.
 *
 * A worker looks at all marks again and again, and helps along who has not moved: user tasks are
 * given work to do on their way out of the kernel, sleeping kernel threads are woken once and
 * then judged by their stack, CPUs are switched from a thread running on them. It never stops
 * anybody.
 */
#include <linux/cpu.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "mark.h"
#include "unexported.h"

KGR_UNEXPORTED(wake_up_state);
KGR_UNEXPORTED(idle_task);

#define FIRST_PASSES 10 /* of short delay */
#define SHORT_DELAY (HZ / 100 ?: 1)
#define LONG_DELAY (HZ / 10)
#define KTHREAD_PATIENCE (HZ / 5)
#define SIGNAL_AFTER (15 * HZ)

static char *stragglers = "signal";
module_param(stragglers, charp, 0444);
MODULE_PARM_DESC(stragglers,
		 "what becomes of tasks asleep in a system call: signal (default), wait or stack");

DEFINE_MUTEX(kgr_mutex);

static struct {
	bool running;
	enum kgr_universe target;
	unsigned long since; /* jiffies */
	unsigned int passes;
	unsigned int remaining;
	bool poked;
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

unsigned int kgr_remaining(void)
{
	return READ_ONCE(transition.remaining);
}

/* In process context on the CPU, so no interrupt of any kind is half-way there. */
static int move_this_cpu(void *unused)
{
	int cpu = smp_processor_id();
	struct task_struct *idle = kgr_call(idle_task)(cpu);
	struct kgr_mark *mark;
	unsigned long flags;

	local_irq_save(flags);
	kgr_cpu_moved(cpu);
	mark = kgr_mark_of(idle);
	if (mark && kgr_idle_stack_is_clean(idle))
		kgr_mark_move(mark);
	local_irq_restore(flags);
	return 0;
}

static bool cpu_is_done(int cpu)
{
	struct kgr_mark *idle = kgr_mark_of(kgr_call(idle_task)(cpu));

	return kgr_cpu_has_moved(cpu) && (!idle || kgr_mark_moved(idle));
}

static unsigned int move_cpus(void)
{
	unsigned int left = 0;
	struct kgr_mark *idle;
	int cpu;

	cpus_read_lock();
	for_each_possible_cpu(cpu) {
		if (cpu_is_done(cpu))
			continue;
		if (cpu_online(cpu)) {
			smp_call_on_cpu(cpu, move_this_cpu, NULL, false);
		} else {
			/* It starts from scratch when it comes back. */
			kgr_cpu_moved(cpu);
			idle = kgr_mark_of(kgr_call(idle_task)(cpu));
			if (idle)
				kgr_mark_move(idle);
		}
		left += !cpu_is_done(cpu);
	}
	cpus_read_unlock();
	return left;
}

static bool waited(unsigned long how_long)
{
	return time_after(jiffies, transition.since + how_long);
}

static bool policy_is(const char *policy)
{
	return sysfs_streq(stragglers, policy);
}

/* set_notify_signal() of the kernel, by functions that can be reached. */
static void interrupt_sleep(struct task_struct *task)
{
	if (!test_and_set_tsk_thread_flag(task, TIF_NOTIFY_SIGNAL) &&
	    !kgr_call(wake_up_state)(task, TASK_INTERRUPTIBLE))
		kick_process(task);
}

static void help_kthread(struct kgr_mark *mark)
{
	/* To its completion point, if it sleeps where a wakeup does no harm. */
	if (transition.passes == 1)
		kgr_call(wake_up_state)(mark->task, TASK_INTERRUPTIBLE);
	if (waited(KTHREAD_PATIENCE))
		kgr_move_if_asleep(mark);
}

static void help_user_task(struct kgr_mark *mark)
{
	kgr_mark_queue_work(mark);
	if (policy_is("stack") && !READ_ONCE(mark->ran_left))
		kgr_move_if_asleep(mark);
	else if (transition.poked || (policy_is("signal") && waited(SIGNAL_AFTER)))
		interrupt_sleep(mark->task);
}

static bool is_dead(struct task_struct *task)
{
	/* Pairs with the release in finish_task(): the task has left its stack. */
	return READ_ONCE(task->__state) == TASK_DEAD && !smp_load_acquire(&task->on_cpu);
}

static unsigned int move_tasks(void)
{
	unsigned int n, left = 0;

	for (n = 0; n < kgr_mark_slots(); n++) {
		struct kgr_mark *mark = kgr_mark_slot(n);

		if (!READ_ONCE(mark->task) || kgr_mark_moved(mark) || is_idle_task(mark->task))
			continue;
		if (is_dead(mark->task))
			kgr_mark_move(mark);
		else if (mark->task->flags & (PF_KTHREAD | PF_IO_WORKER))
			help_kthread(mark);
		else
			help_user_task(mark);
		left += !kgr_mark_moved(mark);
		cond_resched();
	}
	return left;
}

static unsigned int cancel_leftover_work(void)
{
	unsigned int n, left = 0;

	for (n = 0; n < kgr_mark_slots(); n++) {
		struct kgr_mark *mark = kgr_mark_slot(n);

		if (READ_ONCE(mark->task) && !kgr_mark_cancel_work(mark))
			left++;
	}
	return left;
}

/* Everybody has moved: nobody needs to choose any more. */
static void converge(void)
{
	enum kgr_universe target = transition.target;

	kgr_marks_end(target);
	kgr_boundaries_unwatch();
	kgr_marks_free();
	WRITE_ONCE(transition.remaining, 0);
	pr_info("%s: %s everywhere after %u ms\n", kgr_patch.name,
		target == KGR_NEW ? "patched" : "unpatched",
		jiffies_to_msecs(jiffies - transition.since));
	if (target == KGR_OLD)
		kgr_restore_all();
	WRITE_ONCE(transition.running, false);
	if (target == KGR_OLD)
		module_put(THIS_MODULE);
}

static void work_fn(struct work_struct *unused)
{
	unsigned int left;

	mutex_lock(&kgr_mutex);
	if (!transition.running)
		goto out;
	transition.passes++;
	left = move_tasks() + move_cpus();
	/* A task born of a parent that was just being marked cannot be missed: see universe.c. */
	if (!left)
		left = cancel_leftover_work();
	WRITE_ONCE(transition.remaining, left);
	if (left)
		schedule_delayed_work(&work,
				      transition.passes < FIRST_PASSES ? SHORT_DELAY : LONG_DELAY);
	else
		converge();
out:
	mutex_unlock(&kgr_mutex);
}

/**
 * kgr_transition_start - set out for a universe
 * @target: where everybody shall live
 *
 * Under kgr_mutex. From where everybody is there already it does nothing; in the middle of a
 * transition the other way it turns round.
 *
 * Return: 0 or a negative error with nothing changed.
 */
int kgr_transition_start(enum kgr_universe target)
{
	int err;

	if (transition.target == target)
		return 0;
	if (transition.running) {
		err = kgr_marks_reverse();
		if (err)
			return err;
	} else {
		err = kgr_boundaries_watch();
		if (err)
			return err;
		err = kgr_marks_begin(transition.target, target);
		if (err) {
			kgr_boundaries_unwatch();
			kgr_marks_free();
			return err;
		}
	}
	transition.target = target;
	transition.since = jiffies;
	transition.passes = 0;
	transition.poked = false;
	WRITE_ONCE(transition.remaining, 1);
	WRITE_ONCE(transition.running, true);
	pr_info("%s: %s\n", kgr_patch.name, target == KGR_NEW ? "patching" : "unpatching");
	mod_delayed_work(system_wq, &work, 0);
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
 * kgr_transition_poke - interrupt the sleep of those who are left, now
 */
void kgr_transition_poke(void)
{
	mutex_lock(&kgr_mutex);
	if (transition.running) {
		transition.poked = true;
		mod_delayed_work(system_wq, &work, 0);
	}
	mutex_unlock(&kgr_mutex);
}

/**
 * kgr_list_blocking - who has not moved yet: "pid name state", one a line
 * @buf: where to
 * @size: room there
 *
 * Return: bytes written.
 */
ssize_t kgr_list_blocking(char *buf, size_t size)
{
	ssize_t len = 0;
	unsigned int n;

	mutex_lock(&kgr_mutex);
	for (n = 0; n < kgr_mark_slots(); n++) {
		struct kgr_mark *mark = kgr_mark_slot(n);

		if (!READ_ONCE(mark->task) || kgr_mark_moved(mark))
			continue;
		len += scnprintf(buf + len, size - len, "%d %s %c\n", task_pid_nr(mark->task),
				 mark->task->comm, task_state_to_char(mark->task));
	}
	mutex_unlock(&kgr_mutex);
	return len;
}
