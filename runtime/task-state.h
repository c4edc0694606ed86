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
	struct task_struct *task; /* pinned; NULL: a free slot */
	u8 universe; /* enum kgr_universe */
	u8 ran[2]; /* by universe: called a function of it since the transition began */
	u8 queued; /* work is on its way to the task, or running there */
	u32 slept; /* of a kernel thread: how often it had slept in its life at the first look */
	union {
		struct callback_head work; /* of a user task */
		struct { /* of a kernel thread: how often it has slept now, and when that was first seen */
			u32 sleeps;
			u64 since_ns; /* 0: never looked at */
		} seen;
	};
};

/* universe.c's, here to be inlined into the handler: every instruction of it counts. */
struct kgr_universes {
	bool choosing;
	bool adding; /* new tasks get a state while choosing, too: the transition turns round */
	enum kgr_universe all; /* everybody's, while nobody chooses */
	enum kgr_universe target; /* where a transition goes */
	struct kgr_task_state *table;
	unsigned long mask; /* one less than its slots */
	unsigned int shift; /* of a hash, to be a slot */
};

extern struct kgr_universes kgr_universes;
DECLARE_PER_CPU(u8, kgr_cpu_universe);

static __always_inline unsigned long kgr_hash(const struct task_struct *task)
{
	return (unsigned long)task * GOLDEN_RATIO_64 >> kgr_universes.shift;
}

/* While there is a table: the task's state, or NULL. */
static __always_inline struct kgr_task_state *kgr_find_task_state(const struct task_struct *task)
{
	unsigned long n = kgr_hash(task);

	/* There are always free slots, so the walk ends. */
	while (1) {
		struct kgr_task_state *state = &kgr_universes.table[n];
		struct task_struct *there = READ_ONCE(state->task);

		if (there == task)
			return state;
		if (!there)
			return NULL;
		n = (n + 1) & kgr_universes.mask;
	}
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

	/* Pairs with kgr_task_states_begin(): who sees that there is a choice sees the table. */
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

/* The table, for those who walk it: [0, kgr_task_state_slots()), free slots included. */
unsigned int kgr_task_state_slots(void);
struct kgr_task_state *kgr_task_state_slot(unsigned int n);

/* Has the task called a function that is stale now, since the transition began? */
static inline bool kgr_task_ran_stale(const struct kgr_task_state *state)
{
	return READ_ONCE(state->ran[!kgr_target_universe()]);
}

static inline bool kgr_task_moved(const struct kgr_task_state *state)
{
	return READ_ONCE(state->universe) == kgr_target_universe();
}

static inline void kgr_task_move(struct kgr_task_state *state)
{
	WRITE_ONCE(state->universe, kgr_target_universe());
}

#endif
