// SPDX-License-Identifier: GPL-2.0-only
/*
 * The places where a task is in no universe's middle: on its way out to user space, and a kernel
 * thread between two rounds of its work. There it moves by itself.
 */
#include <linux/ftrace.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/stacktrace.h>
#include <linux/string.h>
#include <linux/task_work.h>

#include "compat.h"
#include "mark.h"
#include "unexported.h"

KGR_CALLED(task_work_add);
KGR_CALLED(task_work_cancel_match);
KGR_UNEXPORTED(task_work_run);
KGR_UNEXPORTED(get_signal);
KGR_UNEXPORTED(arch_do_signal_or_restart);
KGR_UNEXPORTED(exit_to_user_mode_loop);
KGR_UNEXPORTED(exit_to_user_mode_prepare);
KGR_UNEXPORTED(syscall_exit_to_user_mode);
KGR_UNEXPORTED(syscall_exit_work);
KGR_UNEXPORTED(ptrace_notify);
KGR_UNEXPORTED(ret_from_fork);
KGR_UNEXPORTED(ret_from_fork_asm);
KGR_CALLED(ftrace_location);
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

static bool is_birth_path(unsigned long pc)
{
	return kgr_in_text(pc, &kgr_link_ret_from_fork) ||
	       kgr_in_text(pc, &kgr_link_ret_from_fork_asm);
}

/* Code between a system call's or an exception's body and user space. */
static bool is_exit_path(unsigned long pc)
{
	return between(pc, kgr_address(__entry_text_start), kgr_address(__entry_text_end)) ||
	       between(pc, kgr_address(__noinstr_text_start), kgr_address(__noinstr_text_end)) ||
	       kgr_in_text(pc, &kgr_link_exit_to_user_mode_loop) ||
	       kgr_in_text(pc, &kgr_link_exit_to_user_mode_prepare) ||
	       kgr_in_text(pc, &kgr_link_syscall_exit_to_user_mode) ||
	       kgr_in_text(pc, &kgr_link_get_signal) ||
	       kgr_in_text(pc, &kgr_link_arch_do_signal_or_restart) || is_birth_path(pc);
}

/*
 * Task work also runs in the middle of system calls: before KVM enters a guest, while io_uring
 * waits, in do_exit(). Only if nothing but the way out lies between the entry code and
 * task_work_run() has this task left its system call behind: its body is over. A signal is dealt with
 * from its start in the universe that the task moves to, for get_signal() has task work done before it
 * looks for one (kernel/signal.c). No function on the way may be one that is left.
 */
static noinline bool is_leaving_kernel(void)
{
	unsigned long frames[MAX_FRAMES];
	unsigned int n = stack_trace_save(frames, MAX_FRAMES, 0), i = 0;

	while (i < n && !kgr_in_text(frames[i], &kgr_link_task_work_run))
		i++;
	/* A trace that was cut proves nothing, nor does one that does not reach the entry code. */
	if (i >= n || n == MAX_FRAMES ||
	    !(between(frames[n - 1], kgr_address(__entry_text_start),
		      kgr_address(__entry_text_end)) ||
	      is_birth_path(frames[n - 1])))
		return false;
	i++;
	/* A tracer is told of the end of a system call, which is over then, as of its beginning. */
	if (i + 1 < n && kgr_in_text(frames[i], &kgr_link_ptrace_notify) &&
	    kgr_in_text(frames[i + 1], &kgr_link_syscall_exit_work)) {
		if (kgr_is_left_text(frames[i]) || kgr_is_left_text(frames[i + 1]))
			return false;
		i += 2;
	}
	for (; i < n; i++) {
		if (kgr_is_left_text(frames[i]) || !is_exit_path(frames[i]))
			return false;
	}
	return true;
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
static void notrace at_completion_point(unsigned long parent_ip, struct ftrace_regs *fregs)
{
	struct kgr_mark *mark = kgr_mark_of(current);

	if (mark && !kgr_mark_moved(mark) &&
	    kgr_own_stack_is_clean(kgr_stack_pointer(fregs), parent_ip))
		kgr_mark_move(mark);
}

static unsigned long birth_ip;

static void notrace on_boundary(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *ops,
				struct ftrace_regs *fregs)
{
	int bit;

	if (ip == birth_ip) {
		kgr_mark_newborn((struct task_struct *)kgr_first_arg(fregs));
		return;
	}
	if (!(current->flags & PF_KTHREAD) || in_nmi() || in_hardirq() || in_serving_softirq())
		return;
	bit = ftrace_test_recursion_trylock(ip, parent_ip);
	if (bit < 0)
		return;
	at_completion_point(parent_ip, fregs);
	ftrace_test_recursion_unlock(bit);
}

static struct ftrace_ops boundary_ops;

/**
 * kgr_boundaries_watch - see births and completion points from now on
 *
 * Return: 0 or a negative error with nothing left behind.
 */
int kgr_boundaries_watch(void)
{
	/* What this kernel inlined or does not trace is no loss: others remain. */
	const unsigned long points[] = {
		kgr_address(kthread_should_stop), kgr_address(kthread_parkme),
		kgr_address(__kthread_parkme),	  kgr_address(__refrigerator),
		kgr_address(process_one_work),
	};
	unsigned int i;
	int err;

	/* ftrace_free_filter() leaves pointers to what it freed: every use starts from nothing. */
	memset(&boundary_ops, 0, sizeof(boundary_ops));
	boundary_ops.func = on_boundary;
	birth_ip = kgr_call(ftrace_location)(kgr_address(wake_up_new_task));
	err = birth_ip ? ftrace_set_filter_ip(&boundary_ops, birth_ip, 0, 0) : -ENOENT;
	for (i = 0; !err && i < ARRAY_SIZE(points); i++) {
		if (points[i] && kgr_call(ftrace_location)(points[i]))
			err = ftrace_set_filter_ip(&boundary_ops, points[i], 0, 0);
	}
	err = err ?: register_ftrace_function(&boundary_ops);
	if (err)
		ftrace_free_filter(&boundary_ops);
	return err;
}

/**
 * kgr_boundaries_unwatch - stop that; nobody is in the handler when this returns
 */
void kgr_boundaries_unwatch(void)
{
	unregister_ftrace_function(&boundary_ops);
	ftrace_free_filter(&boundary_ops);
}
