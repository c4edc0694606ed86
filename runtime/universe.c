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
 * The table has buckets, each with a list of states, so it is never full, and grows in the middle of a
 * transition: turning round gives all who have no state one. States come from batches, which are allocated
 * before they are needed and live as long as the table; the dead leave the lists. Who has not moved yet is in a list
 * of its own besides, so that a look costs what is left and not what there was.
 *
 * No task is missed: wake_up_new_task() is hooked before the task list is walked, so a task created earlier is
 * on the list, and one created later is seen there. If a batch runs out meanwhile the walk is done again with
 * a larger one, before anything depends on it. The table is read by handlers without any lock and in any context.
 * It is published before "choosing" is set, and freed only after all tasks and CPUs that may have seen
 * "choosing" have been through a schedule.
 */
#include <linux/cpumask.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "task-state.h"
#include "unexported.h"

KGR_CALLED(idle_task);

struct kgr_universes kgr_universes;
DEFINE_PER_CPU(u8, kgr_cpu_universe);

/* Whoever looks at all states, moves tasks, or turns round: never held while waiting for another CPU. */
static DEFINE_MUTEX(states_lock);

struct batch {
	struct batch *next; /* an earlier one */
	unsigned int size, used;
	struct kgr_task_state states[];
};

/* Of those who add states and take them out of the lists. */
static DEFINE_RAW_SPINLOCK(list_lock);
static struct batch *batches; /* the first one is taken from */
static bool adding; /* new tasks get a state, too */
static enum kgr_universe added_to;
static bool ran_out; /* somebody got none */

struct kgr_task_state *kgr_unmoved_states;

void kgr_states_lock(void)
{
	mutex_lock(&states_lock);
}

/**
 * kgr_states_unlock - let go of the mutex that kgr_states_lock() took, in the same task
 */
void kgr_states_unlock(void)
{
	mutex_unlock(&states_lock);
}

/* Under list_lock. */
static void notrace insert(struct task_struct *task)
{
	struct kgr_task_state **bucket = &kgr_universes.buckets[kgr_hash(task)], *state;

	if (kgr_find_task_state(task))
		return;
	if (batches->used == batches->size) {
		ran_out = true;
		return;
	}
	state = &batches->states[batches->used++];
	state->task = get_task_struct(task);
	state->universe = added_to;
	state->settled = added_to;
	state->waits = 1;
	/* Who had no state so far was not watched. */
	state->ran[added_to] = kgr_universes.choosing;
	state->next = *bucket;
	/* Handlers see all of it or nothing. */
	smp_store_release(bucket, state);
}

/**
 * kgr_add_new_task - a task is about to run for the first time
 * @task: the task
 *
 * While everybody gets a state it belongs to those who exist. Called from an ftrace handler, with interrupts
 * on or off.
 */
void notrace kgr_add_new_task(struct task_struct *task)
{
	unsigned long flags;

	if (!READ_ONCE(adding))
		return;
	raw_spin_lock_irqsave(&list_lock, flags);
	if (adding)
		insert(task);
	raw_spin_unlock_irqrestore(&list_lock, flags);
}

static unsigned int count_tasks(bool without_state)
{
	unsigned int n = num_possible_cpus();
	struct task_struct *p, *t;

	rcu_read_lock();
	for_each_process_thread(p, t)
		n += !without_state || !kgr_find_task_state(t);
	rcu_read_unlock();
	return n;
}

/* Room for all who have no state, and for more than are born until they have one. */
static int make_room(void)
{
	unsigned int n = count_tasks(true);
	struct batch *batch;

	n += n / 4 + 256;
	if (batches && batches->size - batches->used >= n)
		return 0;
	n += n / 2;
	batch = kvzalloc(struct_size(batch, states, n), GFP_KERNEL);
	if (!batch)
		return -ENOMEM;
	batch->size = n;
	batch->next = batches;
	raw_spin_lock_irq(&list_lock);
	batches = batch;
	raw_spin_unlock_irq(&list_lock);
	return 0;
}

static void insert_one(struct task_struct *task)
{
	raw_spin_lock_irq(&list_lock);
	insert(task);
	raw_spin_unlock_irq(&list_lock);
}

static void insert_all_tasks(void)
{
	struct task_struct *p, *t;
	int cpu;

	rcu_read_lock();
	for_each_process_thread(p, t)
		insert_one(t);
	rcu_read_unlock();
	for_each_possible_cpu(cpu)
		insert_one(kgr_call(idle_task)(cpu));
}

/* From one moment to the next: who is created later gets no state, and lives in the target. */
static bool set_out(enum kgr_universe target)
{
	bool all;

	raw_spin_lock_irq(&list_lock);
	all = !ran_out;
	if (all) {
		adding = false;
		WRITE_ONCE(kgr_universes.target, target);
		/* Pairs with kgr_is_new_where(): every task has a state first. */
		smp_store_release(&kgr_universes.choosing, true);
	}
	ran_out = false;
	raw_spin_unlock_irq(&list_lock);
	return all;
}

/* All of them: who has just moved to the other universe, unseen, has to be seen once more before it is believed. */
static void list_unmoved(void)
{
	struct kgr_task_state *state;

	kgr_unmoved_states = NULL;
	kgr_for_each_task_state(state) {
		/*
		 * The idle loops live in their CPUs' universe. (Others may have PF_IDLE for a
		 * while: play_idle_precise().)
		 */
		if (!state->task || !state->task->pid)
			continue;
		state->next_unmoved = kgr_unmoved_states;
		kgr_unmoved_states = state;
		cond_resched();
	}
}

/* Everybody who has no state gets one, of a task that lives in @from; then all are to go to @target. */
static int list_all_and_set_out(enum kgr_universe from, enum kgr_universe target)
{
	int err;

	do {
		err = make_room();
		if (err) {
			WRITE_ONCE(adding, false);
			return err;
		}
		raw_spin_lock_irq(&list_lock);
		added_to = from;
		WRITE_ONCE(adding, true);
		raw_spin_unlock_irq(&list_lock);
		/* New tasks see that before the task list is walked. */
		smp_mb();
		insert_all_tasks();
	} while (!set_out(target));
	list_unmoved();
	return 0;
}

/**
 * kgr_task_states_begin - give all tasks a state and start choosing
 * @from: where all tasks live now
 * @target: where they are to go
 *
 * Under kgr_states_lock(). kgr_switch_points_register() must be on, so that no new task is missed, and kgr_choose_begin() done.
 *
 * Return: 0 or a negative error with nothing changed but what kgr_task_states_free() frees.
 */
int kgr_task_states_begin(enum kgr_universe from, enum kgr_universe target)
{
	unsigned int bits = order_base_2(8 * count_tasks(false) + 4096);
	int cpu;

	/*
	 * Sparse, since each state of somebody else in a bucket costs the handler four instructions: tasks whose
	 * addresses are a multiple of one size apart may come to share one.
	 */
	kgr_universes.shift = 64 - bits;
	kgr_universes.buckets = kvcalloc(1UL << bits, sizeof(*kgr_universes.buckets), GFP_KERNEL);
	if (!kgr_universes.buckets)
		return -ENOMEM;
	for_each_possible_cpu(cpu)
		per_cpu(kgr_cpu_universe, cpu) = from;
	return list_all_and_set_out(from, target);
}

/**
 * kgr_task_states_reverse - turn a transition round: all go back to where they came from
 *
 * Under kgr_states_lock(). Who moved already, or was created since, has to move back. Until all of them have a
 * state nothing changes.
 *
 * Return: 0, or -ENOMEM with the transition going on as before.
 */
int kgr_task_states_reverse(void)
{
	struct kgr_task_state *state;

	/* Who has moved was not watched any more, and may be waiting. */
	kgr_for_each_task_state(state) {
		state->waits = 1;
		cond_resched();
	}
	return list_all_and_set_out(kgr_universes.target, !kgr_universes.target);
}

/**
 * kgr_task_state_drop - a task is dead: forget it
 * @state: its state; none of our work is queued to it. It counts as moved from now on.
 *
 * Under kgr_states_lock(). A new task may come to lie where it was, and does not find this state.
 */
void kgr_task_state_drop(struct kgr_task_state *state)
{
	struct task_struct *task = state->task;
	struct kgr_task_state **link = &kgr_universes.buckets[kgr_hash(task)];

	kgr_task_move(state);
	raw_spin_lock_irq(&list_lock);
	while (*link != state)
		link = &(*link)->next;
	WRITE_ONCE(*link, state->next);
	raw_spin_unlock_irq(&list_lock);
	WRITE_ONCE(state->task, NULL);
	put_task_struct(task);
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
	struct batch *batch;
	unsigned int n;

	synchronize_rcu_tasks();
	kgr_unmoved_states = NULL;
	while (batches) {
		batch = batches;
		batches = batch->next;
		for (n = 0; n < batch->used; n++) {
			if (batch->states[n].task)
				put_task_struct(batch->states[n].task);
			cond_resched();
		}
		kvfree(batch);
	}
	kvfree(kgr_universes.buckets);
	kgr_universes.buckets = NULL;
}

enum kgr_universe kgr_target_universe(void)
{
	return READ_ONCE(kgr_universes.target);
}

/**
 * kgr_next_task_state - walk all states, in no order; under kgr_states_lock()
 * @state: the last one, or NULL
 *
 * Return: the next, or NULL; after kgr_task_states_end() there is none.
 */
struct kgr_task_state *kgr_next_task_state(struct kgr_task_state *state)
{
	struct batch *batch = kgr_universes.choosing ? batches : NULL;

	if (state) {
		while (state < batch->states || state >= batch->states + batch->used)
			batch = batch->next;
		if (++state < batch->states + batch->used)
			return state;
		batch = batch->next;
	}
	while (batch && !batch->used)
		batch = batch->next;
	return batch ? batch->states : NULL;
}

struct kgr_task_state *notrace kgr_task_state_of(struct task_struct *task)
{
	/* Pairs with set_out(). */
	return smp_load_acquire(&kgr_universes.choosing) ? kgr_find_task_state(task) : NULL;
}

void kgr_cpu_move(int cpu)
{
	per_cpu(kgr_cpu_universe, cpu) = kgr_target_universe();
}

/**
 * kgr_cpu_moved - do interrupts on this CPU run in the target universe?
 * @cpu: a possible CPU, online or not
 *
 * Any context, in a transition.
 */
bool kgr_cpu_moved(int cpu)
{
	return per_cpu(kgr_cpu_universe, cpu) == kgr_target_universe();
}
