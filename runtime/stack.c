// SPDX-License-Identifier: GPL-2.0-only
/*
 * The conservative stack check: any word of a stack that points into a function of the universe
 * that is being left counts as a return address. It can be wrong in one way only, by seeing a call
 * that is not there: a frame's unused slots hold what earlier calls left, and a sleeper's stay what
 * they are. So where a word says "inside", the kernel's reliable unwinder is asked, if there is one,
 * and believed if it got to the stack's end.
 */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/sched/clock.h>
#include <linux/sched/task_stack.h>
#include <linux/stacktrace.h>

#include "compat.h"
#include "mark.h"
#include "unexported.h"

KGR_CALLED(put_task_stack);
KGR_CALLED(stack_trace_save_tsk_reliable);
KGR_UNEXPORTED(process_one_work);
KGR_UNEXPORTED(io_worker_handle_work);

#define MAX_FRAMES 64

/* The longest time that interrupts were off for a look at a sleeper's stack. */
u64 kgr_irqs_off_ns;

/* What must not be found on a stack. */
struct unwanted {
	bool work; /* nor a work item under way */
};

static __always_inline bool is_unwanted(unsigned long pc, const struct unwanted *what)
{
	return kgr_is_left_text(pc) ||
	       (what->work && (kgr_in_text(pc, &kgr_link_process_one_work) ||
			       kgr_in_text(pc, &kgr_link_io_worker_handle_work)));
}

/* The words are read as they are: this is no frame walk, and KASAN has no say in it. */
static bool notrace __no_sanitize_address words_are_clean(unsigned long from, unsigned long end,
							  const struct unwanted *what)
{
	unsigned long *word;

	for (word = (unsigned long *)ALIGN(from, sizeof(long)); word < (unsigned long *)end;
	     word++) {
		if (is_unwanted(READ_ONCE_NOCHECK(*word), what))
			return false;
	}
	return true;
}

static bool notrace trace_is_clean(struct task_struct *task, const struct unwanted *what)
{
	unsigned long frames[MAX_FRAMES];
	int n, i;

	if (!kgr_address(stack_trace_save_tsk_reliable))
		return false;
	n = kgr_call(stack_trace_save_tsk_reliable)(task, frames, MAX_FRAMES);
	/* Cut off, or not reliable. */
	if (n < 0 || n == MAX_FRAMES)
		return false;
	for (i = 0; i < n; i++) {
		if (is_unwanted(frames[i], what))
			return false;
	}
	return true;
}

/* Of a task that does not run, or of current. */
static bool notrace is_clean(struct task_struct *task, unsigned long from,
			     const struct unwanted *what)
{
	unsigned long end = (unsigned long)task_stack_page(task) + THREAD_SIZE, pc;
	unsigned int i;

	for (i = 0; kgr_hidden_return(task, i, &pc); i++) {
		if (is_unwanted(pc, what))
			return false;
	}
	return words_are_clean(from, end, what) || trace_is_clean(task, what);
}

/**
 * kgr_own_stack_is_clean - is current in no function of the universe that it would leave?
 */
bool notrace kgr_own_stack_is_clean(void)
{
	const struct unwanted what = {};

	return is_clean(current, (unsigned long)__builtin_frame_address(0), &what);
}

/**
 * kgr_idle_stack_is_clean - the same for the idle task of the CPU this runs on
 * @idle: that task; it cannot run as long as the caller does not let it
 */
bool kgr_idle_stack_is_clean(struct task_struct *idle)
{
	const struct unwanted what = {};

	return is_clean(idle, idle->thread.sp, &what);
}

/*
 * With pi_lock held nobody can begin to wake the task (try_to_wake_up() takes it first). But a waker lets
 * go of it when it has handed the task to another CPU, which puts it on its queue when the interrupt
 * for that arrives: until then it is neither queued nor running, and may run any moment.
 */
static bool stays_asleep(const struct task_struct *task)
{
	unsigned int state = READ_ONCE(task->__state);

	return !READ_ONCE(task->on_rq) && !READ_ONCE(task->on_cpu) && state != TASK_RUNNING &&
	       !(state & (TASK_WAKING | TASK_NEW));
}

/**
 * kgr_move_if_asleep - move a task that sleeps outside of what is left
 * @mark: its mark
 * @slept: how often it had slept in its life (nvcsw) when that was decided; not if it slept again since
 * @between_work: not if it is in the middle of a work item either
 *
 * A task that sleeps, and that nobody can wake, does not run: its stack stays what it is.
 *
 * Return: true if it moved.
 */
bool kgr_move_if_asleep(struct kgr_mark *mark, unsigned long slept, bool between_work)
{
	const struct unwanted what = { .work = between_work };
	struct task_struct *task = mark->task;
	unsigned long flags;
	bool moved = false;
	u64 start;

	if (!try_get_task_stack(task)) {
		/* Nothing is left of it that could be in an old function. */
		kgr_mark_move(mark);
		return true;
	}
	raw_spin_lock_irqsave(&task->pi_lock, flags);
	start = local_clock();
	if (stays_asleep(task) && READ_ONCE(task->nvcsw) == slept) {
		/* Pairs with the release of on_cpu in finish_task(): the stack is written. */
		smp_rmb();
		moved = is_clean(task, task->thread.sp, &what);
		if (moved)
			kgr_mark_move(mark);
	}
	kgr_irqs_off_ns = max(kgr_irqs_off_ns, local_clock() - start);
	raw_spin_unlock_irqrestore(&task->pi_lock, flags);
	kgr_call(put_task_stack)(task);
	return moved;
}
