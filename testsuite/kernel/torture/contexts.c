// SPDX-License-Identifier: GPL-2.0-only
/* Interrupts of every kind, threads with and without a completion point, and work items. */
#include <linux/cpu.h>
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/kthread.h>
#include <linux/nmi.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/random.h>
#include <linux/sched/signal.h>
#include <linux/timer.h>
#include <linux/workqueue.h>
#include <asm/apic.h>
#include <asm/nmi.h>

#include "torture.h"

#define PERIOD_NS (3 * NSEC_PER_MSEC)

atomic_t torture_mixes = ATOMIC_INIT(0);
/* By protocol: the odd one and the even one. */
atomic_t torture_runs[2] = { ATOMIC_INIT(0), ATOMIC_INIT(0) };

static bool stopping = true;

void torture_mix(const struct torture_run *run, const char *where)
{
	atomic_inc(&torture_mixes);
	printk_deferred(KERN_ERR "kgr_torture: mix in %s() called from %s\n", where, run->context);
}

void torture_count(u32 protocol)
{
	atomic_inc(&torture_runs[protocol & 1]);
}

static void sleep_in(unsigned int state, unsigned int ms)
{
	__set_current_state(state);
	schedule_timeout(msecs_to_jiffies(ms) + 1);
}

static u32 random_below(u32 limit)
{
	return get_random_u32() % limit;
}

void torture_pause(const struct torture_run *run)
{
	switch (run->pause) {
	case PAUSE_NONE:
		break;
	case PAUSE_SPIN:
		udelay(5);
		break;
	case PAUSE_RANDOM:
		switch (random_below(8)) {
		case 0:
			sleep_in(TASK_INTERRUPTIBLE, random_below(4));
			break;
		case 1:
			sleep_in(TASK_UNINTERRUPTIBLE, random_below(4));
			break;
		case 2:
			sleep_in(TASK_KILLABLE, random_below(4));
			break;
		case 3:
			udelay(random_below(500));
			break;
		default:
			cond_resched();
		}
		break;
	case PAUSE_INTERRUPTIBLE:
		sleep_in(TASK_INTERRUPTIBLE, run->ms);
		break;
	case PAUSE_KILLABLE:
		sleep_in(TASK_KILLABLE, run->ms);
		break;
	case PAUSE_UNINTERRUPTIBLE:
		sleep_in(TASK_UNINTERRUPTIBLE, run->ms);
		break;
	}
}

/* The nested ones, then the ones that follow each other. */
void torture_round(struct torture_run *run)
{
	run->seed = (u32)(unsigned long)run << 16;
	torture_f(run);
	torture_first(run);
	torture_pause(run);
	torture_second(run);
}

static void round_from(const char *context, enum torture_pause pause)
{
	struct torture_run run = { .context = context, .pause = pause };

	torture_round(&run);
}

struct percpu_contexts {
	struct hrtimer hard;
	struct timer_list soft;
	struct tasklet_struct tasklet;
	struct work_struct work;
	bool nmi_asked;
};

static DEFINE_PER_CPU(struct percpu_contexts, contexts);

static enum hrtimer_restart in_hardirq_timer(struct hrtimer *timer)
{
	struct percpu_contexts *c = this_cpu_ptr(&contexts);

	round_from("a hard interrupt", PAUSE_SPIN);
	if (READ_ONCE(stopping))
		return HRTIMER_NORESTART;
	tasklet_schedule(&c->tasklet);
	if (!(get_cycles() & 7)) {
		WRITE_ONCE(c->nmi_asked, true);
		apic->send_IPI(smp_processor_id(), NMI_VECTOR);
	}
	hrtimer_forward_now(timer, ns_to_ktime(PERIOD_NS));
	return HRTIMER_RESTART;
}

static void in_softirq_timer(struct timer_list *timer)
{
	round_from("a timer", PAUSE_SPIN);
	if (!READ_ONCE(stopping))
		mod_timer(timer, jiffies + 1);
}

static void in_tasklet(struct tasklet_struct *tasklet)
{
	round_from("a tasklet", PAUSE_SPIN);
}

static int in_nmi_handler(unsigned int type, struct pt_regs *regs)
{
	if (!this_cpu_read(contexts.nmi_asked))
		return NMI_DONE;
	this_cpu_write(contexts.nmi_asked, false);
	round_from("an NMI", PAUSE_SPIN);
	return NMI_HANDLED;
}

static struct workqueue_struct *queues[2]; /* bound and unbound */

static void in_work(struct work_struct *work)
{
	round_from("a work item", PAUSE_RANDOM);
	if (!READ_ONCE(stopping))
		queue_work(queues[random_below(2)], work);
}

static struct task_struct *asking, *parking, *sleeping, *silent;

/* Asks in each round whether to stop: its completion point. */
static int asking_thread(void *unused)
{
	while (!kthread_should_stop()) {
		round_from("a kthread that asks", PAUSE_RANDOM);
		if (!random_below(8)) {
			kthread_park(parking);
			msleep(2);
			kthread_unpark(parking);
		}
		msleep_interruptible(1);
	}
	return 0;
}

/* Is parked by the other again and again. */
static int parking_thread(void *unused)
{
	while (!kthread_should_stop()) {
		if (kthread_should_park())
			kthread_parkme();
		round_from("a kthread that parks", PAUSE_RANDOM);
	}
	return 0;
}

static DECLARE_WAIT_QUEUE_HEAD(never);
static DECLARE_COMPLETION(silent_gone);

/* Reaches no completion point: only its stack tells. Nested calls alone are safe then. */
static int silent_thread(void *unused)
{
	struct torture_run run = { .context = "a kthread without completion point",
				   .pause = PAUSE_RANDOM };

	while (!READ_ONCE(stopping)) {
		torture_f(&run);
		wait_event_timeout(never, READ_ONCE(stopping), msecs_to_jiffies(5));
	}
	kthread_complete_and_exit(&silent_gone, 0);
}

/* Sleeps as long as the torture lasts, in a state that no signal ends. */
static int sleeping_thread(void *unused)
{
	wait_event_idle(never, READ_ONCE(stopping));
	while (!kthread_should_stop())
		msleep(1);
	return 0;
}

static int start_cpu(void *unused)
{
	struct percpu_contexts *c = this_cpu_ptr(&contexts);

	hrtimer_init(&c->hard, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
	c->hard.function = in_hardirq_timer;
	timer_setup(&c->soft, in_softirq_timer, TIMER_PINNED);
	tasklet_setup(&c->tasklet, in_tasklet);
	INIT_WORK(&c->work, in_work);
	hrtimer_start(&c->hard, ns_to_ktime(PERIOD_NS), HRTIMER_MODE_REL_PINNED_HARD);
	c->soft.expires = jiffies + 1;
	add_timer_on(&c->soft, smp_processor_id());
	queue_work(queues[0], &c->work);
	return 0;
}

static int run_thread(struct task_struct **thread, int (*fn)(void *), const char *name)
{
	*thread = kthread_run(fn, NULL, "%s", name);
	return PTR_ERR_OR_ZERO(*thread);
}

/* Under the files' lock, as torture_stop(). What fails half-way stays half-way: this is a test. */
int torture_start(void)
{
	int cpu, err;

	if (!stopping)
		return -EBUSY;
	queues[0] = alloc_workqueue("torture", 0, 0);
	queues[1] = alloc_workqueue("torture_unbound", WQ_UNBOUND, 0);
	if (!queues[0] || !queues[1])
		return -ENOMEM;
	WRITE_ONCE(stopping, false);
	err = register_nmi_handler(NMI_LOCAL, in_nmi_handler, 0, "kgr_torture");
	err = err ?: run_thread(&parking, parking_thread, "torture_parks");
	err = err ?: run_thread(&asking, asking_thread, "torture_asks");
	err = err ?: run_thread(&sleeping, sleeping_thread, "torture_sleeps");
	err = err ?: run_thread(&silent, silent_thread, "torture_silent");
	if (err)
		return err;
	cpus_read_lock();
	for_each_online_cpu(cpu)
		smp_call_on_cpu(cpu, start_cpu, NULL, false);
	cpus_read_unlock();
	return 0;
}

void torture_stop(void)
{
	int cpu, i;

	if (stopping)
		return;
	WRITE_ONCE(stopping, true);
	wake_up_all(&never);
	wait_for_completion(&silent_gone);
	reinit_completion(&silent_gone);
	kthread_stop(asking);
	kthread_stop(parking);
	kthread_stop(sleeping);
	for_each_possible_cpu(cpu) {
		struct percpu_contexts *c = per_cpu_ptr(&contexts, cpu);

		if (!c->hard.function)
			continue;
		hrtimer_cancel(&c->hard);
		del_timer_sync(&c->soft);
		tasklet_kill(&c->tasklet);
		cancel_work_sync(&c->work);
	}
	unregister_nmi_handler(NMI_LOCAL, "kgr_torture");
	for (i = 0; i < 2; i++)
		destroy_workqueue(queues[i]);
}
