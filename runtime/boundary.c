// SPDX-License-Identifier: GPL-2.0-only
/*
 * The places where a task is in no universe's middle: on its way out to user space, and a kernel
 * thread between two rounds of its work. There it moves by itself.
 */
#include <linux/ftrace.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/stacktrace.h>
#include <linux/string.h>
#include <linux/task_work.h>

#include "compat.h"
#include "mark.h"
#include "unexported.h"

KGR_UNEXPORTED(task_work_add);
KGR_UNEXPORTED(task_work_cancel_match);
KGR_UNEXPORTED(task_work_run);
KGR_UNEXPORTED(get_signal);
KGR_UNEXPORTED(arch_do_signal_or_restart);
KGR_UNEXPORTED(exit_to_user_mode_loop);
KGR_UNEXPORTED(exit_to_user_mode_prepare);
KGR_UNEXPORTED(syscall_exit_to_user_mode);
KGR_UNEXPORTED(ret_from_fork);
KGR_UNEXPORTED(__entry_text_start);
KGR_UNEXPORTED(__entry_text_end);
KGR_UNEXPORTED(__noinstr_text_start);
KGR_UNEXPORTED(__noinstr_text_end);
KGR_UNEXPORTED(wake_up_new_task);
KGR_UNEXPORTED(kthread_should_stop);
KGR_UNEXPORTED(kthread_parkme);
KGR_UNEXPORTED(__kthread_parkme);
KGR_UNEXPORTED(__refrigerator);
KGR_UNEXPORTED(process_one_work);

#define MAX_FRAMES 24

static bool between(unsigned long pc, unsigned long start, unsigned long end)
{
	return start && pc >= start && pc < end;
}

static bool in_text(unsigned long pc, const struct kgr_text *text)
{
	return text->address &&
	       between(pc, text->address + kgr_slide, text->address + kgr_slide + text->size + 1);
}

/* Code between a system call's or an exception's body and user space. */
static bool is_exit_path(unsigned long pc)
{
	return between(pc, kgr_address(__entry_text_start), kgr_address(__entry_text_end)) ||
	       between(pc, kgr_address(__noinstr_text_start), kgr_address(__noinstr_text_end)) ||
	       in_text(pc, &kgr_link_exit_to_user_mode_loop) ||
	       in_text(pc, &kgr_link_exit_to_user_mode_prepare) ||
	       in_text(pc, &kgr_link_syscall_exit_to_user_mode) ||
	       in_text(pc, &kgr_link_ret_from_fork);
}

static bool is_signal_path(unsigned long pc)
{
	return in_text(pc, &kgr_link_get_signal) ||
	       in_text(pc, &kgr_link_arch_do_signal_or_restart);
}

/*
 * Task work also runs in the middle of system calls: before KVM enters a guest, while io_uring
 * waits, in do_exit(). Only if nothing but the way out lies between the entry code and
 * task_work_run() has this task left its system call behind. On the signal path there must be no
 * signal either, or its delivery is still to come.
 */
static noinline bool is_leaving_kernel(void)
{
	unsigned long frames[MAX_FRAMES];
	unsigned int n = stack_trace_save(frames, MAX_FRAMES, 0), i = 0;
	bool signals = false;

	while (i < n && !in_text(frames[i], &kgr_link_task_work_run))
		i++;
	/* A trace that was cut proves nothing, nor does one that does not reach the entry code. */
	if (i >= n || n == MAX_FRAMES ||
	    !(between(frames[n - 1], kgr_address(__entry_text_start),
		      kgr_address(__entry_text_end)) ||
	      in_text(frames[n - 1], &kgr_link_ret_from_fork)))
		return false;
	for (i++; i < n; i++) {
		if (is_signal_path(frames[i]))
			signals = true;
		else if (!is_exit_path(frames[i]))
			return false;
	}
	return !signals || !task_sigpending(current);
}

static void on_task_work(struct callback_head *work)
{
	struct kgr_mark *mark = container_of(work, struct kgr_mark, work);

	if (!kgr_mark_moved(mark) && is_leaving_kernel())
		kgr_mark_move(mark);
	/* The mark may be freed once this is seen. */
	smp_store_release(&mark->queued, 0);
}

/**
 * kgr_mark_queue_work - have the task look at its mark when it leaves the kernel
 * @mark: of a task that can get there
 *
 * Under kgr_mutex. Does nothing if that is under way already.
 */
void kgr_mark_queue_work(struct kgr_mark *mark)
{
	/* Pairs with on_task_work(): the entry is ours again. */
	if (smp_load_acquire(&mark->queued))
		return;
	mark->queued = 1;
	init_task_work(&mark->work, on_task_work);
	if (kgr_call(task_work_add)(mark->task, &mark->work, TWA_RESUME))
		mark->queued = 0;
}

static bool is_this(struct callback_head *work, void *mark)
{
	return work == &((struct kgr_mark *)mark)->work;
}

/**
 * kgr_mark_cancel_work - take work back that the task did not get to
 * @mark: the task's mark
 *
 * Return: true if none is queued or running any more.
 */
bool kgr_mark_cancel_work(struct kgr_mark *mark)
{
	/* Pairs with on_task_work(): it is done with the mark. */
	if (!smp_load_acquire(&mark->queued))
		return true;
	if (kgr_call(task_work_cancel_match)(mark->task, is_this, mark))
		mark->queued = 0;
	/* As above. */
	return !smp_load_acquire(&mark->queued);
}

/* Between two rounds: unless the thread's own loop is an old function, nothing old is under way. */
static void notrace on_completion_point(unsigned long ip, unsigned long parent_ip,
					struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	struct kgr_mark *mark;
	int bit;

	if (!(current->flags & PF_KTHREAD) || in_nmi() || in_hardirq() || in_serving_softirq())
		return;
	bit = ftrace_test_recursion_trylock(ip, parent_ip);
	if (bit < 0)
		return;
	mark = kgr_mark_of(current);
	if (mark && !kgr_mark_moved(mark) && kgr_own_stack_is_clean())
		kgr_mark_move(mark);
	ftrace_test_recursion_unlock(bit);
}

static void notrace on_birth(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *ops,
			     struct ftrace_regs *fregs)
{
	kgr_mark_newborn((struct task_struct *)kgr_first_arg(fregs));
}

static struct ftrace_ops completion_ops, birth_ops;

static int watch(struct ftrace_ops *ops, ftrace_func_t func, const unsigned long *where,
		 unsigned int count)
{
	unsigned int i;
	int err = 0, any = 0;

	/* ftrace_free_filter() leaves pointers to what it freed: every use starts from nothing. */
	memset(ops, 0, sizeof(*ops));
	ops->func = func;
	for (i = 0; i < count; i++) {
		if (!where[i])
			continue;
		/* What this kernel inlined or does not trace is no loss: others remain. */
		if (!ftrace_set_filter_ip(ops, where[i], 0, 0))
			any = 1;
	}
	err = any ? register_ftrace_function(ops) : -ENOENT;
	if (err)
		ftrace_free_filter(ops);
	return err;
}

/**
 * kgr_boundaries_watch - see births and completion points from now on
 *
 * Return: 0 or a negative error with nothing left behind.
 */
int kgr_boundaries_watch(void)
{
	const unsigned long births[] = { kgr_address(wake_up_new_task) };
	const unsigned long points[] = {
		kgr_address(kthread_should_stop), kgr_address(kthread_parkme),
		kgr_address(__kthread_parkme),	  kgr_address(__refrigerator),
		kgr_address(process_one_work),
	};
	int err = watch(&birth_ops, on_birth, births, ARRAY_SIZE(births));

	if (err)
		return err;
	err = watch(&completion_ops, on_completion_point, points, ARRAY_SIZE(points));
	if (err) {
		unregister_ftrace_function(&birth_ops);
		ftrace_free_filter(&birth_ops);
	}
	return err;
}

/**
 * kgr_boundaries_unwatch - stop that; nobody is in the handlers when this returns
 */
void kgr_boundaries_unwatch(void)
{
	unregister_ftrace_function(&completion_ops);
	unregister_ftrace_function(&birth_ops);
	ftrace_free_filter(&completion_ops);
	ftrace_free_filter(&birth_ops);
	synchronize_rcu_tasks();
}
