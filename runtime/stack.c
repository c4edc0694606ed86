// SPDX-License-Identifier: GPL-2.0-only
/*
 * The conservative stack check: any word of a stack that points into a function of the universe
 * that is being left counts as a return address. It can be wrong in one way only, by seeing a call
 * that is not there, and then somebody waits a little longer.
 */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>

#include "compat.h"
#include "mark.h"
#include "unexported.h"

KGR_UNEXPORTED(put_task_stack);

static bool notrace points_into_left(unsigned long word)
{
	struct kgr_func *func;
	int part;

	if (kgr_target_universe() == KGR_OLD)
		return word > (unsigned long)kgr_text && word <= (unsigned long)kgr_text_end;
	kgr_for_each_func(func) {
		for (part = 0; part < ARRAY_SIZE(func->old); part++) {
			unsigned long start = func->old[part].address + kgr_slide;

			/* A call may be a function's last instruction: its end counts. */
			if (func->old[part].size && word > start &&
			    word <= start + func->old[part].size)
				return true;
		}
	}
	return false;
}

/* The words are read as they are: this is no frame walk, and KASAN has no say in it. */
static bool notrace __no_sanitize_address is_clean(unsigned long from, unsigned long end)
{
	unsigned long *word;

	for (word = (unsigned long *)ALIGN(from, sizeof(long)); word < (unsigned long *)end;
	     word++) {
		if (points_into_left(READ_ONCE_NOCHECK(*word)))
			return false;
	}
	return true;
}

/**
 * kgr_own_stack_is_clean - is current in no function of the universe that it would leave?
 */
bool notrace kgr_own_stack_is_clean(void)
{
	unsigned long end = (unsigned long)task_stack_page(current) + THREAD_SIZE;
	unsigned long from = (unsigned long)__builtin_frame_address(0);

	return !kgr_has_hidden_returns(current) && is_clean(from, end);
}

static bool stack_is_clean(struct task_struct *task)
{
	unsigned long end = (unsigned long)task_stack_page(task) + THREAD_SIZE;

	return !kgr_has_hidden_returns(task) && is_clean(task->thread.sp, end);
}

/**
 * kgr_idle_stack_is_clean - the same for the idle task of the CPU this runs on
 * @idle: that task; it cannot run as long as the caller does not let it
 */
bool kgr_idle_stack_is_clean(struct task_struct *idle)
{
	return stack_is_clean(idle);
}

/**
 * kgr_move_if_asleep - move a task that sleeps outside of what is left
 * @mark: its mark
 *
 * With pi_lock held nobody can wake the task (try_to_wake_up() takes it first), and a task that is
 * neither queued nor on a CPU does not run: its stack stays what it is.
 *
 * Return: true if it moved.
 */
bool kgr_move_if_asleep(struct kgr_mark *mark)
{
	struct task_struct *task = mark->task;
	unsigned long flags;
	bool moved = false;

	if (!try_get_task_stack(task)) {
		/* Nothing is left of it that could be in an old function. */
		kgr_mark_move(mark);
		return true;
	}
	raw_spin_lock_irqsave(&task->pi_lock, flags);
	if (!READ_ONCE(task->on_rq) && !READ_ONCE(task->on_cpu) && !task_is_running(task)) {
		/* Pairs with the release of on_cpu in finish_task(): the stack is written. */
		smp_rmb();
		moved = stack_is_clean(task);
		if (moved)
			kgr_mark_move(mark);
	}
	raw_spin_unlock_irqrestore(&task->pi_lock, flags);
	kgr_call(put_task_stack)(task);
	return moved;
}
