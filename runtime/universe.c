// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which universe a context lives in.
 *
 * Outside of transitions all live in one. In a transition each task that existed at its start has a struct
 * kgr_task_state in a hash table; a task without one was created later, and lives in the target from its first
 * instruction. Interrupts of all kinds follow a variable of their CPU.
 *
 *	time	who calls f()		what is found			universe
 *	1	task 10			choosing is false		"all": old
 *	2	task 10			state of 10: old		old
 *	3	task 11, created at 2	no state			target: new
 *	4	task 10, has moved	state of 10: new		new
 *	5	an interrupt in 10	the CPU's variable: old		old
 *
 * No task is missed: wake_up_new_task() is hooked before the task list is walked, so a task created earlier is
 * on the list, and one created later is seen there. The table is read by handlers without any lock and in any
 * context. It is published before "choosing" is set, and freed only after all tasks and CPUs that may have
 * seen "choosing" have been through a schedule.
 */
#include <linux/cpumask.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "task-state.h"
#include "unexported.h"

KGR_CALLED(idle_task);

struct kgr_universes kgr_universes;
DEFINE_PER_CPU(u8, kgr_cpu_universe);

/* Safe against itself on other CPUs: a slot is taken by one cmpxchg. */
static int insert(struct task_struct *task, enum kgr_universe universe)
{
	unsigned long mask = kgr_universes.mask, n = kgr_hash(task), tries;
	struct task_struct *there;

	for (tries = 0; tries < mask; tries++, n = (n + 1) & mask) {
		struct kgr_task_state *state = &kgr_universes.table[n];

		there = READ_ONCE(state->task);
		if (!there) {
			state->universe = universe;
			/* Who had no state so far was not watched. */
			state->ran[universe] = kgr_universes.choosing;
			get_task_struct(task);
			there = cmpxchg(&state->task, NULL, task);
			if (!there)
				return 0;
			put_task_struct(task);
		}
		if (there == task)
			return 0;
	}
	return -ENOSPC;
}

/**
 * kgr_add_new_task - a task is about to run for the first time
 * @task: the task
 *
 * While a transition is being prepared it belongs to those who exist at its start. Called from an
 * ftrace handler, with interrupts on or off. The table has room for far more new tasks than there can be
 * meanwhile; should it be full all the same, the one who prepares sees it.
 */
void notrace kgr_add_new_task(struct task_struct *task)
{
	/* Both pair with kgr_task_states_begin(). */
	if (!smp_load_acquire(&kgr_universes.table))
		return;
	/* The table's size is known by now. */
	if (!smp_load_acquire(&kgr_universes.choosing))
		insert(task, kgr_universes.all);
	else if (READ_ONCE(kgr_universes.adding))
		insert(task, READ_ONCE(kgr_universes.target));
}

static unsigned int count_tasks(void)
{
	struct task_struct *p, *t;
	unsigned int n = 0;

	rcu_read_lock();
	for_each_process_thread(p, t)
		n++;
	rcu_read_unlock();
	return n;
}

static int insert_all_tasks(enum kgr_universe universe)
{
	struct task_struct *p, *t;
	int cpu, err = 0;

	rcu_read_lock();
	for_each_process_thread(p, t) {
		err = err ?: insert(t, universe);
	}
	rcu_read_unlock();
	for_each_possible_cpu(cpu)
		err = err ?: insert(kgr_call(idle_task)(cpu), universe);
	return err;
}

/**
 * kgr_task_states_begin - give all tasks a state and start choosing
 * @from: where all tasks live now
 * @target: where they are to go
 *
 * kgr_switch_points_register() must be on, so that no new task is missed, and kgr_choose_begin() done.
 *
 * Return: 0 or a negative error with nothing changed.
 */
int kgr_task_states_begin(enum kgr_universe from, enum kgr_universe target)
{
	struct kgr_task_state *table;
	unsigned int bits;
	int cpu, err;

	/*
	 * Tasks may be created while we count. And the table is sparse, since each slot that somebody else has
	 * costs the handler five instructions: whose addresses are a multiple of one size apart may come to
	 * lie side by side.
	 */
	bits = order_base_2(8 * count_tasks() + 4096);
	kgr_universes.shift = 64 - bits;
	kgr_universes.mask = (1UL << bits) - 1;
	table = kvcalloc(kgr_universes.mask + 1, sizeof(*table), GFP_KERNEL);
	if (!table)
		return -ENOMEM;
	/* Pairs with kgr_add_new_task(): its size is known first. */
	smp_store_release(&kgr_universes.table, table);
	err = insert_all_tasks(from);
	if (err)
		return err;
	for_each_possible_cpu(cpu)
		per_cpu(kgr_cpu_universe, cpu) = from;
	WRITE_ONCE(kgr_universes.target, target);
	/* Pairs with kgr_context_is_new(): every task has a state first. */
	smp_store_release(&kgr_universes.choosing, true);
	return 0;
}

/**
 * kgr_task_states_reverse - turn a transition round: all go back to where they came from
 *
 * Who moved already, or was created since, has to move back. Until all of them have a state nothing
 * changes.
 *
 * Return: 0, or -ENOSPC with the transition going on as before.
 */
int kgr_task_states_reverse(void)
{
	int err;

	WRITE_ONCE(kgr_universes.adding, true);
	/* New tasks see that before the task list is walked. */
	smp_mb();
	err = insert_all_tasks(kgr_universes.target);
	if (!err) {
		/* Every task has a state of its own first. */
		smp_store_release(&kgr_universes.target, !kgr_universes.target);
	}
	WRITE_ONCE(kgr_universes.adding, false);
	return err;
}

/**
 * kgr_task_states_end - all have moved, nobody chooses any more
 * @all: where all tasks live now
 */
void kgr_task_states_end(enum kgr_universe all)
{
	WRITE_ONCE(kgr_universes.all, all);
	/* Who does not choose any more sees where all tasks live. */
	smp_store_release(&kgr_universes.choosing, false);
}

/**
 * kgr_task_states_free - forget the table
 *
 * Only after kgr_task_states_end() or a failed kgr_task_states_begin(), with no work of ours queued to any task
 * and kgr_switch_points_unregister() done. Sleeps.
 */
void kgr_task_states_free(void)
{
	struct kgr_task_state *table = kgr_universes.table;
	unsigned int n;

	if (!table)
		return;
	synchronize_rcu_tasks();
	for (n = 0; n <= kgr_universes.mask; n++) {
		if (table[n].task)
			put_task_struct(table[n].task);
	}
	WRITE_ONCE(kgr_universes.table, NULL);
	kvfree(table);
}

enum kgr_universe kgr_target_universe(void)
{
	return READ_ONCE(kgr_universes.target);
}

unsigned int kgr_task_state_slots(void)
{
	return kgr_universes.table ? kgr_universes.mask + 1 : 0;
}

struct kgr_task_state *kgr_task_state_slot(unsigned int n)
{
	return &kgr_universes.table[n];
}

struct kgr_task_state *notrace kgr_task_state_of(struct task_struct *task)
{
	/* Pairs with kgr_task_states_begin(). */
	return smp_load_acquire(&kgr_universes.choosing) ? kgr_find_task_state(task) : NULL;
}

void kgr_cpu_move(int cpu)
{
	per_cpu(kgr_cpu_universe, cpu) = kgr_target_universe();
}

bool kgr_cpu_moved(int cpu)
{
	return per_cpu(kgr_cpu_universe, cpu) == kgr_target_universe();
}
