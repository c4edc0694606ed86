/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One task's state in a transition (livepatch: task_struct's patch_state), and how a context learns its
 * universe. Shared by the files that move tasks and by the handlers, and by nobody else.
 */
#ifndef KGR_TASK_STATE_H
#define KGR_TASK_STATE_H

#include <linux/hash.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/sched/clock.h>
#include <linux/task_work.h>

#include "kgraft.h"

struct kgr_task_state {
	struct kgr_task_state *next; /* in its bucket */
	struct kgr_task_state *next_unmoved; /* in the list of those who have not moved */
	struct task_struct *task; /* pinned; NULL: it is dead, and nobody finds the state any more */
	u8 universe; /* enum kgr_universe: whose functions it calls */
	u8 settled; /* the same, once it cannot move back any more (switch-point.c) */
	u8 ran[2]; /* by universe: called a function of it since the transition began */
	u8 had_run; /* what ran[] was before it moved to where it is not settled */
	u8 queued; /* work is on its way to the task, or running there */
	u8 waits; /* a kernel thread may be waiting, and what it asks next be the wait's condition */
	union {
		struct callback_head work; /* of a user task */
		struct { /* of a kernel thread */
			u32 slept; /* how often in its life at the first look, ... */
			u32 sleeps; /* ... and now, ... */
			u64 since_ns; /* ... which was first seen then; 0: never looked at */
			u32 call; /* the CPUs' answer to this call lets it be judged; 0: it has time */
		} seen;
	};
};

/* universe.c's, here to be inlined into the handler: every instruction of it counts. */
struct kgr_universes {
	bool choosing;
	enum kgr_universe all; /* everybody's, while nobody chooses */
	enum kgr_universe target; /* where a transition goes */
	unsigned int shift; /* of a hash, to be a bucket's number */
	struct kgr_task_state **buckets;
};

extern struct kgr_universes kgr_universes;
DECLARE_PER_CPU(u8, kgr_cpu_universe);

/*
 * The number of the bucket of kgr_universes that has the task's state. Any context, while there is
 * a table.
 */
static __always_inline unsigned long kgr_hash(const struct task_struct *task)
{
	return (unsigned long)task * GOLDEN_RATIO_64 >> kgr_universes.shift;
}

/* While there is a table: the task's state, or NULL. A bucket's list ends, however many tasks there are. */
static __always_inline struct kgr_task_state *kgr_find_task_state(const struct task_struct *task)
{
	struct kgr_task_state *state = READ_ONCE(kgr_universes.buckets[kgr_hash(task)]);

	while (state && READ_ONCE(state->task) != task)
		state = READ_ONCE(state->next);
	return state;
}

/**
 * kgr_is_new_where - does a context live in the new universe?
 * @preempt_count: of the context, which runs on this CPU or has just been interrupted here
 *
 * Called by the handlers of redirected functions: any context, NMI included.
 */
static __always_inline bool kgr_is_new_where(unsigned int preempt_count)
{
	enum kgr_universe target, mine;
	struct kgr_task_state *state;

	/* Pairs with set_out() in universe.c: who sees that there is a choice sees all states. */
	if (!smp_load_acquire(&kgr_universes.choosing))
		return READ_ONCE(kgr_universes.all) == KGR_NEW;
	if (preempt_count & (NMI_MASK | HARDIRQ_MASK | SOFTIRQ_OFFSET))
		return this_cpu_read(kgr_cpu_universe) == KGR_NEW;
	/* Before looking for the state: who has none when a transition turns round gets one first. */
	target = READ_ONCE(kgr_universes.target);
	state = kgr_find_task_state(current);
	if (!state)
		return target == KGR_NEW;
	mine = READ_ONCE(state->universe);
	WRITE_ONCE(state->ran[mine], 1);
	return mine == KGR_NEW;
}

/* The same for whoever calls this. */
static __always_inline bool kgr_context_is_new(void)
{
	return kgr_is_new_where(preempt_count());
}

/*
 * Since the task last ran, in ns. Roughly: the scheduler's clock and ours are not the same. Who is woken
 * on another CPU has no such time until it runs (kernel/sched/fair.c, migrate_task_rq_fair()).
 */
static inline s64 kgr_asleep_ns(struct task_struct *task)
{
	u64 ran = READ_ONCE(task->se.exec_start);

	return ran ? (s64)(local_clock() - ran) : 0;
}

/* Under kgr_states_lock(), in a transition: all states, those of tasks that are dead by now included. */
struct kgr_task_state *kgr_next_task_state(struct kgr_task_state *state);
#define kgr_for_each_task_state(state)                                                             \
	for (state = kgr_next_task_state(NULL); state; state = kgr_next_task_state(state))

/*
 * Under kgr_states_lock(), in a transition: the states of all tasks but the idle ones that had not
 * moved at the last look, and maybe of others.
 */
extern struct kgr_task_state *kgr_unmoved_states;
#define kgr_for_each_unmoved_state(state)                                                          \
	for (state = kgr_unmoved_states; state; state = state->next_unmoved)

/* Has the task called a function that is stale now, since the transition began? */
static inline bool kgr_task_ran_stale(const struct kgr_task_state *state)
{
	return READ_ONCE(state->ran[!kgr_target_universe()]);
}

/*
 * Has the task moved to the target for good? Any context, in a transition. The two are read in this
 * order: a task that settles in between was in that universe before.
 */
static inline bool kgr_task_moved(const struct kgr_task_state *state)
{
	/* Pairs with kgr_task_move_for_now(). */
	return smp_load_acquire(&state->universe) == kgr_target_universe() &&
	       READ_ONCE(state->settled) == kgr_target_universe();
}

/*
 * Moves a task to the target for good, in a transition. The caller sees to it that no stale
 * function is on the task's stack and that the task, if it is another one, does not run meanwhile;
 * only kgr_force_all() does neither.
 */
static inline void kgr_task_move(struct kgr_task_state *state)
{
	enum kgr_universe target = kgr_target_universe();

	WRITE_ONCE(state->universe, target);
	WRITE_ONCE(state->settled, target);
}

/*
 * The other three are called by the task itself, where it may turn out that it should have stayed.
 * Until it has called a function of the universe that it moved to, it can move back unnoticed. This
 * one makes the move final.
 */
static inline void kgr_task_settle(struct kgr_task_state *state)
{
	if (state->had_run)
		WRITE_ONCE(state->ran[state->universe], 1);
	state->had_run = 0;
	WRITE_ONCE(state->settled, state->universe);
}

/*
 * Moves the calling task to the target, until kgr_task_settle() or kgr_task_move_back(); nothing if
 * it is there.
 */
static inline void kgr_task_move_for_now(struct kgr_task_state *state)
{
	enum kgr_universe target = kgr_target_universe();

	if (state->universe == target)
		return;
	state->had_run = state->ran[target];
	WRITE_ONCE(state->ran[target], 0);
	/* Pairs with kgr_task_moved(): what was settled before is seen first. */
	smp_store_release(&state->universe, target);
}

/*
 * Undoes kgr_task_move_for_now(); or settles the task, if it has called a function of the new place
 * since.
 */
static inline void kgr_task_move_back(struct kgr_task_state *state)
{
	if (READ_ONCE(state->ran[state->universe])) {
		kgr_task_settle(state);
		return;
	}
	WRITE_ONCE(state->ran[state->universe], state->had_run);
	state->had_run = 0;
	WRITE_ONCE(state->universe, state->settled);
}

#endif
