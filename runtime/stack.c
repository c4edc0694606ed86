// SPDX-License-Identifier: GPL-2.0-only
/*
 * The conservative stack check: any word of a stack that points into stale text counts as a return address. It
 * can be wrong in one way only, by seeing a call that is not there: a frame's unused slots hold what earlier
 * calls left, and a sleeper's stay what they are.
 *
 *	stack of a sleeper	stale text: do_old		result
 *	schedule+0x5d		no
 *	do_wait+0x11		no
 *	do_old+0x20		yes: a call, or a leftover?	ask the unwinder
 *	entry+0x60		no
 *
 * So where a word says "inside", the kernel's reliable unwinder is asked, if there is one, and believed if it
 * got to the stack's end. Otherwise the task stays where it is, and is looked at again later.
 */
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/sched/clock.h>
#include <linux/sched/task_stack.h>
#include <linux/stacktrace.h>

#include "arch.h"
#include "compat.h"
#include "task-state.h"
#include "unexported.h"

KGR_CALLED(put_task_stack);
KGR_CALLED(stack_trace_save_tsk_reliable);
KGR_CALLED(task_call_func);
KGR_UNEXPORTED(process_one_work);
KGR_UNEXPORTED(io_worker_handle_work);

#define MAX_FRAMES 64

/* The longest time that interrupts were off for a look at a sleeper's stack. */
u64 kgr_irqs_off_ns;

static void note_irqs_off(u64 since)
{
	kgr_irqs_off_ns = max(kgr_irqs_off_ns, local_clock() - since);
}

/* What must not be found on a stack besides stale text. */
struct unwanted {
	bool work; /* a work item under way */
};

static __always_inline bool is_unwanted(unsigned long pc, const struct unwanted *what)
{
	return kgr_is_stale_text(pc) ||
	       (what->work && (kgr_is_in_function(pc, &kgr_link_process_one_work) ||
			       kgr_is_in_function(pc, &kgr_link_io_worker_handle_work)));
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

static bool notrace hidden_are_clean(struct task_struct *task, const struct unwanted *what)
{
	unsigned long pc;
	unsigned int i;

	for (i = 0; kgr_hidden_return(task, i, &pc); i++) {
		if (is_unwanted(pc, what))
			return false;
	}
	return true;
}

/*
 * The function of a kthread_worker is on its stack between items, too; it notes the item (kernel/kthread.c). The
 * note is there until whoever stops the thread is told that it is exiting.
 */
static bool notrace is_in_kthread_work(struct task_struct *task)
{
	struct kthread_worker *worker;

	if (!(task->flags & PF_KTHREAD) || task->flags & PF_EXITING ||
	    kthread_func(task) != kthread_worker_fn)
		return false;
	worker = kthread_data(task);
	return READ_ONCE(worker->current_work);
}

/* Of a task that does not run, or of current. */
static bool notrace is_clean(struct task_struct *task, unsigned long from,
			     const struct unwanted *what)
{
	unsigned long end = (unsigned long)task_stack_page(task) + THREAD_SIZE;

	return !(what->work && is_in_kthread_work(task)) && hidden_are_clean(task, what) &&
	       (words_are_clean(from, end, what) || trace_is_clean(task, what));
}

/**
 * kgr_own_stack_is_clean - is current in no function of the universe that it would leave?
 * @sp: where ftrace says that the stack was when it was called, ...
 * @parent_ip: ... and whom it calls the caller
 *
 * For a handler of ftrace's, in the task's own context. What lies between that place and here is the handler's and
 * ftrace's, which saves a few registers in room for all: the rest of it holds what earlier calls left, and for a
 * thread that goes round in a loop always the same.
 */
bool notrace __no_sanitize_address kgr_own_stack_is_clean(unsigned long sp, unsigned long parent_ip)
{
	unsigned long from = (unsigned long)__builtin_frame_address(0);
	unsigned long end = (unsigned long)task_stack_page(current) + THREAD_SIZE;
	const struct unwanted what = {};

	if (sp > from && sp <= end - sizeof(long) && IS_ALIGNED(sp, sizeof(long)) &&
	    kgr_arch_is_return_slot(sp, parent_ip))
		from = sp;
	return is_clean(current, from, &what);
}

/**
 * kgr_idle_stack_is_clean - the same for the idle task of the CPU this runs on
 * @idle: that task; it cannot run as long as the caller does not let it
 */
bool kgr_idle_stack_is_clean(struct task_struct *idle)
{
	const struct unwanted what = {};

	return is_clean(idle, kgr_arch_saved_stack_pointer(idle), &what);
}

/* What is asked of a task that is to be moved by its stack, while it is held off the CPU: before, it may run. */
struct request {
	struct kgr_task_state *state;
	struct unwanted what;
	bool ran; /* it may have called a stale function since the transition began */
	bool asleep; /* it must not be waiting for a CPU either, ... */
	u32 slept; /* ... and have slept that often in its life */
};

static bool is_asleep(const struct task_struct *task)
{
	unsigned int state = READ_ONCE(task->__state);

	/* Its waker may have handed it to another CPU, whose queue it is not on yet. */
	return !READ_ONCE(task->on_rq) && state != TASK_RUNNING &&
	       !(state & (TASK_WAKING | TASK_NEW));
}

/*
 * Called by task_call_func() of the kernel: nobody wakes the task, and no CPU begins to run it. What is
 * interrupted may have its place in a register only, on the way from a trampoline to a function for
 * example: there it takes the unwinder, which does not go past an interrupt of the kernel.
 */
static int move_if_clean(struct task_struct *task, void *arg)
{
	const struct request *request = arg;
	u64 start = local_clock();
	bool clean = false;

	/* Pairs with the release in finish_task(): the stack is written. */
	if (smp_load_acquire(&task->on_cpu))
		return false;
	if (!request->ran && kgr_task_ran_stale(request->state))
		return false;
	if (is_asleep(task))
		clean = (!request->asleep || (u32)READ_ONCE(task->nvcsw) == request->slept) &&
			is_clean(task, kgr_arch_saved_stack_pointer(task), &request->what);
	else if (!request->asleep)
		clean = hidden_are_clean(task, &request->what) &&
			trace_is_clean(task, &request->what);
	if (clean)
		kgr_task_move(request->state);
	note_irqs_off(start);
	return clean;
}

static bool move_if(struct request *request)
{
	struct task_struct *task = request->state->task;
	bool moved;

	if (!try_get_task_stack(task)) {
		/* Nothing is left of it that could be in an old function. */
		kgr_task_move(request->state);
		return true;
	}
	moved = kgr_call(task_call_func)(task, move_if_clean, request);
	kgr_call(put_task_stack)(task);
	return moved;
}

/**
 * kgr_move_if_off_cpu - move a task that runs on no CPU, has no stale text on its stack, and has called no
 * stale function since the transition began
 * @state: of the task
 *
 * Return: whether it has moved.
 */
bool kgr_move_if_off_cpu(struct kgr_task_state *state)
{
	struct request request = { .state = state };

	return move_if(&request);
}

/**
 * kgr_move_if_asleep - move a task that sleeps and has no stale text and no work item on its stack
 * @state: of the task
 * @slept: how often it had slept in its life (nvcsw) when that was decided; not if it slept again since
 * @ran: even if it has called a stale function since the transition began
 */
void kgr_move_if_asleep(struct kgr_task_state *state, u32 slept, bool ran)
{
	struct request request = {
		.state = state,
		.what = { .work = true },
		.ran = ran,
		.asleep = true,
		.slept = slept,
	};

	move_if(&request);
}

/* As move_if_clean(). */
static int is_asleep_inside(struct task_struct *task, void *unused)
{
	const struct unwanted what = {};
	u64 start = local_clock();
	bool inside;

	/* As above. */
	inside = !smp_load_acquire(&task->on_cpu) && is_asleep(task) &&
		 !is_clean(task, kgr_arch_saved_stack_pointer(task), &what);
	note_irqs_off(start);
	return inside;
}

/**
 * kgr_met_stale_text - has a task called a stale function since the transition began, or sleeps inside one?
 * @state: of the task
 */
bool kgr_met_stale_text(struct kgr_task_state *state)
{
	bool inside;

	if (kgr_task_ran_stale(state))
		return true;
	if (!try_get_task_stack(state->task))
		return false;
	inside = kgr_call(task_call_func)(state->task, is_asleep_inside, NULL);
	kgr_call(put_task_stack)(state->task);
	return inside;
}
