// SPDX-License-Identifier: GPL-2.0-only
/*
 * Moving tasks and CPUs that have not moved yet, one look at all of them after the other:
 *
 *	user task	gets task work for its way out of the kernel (switch-point.c)
 *	kernel thread	is woken at the first look, so that it gets to a switch point; if it got to none in
 *			its time, and sleeps, its stack decides (stack.c)
 *	CPU, idle task	switched from a thread that runs on that CPU
 *	dead task	moves at once: it has left its stack
 *
 * It never stops anybody.
 */
#include <linux/cpu.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>
#include <linux/sched/signal.h>
#include <linux/smp.h>
#include <linux/string.h>

#include "compat.h"
#include "task-state.h"
#include "unexported.h"

KGR_CALLED(wake_up_state);
KGR_CALLED(idle_task);

/* Where a kernel thread has been asleep for so long it is not in the middle of anything. */
#define LONG_SLEEP_NS ((s64)NSEC_PER_SEC)
/*
 * How long a kernel thread has to reach a completion point before it is judged by its stack, and how
 * often it must have slept in that time: it got on with what it was in the middle of, and called no
 * stale function, ...
 */
#define KTHREAD_PATIENCE (15 * HZ / 1000 ?: 1)
#define KTHREAD_SLEEPS 2
/* ... or how long it is asleep: longer than in the middle of a round, ... */
#define KTHREAD_SLEEP_NS (14 * NSEC_PER_MSEC)
/*
 * ... and all that if it is known to have called a stale function, maybe in this round. On a
 * crowded machine no time is long enough for a round, but one that sleeps more often than this has no
 * completion point at its end, ...
 */
#define KTHREAD_BUSY_PATIENCE HZ
#define KTHREAD_BUSY_SLEEPS 16
#define KTHREAD_BUSY_SLEEP_NS NSEC_PER_SEC
/* ... and until all who sleep in a system call or work item are interrupted or judged. */
#define SIGNAL_AFTER (15 * HZ)

static char *stragglers = "signal";
module_param(stragglers, charp, 0444);
MODULE_PARM_DESC(stragglers,
		 "what becomes of tasks asleep in a system call: signal (default), wait or stack");

static bool policy_is(const char *policy)
{
	return sysfs_streq(stragglers, policy);
}

/*
 * How far the scheduler's clock of a CPU is behind ours, or more: it does not count what interrupts and
 * hypervisors took (kernel/sched/core.c, update_rq_clock_task()). Taken at the first look.
 */
static DEFINE_PER_CPU(s64, clock_lag);

static bool waited(const struct kgr_pressure *p, unsigned long how_long)
{
	return time_after_eq(jiffies, p->since + how_long);
}

/* In process context on the CPU, so no interrupt of any kind is half-way there. */
static int move_this_cpu(void *unused)
{
	int cpu = smp_processor_id();
	struct task_struct *idle = kgr_call(idle_task)(cpu);
	struct kgr_task_state *state;
	unsigned long flags;

	local_irq_save(flags);
	this_cpu_write(clock_lag, kgr_asleep_ns(current));
	kgr_cpu_move(cpu);
	state = kgr_task_state_of(idle);
	if (state && kgr_idle_stack_is_clean(idle))
		kgr_task_move(state);
	local_irq_restore(flags);
	return 0;
}

static bool cpu_is_done(int cpu)
{
	struct kgr_task_state *idle = kgr_task_state_of(kgr_call(idle_task)(cpu));

	return kgr_cpu_moved(cpu) && (!idle || kgr_task_moved(idle));
}

static void move_offline_cpu(int cpu)
{
	struct kgr_task_state *idle = kgr_task_state_of(kgr_call(idle_task)(cpu));

	per_cpu(clock_lag, cpu) = S64_MAX / 2;
	/* It starts from scratch when it comes back. */
	kgr_cpu_move(cpu);
	if (idle)
		kgr_task_move(idle);
}

static unsigned int move_cpus(void)
{
	unsigned int left = 0;
	int cpu;

	cpus_read_lock();
	for_each_possible_cpu(cpu) {
		if (cpu_is_done(cpu))
			continue;
		if (cpu_online(cpu))
			smp_call_on_cpu(cpu, move_this_cpu, NULL, false);
		else
			move_offline_cpu(cpu);
		left += !cpu_is_done(cpu);
	}
	cpus_read_unlock();
	return left;
}

/* set_notify_signal() of the kernel, by functions that can be reached. */
static void interrupt_sleep(struct task_struct *task)
{
	if (!test_and_set_tsk_thread_flag(task, TIF_NOTIFY_SIGNAL) &&
	    !kgr_call(wake_up_state)(task, TASK_INTERRUPTIBLE))
		kick_process(task);
}

static int nothing(void *unused)
{
	return 0;
}

/*
 * How long a thread has been asleep says something only if its CPU was there to wake it: a virtual
 * one may not have run at all. After this every CPU has, and took the interrupts that were due.
 */
static void let_every_cpu_run(void)
{
	int cpu;

	cpus_read_lock();
	for_each_online_cpu(cpu)
		smp_call_on_cpu(cpu, nothing, NULL, false);
	cpus_read_unlock();
}

/* Which kernel threads had their time in this look. */
struct patience {
	bool over;
	bool over_for_busy;
	bool every_cpu_ran;
};

static void watch_sleep(struct kgr_task_state *state, bool first)
{
	u32 sleeps = READ_ONCE(state->task->nvcsw);

	if (first)
		state->slept = sleeps;
	if (!first && state->seen.since_ns && state->seen.sleeps == sleeps)
		return;
	state->seen.sleeps = sleeps;
	state->seen.since_ns = ktime_get_ns();
}

/* Often since the first look, or for a long time now. */
static bool has_slept(const struct kgr_task_state *state, u32 times, u64 ns)
{
	return state->seen.sleeps - state->slept >= times ||
	       ktime_get_ns() - state->seen.since_ns >= ns;
}

static bool was_long_asleep(const struct kgr_task_state *state)
{
	s64 lag = per_cpu(clock_lag, task_cpu(state->task));

	return kgr_asleep_ns(state->task) - lag > LONG_SLEEP_NS;
}

/* If it is asleep: was there time for it to reach the end of its round, if that is a completion point? */
static bool had_its_time(const struct kgr_task_state *state, const struct patience *patience)
{
	if (!policy_is("stack") && was_long_asleep(state))
		return true;
	if (kgr_task_ran_stale(state))
		return patience->over_for_busy &&
		       has_slept(state, KTHREAD_BUSY_SLEEPS, KTHREAD_BUSY_SLEEP_NS);
	return patience->over && has_slept(state, KTHREAD_SLEEPS, KTHREAD_SLEEP_NS);
}

/* Whatever it did before the transition: the policy promises no more. */
static bool is_judged_at_once(const struct kgr_task_state *state)
{
	return policy_is("stack") && !kgr_task_ran_stale(state);
}

static void help_kthread(struct kgr_task_state *state, const struct kgr_pressure *p,
			 struct patience *patience)
{
	bool between_work = !policy_is("stack") && !p->poked &&
			    !(policy_is("signal") && waited(p, SIGNAL_AFTER));

	watch_sleep(state, p->first);
	if (is_judged_at_once(state)) {
		kgr_move_if_off_cpu(state);
		return;
	}
	if (!had_its_time(state, patience)) {
		/* To its completion point, if it sleeps where a wakeup does no harm. */
		if (p->first)
			kgr_call(wake_up_state)(state->task, TASK_INTERRUPTIBLE);
		return;
	}
	if (!patience->every_cpu_ran) {
		let_every_cpu_run();
		patience->every_cpu_ran = true;
		watch_sleep(state, false);
	}
	/* What is true of this sleep is not of the next. */
	if (had_its_time(state, patience))
		kgr_move_if_asleep(state, state->seen.sleeps, between_work);
}

static void help_user_task(struct kgr_task_state *state, const struct kgr_pressure *p)
{
	kgr_task_queue_work(state);
	if (is_judged_at_once(state))
		kgr_move_if_off_cpu(state);
	else if (p->poked || (policy_is("signal") && waited(p, SIGNAL_AFTER)))
		interrupt_sleep(state->task);
}

static bool is_dead(struct task_struct *task)
{
	/* Pairs with the release in finish_task(): the task has left its stack. */
	return READ_ONCE(task->__state) == TASK_DEAD && !smp_load_acquire(&task->on_cpu);
}

static unsigned int move_tasks(const struct kgr_pressure *p)
{
	struct patience patience = {
		.over = waited(p, KTHREAD_PATIENCE),
		.over_for_busy = waited(p, KTHREAD_BUSY_PATIENCE),
	};
	unsigned int n, left = 0;

	for (n = 0; n < kgr_task_state_slots(); n++) {
		struct kgr_task_state *state = kgr_task_state_slot(n);

		if (!READ_ONCE(state->task) || kgr_task_moved(state) || is_idle_task(state->task))
			continue;
		if (is_dead(state->task))
			kgr_task_move(state);
		else if (state->task->flags & KGR_PF_KERNEL)
			help_kthread(state, p, &patience);
		else
			help_user_task(state, p);
		left += !kgr_task_moved(state);
		cond_resched();
	}
	return left;
}

/**
 * kgr_move_all - one look at all who have not moved yet
 * @pressure: how hard to push
 *
 * Under kgr_lock(), in a transition. Sleeps.
 *
 * Return: how many are left.
 */
unsigned int kgr_move_all(const struct kgr_pressure *pressure)
{
	unsigned int left = move_cpus();

	return left + move_tasks(pressure);
}

/**
 * kgr_force_all - take all for moved, whatever they are doing
 *
 * For the desperate: who is in the middle of something goes on in the other universe.
 */
void kgr_force_all(void)
{
	unsigned int n;
	int cpu;

	for (n = 0; n < kgr_task_state_slots(); n++) {
		struct kgr_task_state *state = kgr_task_state_slot(n);

		if (!READ_ONCE(state->task) || kgr_task_moved(state))
			continue;
		pr_warn("%s: %s[%d] is forced over\n", kgr_patch.name, state->task->comm,
			task_pid_nr(state->task));
		kgr_task_move(state);
	}
	for_each_possible_cpu(cpu)
		kgr_cpu_move(cpu);
}

/**
 * kgr_cancel_leftover_work - take back all work that tasks did not get to
 *
 * Return: true if none is queued or running any more.
 */
bool kgr_cancel_leftover_work(void)
{
	unsigned int n;
	bool all = true;

	for (n = 0; n < kgr_task_state_slots(); n++) {
		struct kgr_task_state *state = kgr_task_state_slot(n);

		if (READ_ONCE(state->task) && !kgr_task_cancel_work(state))
			all = false;
	}
	return all;
}
