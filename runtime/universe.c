// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which universe a context lives in.
 *
 * Outside of transitions everybody lives in one. In a transition tasks that existed at its start
 * have a mark in a hash table; a task without one was born later, and lives in the target from its
 * first instruction. Interrupts of all kinds follow a mark of their CPU.
 *
 * The table is read by the handler without any lock and in any context. It is published before the
 * state says that there is one, and freed only after every task and CPU that may have seen that
 * state has been through a schedule.
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
			/* Who had no mark so far was not watched. */
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
 * ftrace handler, with interrupts on or off. The table has room for far more births than can happen
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
	else if (READ_ONCE(kgr_universes.listing))
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

static int insert_everybody(enum kgr_universe universe)
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
 * kgr_task_states_begin - mark everybody and start choosing
 * @from: where everybody lives now
 * @target: where they are to go
 *
 * kgr_switch_points_register() must be on, so that no birth is missed, and kgr_choose_begin() done.
 *
 * Return: 0 or a negative error with nothing changed.
 */
int kgr_task_states_begin(enum kgr_universe from, enum kgr_universe target)
{
	struct kgr_task_state *table;
	unsigned int bits;
	int cpu, err;

	/*
	 * Births may go on while we count. And the table is sparse, since each slot that somebody else has
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
	err = insert_everybody(from);
	if (err)
		return err;
	for_each_possible_cpu(cpu)
		per_cpu(kgr_cpu_universe, cpu) = from;
	WRITE_ONCE(kgr_universes.target, target);
	/* Pairs with kgr_context_is_new(): everybody is marked first. */
	smp_store_release(&kgr_universes.choosing, true);
	return 0;
}

/**
 * kgr_task_states_reverse - turn a transition round: everybody goes back to where they came from
 *
 * Who moved already, or was born since, has to move back. Until all of them have a mark nothing
 * changes.
 *
 * Return: 0, or -ENOSPC with the transition going on as before.
 */
int kgr_task_states_reverse(void)
{
	int err;

	WRITE_ONCE(kgr_universes.listing, true);
	/* Births see that before the task list is walked. */
	smp_mb();
	err = insert_everybody(kgr_universes.target);
	if (!err) {
		/* Everybody has a mark of their own first. */
		smp_store_release(&kgr_universes.target, !kgr_universes.target);
	}
	WRITE_ONCE(kgr_universes.listing, false);
	return err;
}

/**
 * kgr_task_states_end - everybody has moved, nobody chooses any more
 * @all: where everybody lives now
 */
void kgr_task_states_end(enum kgr_universe all)
{
	WRITE_ONCE(kgr_universes.all, all);
	/* Who does not choose any more sees where everybody lives. */
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

/* On the CPU itself in process context with interrupts off, or while it is offline. */
void kgr_cpu_move(int cpu)
{
	per_cpu(kgr_cpu_universe, cpu) = kgr_target_universe();
}

bool kgr_cpu_moved(int cpu)
{
	return per_cpu(kgr_cpu_universe, cpu) == kgr_target_universe();
}
