// SPDX-License-Identifier: GPL-2.0-only
/*
 * Moving tasks and CPUs that have not moved yet, one look at all of them after the other:
 *
 *	user task	gets task work for its way out of the kernel (switch-point.c)
 *	kernel thread	is woken at the first look, so that it gets to a switch point; if it got to none in
 *			its time, and sleeps, its stack decides (stack.c)
 *	CPU, idle task	switched by a work item that is queued to that CPU
 *	dead task	is forgotten: it has left its stack
 *
 * It never stops anybody, and waits for nobody: what was asked of others is seen at the next look.
 *
 * A task or CPU that moves by itself does so with preemption off, and may have read the target
 * before a transition was turned round, and move there afterwards, though it had been seen where it
 * has to be now:
 *
 *	time	who			does
 *	1	task on CPU 0		is on its way out, and reads the target: new
 *	2	somebody		turns round: the target is old, and so is the task
 *	3	a look			finds nobody left
 *	4	task on CPU 0		moves to new
 *
 * So after turning round nobody is believed to have moved before a grace period of RCU is over,
 * which ends after 4. A CPU that does not answer, as a real-time task has it, does not delay that.
 */
#include <linux/cpu.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#include <linux/workqueue.h>

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
 * completion point at its end.
 */
#define KTHREAD_BUSY_PATIENCE HZ
#define KTHREAD_BUSY_SLEEPS 16
#define KTHREAD_BUSY_SLEEP_NS NSEC_PER_SEC
/*
 * When sleeping user tasks are interrupted: first those of whom it is known that they met what is stale, then all,
 * and then each time when the transition has become twice as old. What an interrupted call returns may be EINTR.
 */
#define SIGNAL_AFTER (15 * HZ)
#define SIGNAL_ALL_AFTER (SIGNAL_AFTER + HZ)

/* How many of all tasks a look asks whether they are dead. */
#define DEAD_AT_ONCE 1024

static char *stragglers = "signal";
module_param(stragglers, charp, 0444);
MODULE_PARM_DESC(stragglers,
		 "what becomes of tasks asleep in a system call: signal (default), wait or stack");

static bool policy_is(const char *policy)
{
	return sysfs_streq(stragglers, policy);
}

/*
 * Each CPU is called to move, and to answer: all are called together, by a number, once the last call is answered.
 * Nobody waits for them; the next look sees who did. A CPU that does not come to it keeps only the transition.
 */
struct cpu_call {
	struct work_struct work;
	int cpu;
	unsigned int asked, answered;
	/*
	 * How far the scheduler's clock is behind ours, or more: it does not count what interrupts and
	 * hypervisors took (kernel/sched/core.c, update_rq_clock_task()).
	 */
	s64 clock_lag;
	u64 irqs_off_ns; /* in the last answer */
};

static DEFINE_PER_CPU(struct cpu_call, cpu_calls);
static unsigned int calls_made, calls_answered; /* under kgr_states_lock() */

static bool waited(const struct kgr_pressure *p, unsigned long how_long)
{
	return time_after_eq(jiffies, p->since + how_long);
}

/* In process context, so on its own CPU no interrupt of any kind is half-way. */
static void answer(struct work_struct *work)
{
	struct cpu_call *call = container_of(work, struct cpu_call, work);
	struct kgr_task_state *state;
	struct task_struct *idle;
	unsigned int asked;
	unsigned long flags;
	u64 start;

	local_irq_save(flags);
	start = local_clock();
	/* What was queued to a CPU that has gone runs on another. */
	if (smp_processor_id() == call->cpu) {
		asked = READ_ONCE(call->asked);
		call->clock_lag = kgr_asleep_ns(current);
		kgr_cpu_move(call->cpu);
		idle = kgr_call(idle_task)(call->cpu);
		state = kgr_task_state_of(idle);
		if (state && kgr_idle_stack_is_clean(idle))
			kgr_task_move(state);
		WRITE_ONCE(call->irqs_off_ns, local_clock() - start);
		/* Pairs with has_answered(): all that is seen with it. */
		smp_store_release(&call->answered, asked);
	}
	local_irq_restore(flags);
}

static bool has_answered(int cpu)
{
	/* Pairs with answer(). */
	return smp_load_acquire(&per_cpu(cpu_calls, cpu).answered) == calls_made;
}

static bool cpu_is_done(int cpu)
{
	struct kgr_task_state *idle = kgr_task_state_of(kgr_call(idle_task)(cpu));

	return kgr_cpu_moved(cpu) && (!idle || kgr_task_moved(idle));
}

/* And its idle task, whatever they are doing. */
static void move_cpu(int cpu)
{
	struct kgr_task_state *idle = kgr_task_state_of(kgr_call(idle_task)(cpu));

	kgr_cpu_move(cpu);
	if (idle)
		kgr_task_move(idle);
}

/* It starts from scratch when it comes back. */
static void move_offline_cpu(int cpu)
{
	per_cpu(cpu_calls, cpu).clock_lag = S64_MAX / 2;
	move_cpu(cpu);
}

static unsigned int look_at_cpus(void)
{
	unsigned int left = 0;
	bool answered = true;
	int cpu;

	/* Some come or go just now. */
	if (!cpus_read_trylock())
		return 1;
	for_each_possible_cpu(cpu) {
		if (cpu_online(cpu))
			answered &= has_answered(cpu);
		else if (!cpu_is_done(cpu))
			move_offline_cpu(cpu);
		left += !cpu_is_done(cpu);
		kgr_irqs_off_ns =
			max(kgr_irqs_off_ns, READ_ONCE(per_cpu(cpu_calls, cpu).irqs_off_ns));
	}
	cpus_read_unlock();
	if (answered)
		calls_answered = calls_made;
	return left;
}

/*
 * Again, if a CPU went and came while its work item was on the way, or has to move back before another has answered.
 */
static void call_cpus(void)
{
	int cpu;

	if (!cpus_read_trylock())
		return;
	if (calls_answered == calls_made)
		calls_made++;
	for_each_online_cpu(cpu) {
		struct cpu_call *call = &per_cpu(cpu_calls, cpu);

		if (has_answered(cpu) && cpu_is_done(cpu))
			continue;
		if (!call->work.func)
			INIT_WORK(&call->work, answer);
		call->cpu = cpu;
		WRITE_ONCE(call->asked, calls_made);
		queue_work_on(cpu, system_highpri_wq, &call->work);
	}
	cpus_read_unlock();
}

/* set_notify_signal() of the kernel, by functions that can be reached. */
static void interrupt_sleep(struct task_struct *task)
{
	if (!test_and_set_tsk_thread_flag(task, TIF_NOTIFY_SIGNAL) &&
	    !kgr_call(wake_up_state)(task, TASK_INTERRUPTIBLE))
		kick_process(task);
}

/* Which kernel threads had their time in this look. */
struct patience {
	bool over;
	bool over_for_busy;
	bool call; /* somebody could be judged if all CPUs answered once more */
};

static void watch_sleep(struct kgr_task_state *state, bool first)
{
	u32 sleeps = READ_ONCE(state->task->nvcsw);

	if (first) {
		state->seen.slept = sleeps;
		state->seen.call = 0;
	}
	if (!first && state->seen.since_ns && state->seen.sleeps == sleeps)
		return;
	state->seen.sleeps = sleeps;
	state->seen.since_ns = ktime_get_ns();
}

/* Often since the first look, or for a long time now. */
static bool has_slept(const struct kgr_task_state *state, u32 times, u64 ns)
{
	return state->seen.sleeps - state->seen.slept >= times ||
	       ktime_get_ns() - state->seen.since_ns >= ns;
}

static bool was_long_asleep(const struct kgr_task_state *state)
{
	s64 lag = per_cpu(cpu_calls, task_cpu(state->task)).clock_lag;

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

/*
 * How long a thread has been asleep says something only if its CPU was there to wake it: a virtual one may not have
 * run at all. If all answered a call that was made after that, they took the interrupts that were due.
 */
static bool every_cpu_ran(struct kgr_task_state *state, struct patience *patience)
{
	if (!state->seen.call)
		state->seen.call = calls_made + 1;
	if ((int)(calls_answered - state->seen.call) >= 0)
		return true;
	patience->call = true;
	return false;
}

static void help_kthread(struct kgr_task_state *state, const struct kgr_pressure *p,
			 struct patience *patience)
{
	watch_sleep(state, p->first);
	/* Whatever it did before the transition: the policy promises no more. */
	if (policy_is("stack") && kgr_move_if_off_cpu(state))
		return;
	if (!had_its_time(state, patience)) {
		state->seen.call = 0;
		/* To its completion point, if it sleeps where a wakeup does no harm. */
		if (p->first)
			kgr_call(wake_up_state)(state->task, TASK_INTERRUPTIBLE);
		return;
	}
	if (!every_cpu_ran(state, patience))
		return;
	/* What is true of this sleep is not of the next. */
	watch_sleep(state, false);
	if (had_its_time(state, patience))
		kgr_move_if_asleep(state, state->seen.sleeps, patience->over_for_busy);
}

enum whom {
	NOBODY,
	WHO_MET_STALE_TEXT,
	WHO_IS_AWAKE,
	ALL_OF_THEM
};

/* At this look. */
static enum whom whom_to_interrupt(struct kgr_pressure *p)
{
	unsigned long after = p->signal_after ?: SIGNAL_AFTER;

	if (p->poked)
		return ALL_OF_THEM;
	if (policy_is("wait") || !waited(p, after))
		return NOBODY;
	if (policy_is("signal") && !p->signal_after) {
		p->signal_after = SIGNAL_ALL_AFTER;
		return WHO_MET_STALE_TEXT;
	}
	p->signal_after = 2 * (jiffies - p->since);
	/* The stack moves who sleeps, but not who runs a virtual CPU, which ends its system call for a signal only. */
	return policy_is("stack") ? WHO_IS_AWAKE : ALL_OF_THEM;
}

static void help_user_task(struct kgr_task_state *state, enum whom interrupted)
{
	kgr_task_queue_work(state);
	if (policy_is("stack") && kgr_move_if_off_cpu(state))
		return;
	if (state->task->flags & PF_EXITING)
		return;
	if (interrupted == ALL_OF_THEM ||
	    (interrupted == WHO_IS_AWAKE && task_is_running(state->task)) ||
	    (interrupted == WHO_MET_STALE_TEXT && kgr_met_stale_text(state))) {
		interrupt_sleep(state->task);
		/* It may have run in the middle of the call, which ends now. */
		kgr_task_queue_work(state);
	}
}

/* For the desperate: who is in the middle of something goes on in the other universe. */
static void force(struct kgr_task_state *state)
{
	pr_warn("%s: %s[%d] is forced over\n", kgr_patch.name, state->task->comm,
		task_pid_nr(state->task));
	kgr_task_move(state);
}

static void force_cpus(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		move_cpu(cpu);
}

static bool is_dead(struct task_struct *task)
{
	/* Pairs with the release in finish_task(): the task has left its stack. */
	return READ_ONCE(task->__state) == TASK_DEAD && !smp_load_acquire(&task->on_cpu);
}

static void forget_if_dead(struct kgr_task_state *state)
{
	if (state->task && state->task->pid && is_dead(state->task) && kgr_task_cancel_work(state))
		kgr_task_state_drop(state);
}

/* Of those who have moved already: a few at each look, so that they are not kept in memory to the end. */
static void forget_the_dead(bool first)
{
	static struct kgr_task_state *last;
	unsigned int n;

	if (first)
		last = NULL;
	for (n = 0; n < DEAD_AT_ONCE; n++) {
		last = kgr_next_task_state(last);
		if (!last)
			return;
		forget_if_dead(last);
	}
}

/* Has it moved? If not, it is helped on. */
static bool move_task(struct kgr_task_state *state, const struct kgr_pressure *p,
		      struct patience *patience, enum whom interrupted)
{
	forget_if_dead(state);
	if (!state->task || kgr_task_moved(state))
		return true;
	if (p->forced)
		force(state);
	else if (is_dead(state->task))
		return false;
	else if (state->task->flags & KGR_PF_KERNEL)
		help_kthread(state, p, patience);
	else
		help_user_task(state, interrupted);
	return kgr_task_moved(state);
}

static unsigned int move_tasks(const struct kgr_pressure *p, struct patience *patience,
			       enum whom interrupted)
{
	struct kgr_task_state **link = &kgr_unmoved_states, *state;
	unsigned int left = 0;

	while ((state = *link)) {
		bool moved = move_task(state, p, patience, interrupted);

		left += !moved;
		if (moved && p->settled)
			*link = state->next_unmoved;
		else
			link = &state->next_unmoved;
		cond_resched();
	}
	return left;
}

/**
 * kgr_move_all - one look at all who have not moved yet
 * @p: how hard to push; counts what was done
 *
 * Under kgr_states_lock(), in a transition. Waits for nobody.
 *
 * Return: how many are left.
 */
unsigned int kgr_move_all(struct kgr_pressure *p)
{
	struct patience patience = {
		.over = waited(p, KTHREAD_PATIENCE),
		.over_for_busy = waited(p, KTHREAD_BUSY_PATIENCE),
	};
	unsigned int left;

	/* Before any of them is looked at. */
	p->settled = p->settled || p->forced || poll_state_synchronize_rcu(p->grace);
	if (p->forced)
		force_cpus();
	p->cpus_left = look_at_cpus();
	left = move_tasks(p, &patience, whom_to_interrupt(p));
	forget_the_dead(p->first);
	if (p->cpus_left || patience.call)
		call_cpus();
	p->first = false;
	p->poked = false;
	return p->cpus_left + left + !p->settled;
}

/**
 * kgr_move_stop - no CPU is in a call of ours, or comes to one; for module exit
 */
void kgr_move_stop(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct cpu_call *call = &per_cpu(cpu_calls, cpu);

		if (call->work.func)
			cancel_work_sync(&call->work);
	}
}

/**
 * kgr_cancel_leftover_work - take back all work that tasks did not get to; under kgr_states_lock()
 *
 * Return: true if none is queued or running any more.
 */
bool kgr_cancel_leftover_work(void)
{
	struct kgr_task_state *state;
	bool all = true;

	kgr_for_each_task_state(state) {
		if (state->task && !kgr_task_cancel_work(state))
			all = false;
		cond_resched();
	}
	return all;
}
