// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where a task moves to the target universe by itself, since it is in the middle of nothing: a user task on its
 * way out to user space, as task_work_run() is called; a kernel thread between two rounds of its work. And where
 * new tasks are seen. All are entries of functions, seen before the handler there (handler.c) chooses, for ftrace
 * calls last who came first: so any of them may itself be replaced.
 *
 * The end of a round is a place, not the name of a function that is called there:
 *
 *	worker of a workqueue		it takes the next item: process_one_work()
 *	thread of a kthread_worker	the same: a tracepoint in kthread_worker_fn()
 *	any other thread		its own function, which kthread() called, asks kthread_should_stop(), parks or
 *					freezes, while it is not waiting
 *
 * That function also asks where it starts to wait for something in the middle of a round. So it moves for now, and
 * back if the next that it does is to wait (prepare_to_wait_event()); a "while (!kthread_should_stop())" before a
 * wait is told from the condition of the wait by the second question that follows. Of this round of a thread,
 * which calls what is patched in a() and b(), the first question is the end and the others are not:
 *
 *	while (!kthread_should_stop()) {				moves for now
 *		a();							stays moved
 *		wait_event(queue, kthread_should_stop() || more);	would move for now, and back, twice
 *		b();
 *	}
 *
 * A wait may ask while the thread runs, too: when it has woken up (in Linux 7.2), and when a signal
 * is there and it does not sleep at all. So from prepare_to_wait_event() on the first question that
 * is asked before finish_wait() is the wait's; and the first of all, since the thread may be
 * waiting as the transition begins, or turns round.
 *
 * Task work makes a task pass there, and also runs in the middle of system calls, so the stack tells which it is. Of
 * these two traces the first moves the task, the second does not:
 *
 *	task_work_run			task_work_run
 *	exit_to_user_mode_loop		xfer_to_guest_mode_handle_work
 *	exit_to_user_mode_prepare	kvm_arch_vcpu_ioctl_run
 *	syscall_exit_to_user_mode	kvm_vcpu_ioctl
 *	do_syscall_64			...
 *	entry_SYSCALL_64_after_hwframe	entry_SYSCALL_64_after_hwframe
 *
 * A patch may replace what stands below task_work_run() in the first. Where the old function would be left behind on
 * the stack the task moves earlier, at the entry of that function itself.
 */
#include <linux/ftrace.h>
#include <linux/kthread.h>
#include <linux/preempt.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/stacktrace.h>
#include <linux/string.h>
#include <linux/task_work.h>
#include <linux/tracepoint.h>

#include "arch.h"
#include "compat.h"
#include "redirect-table.h"
#include "task-state.h"
#include "unexported.h"

KGR_CALLED(task_work_add);
KGR_CALLED(task_work_cancel_match);
KGR_UNEXPORTED(task_work_run);
KGR_UNEXPORTED(syscall_exit_work);
KGR_UNEXPORTED(ptrace_notify);
KGR_CALLED(ftrace_location);
KGR_UNEXPORTED(wake_up_new_task);
KGR_UNEXPORTED(kthread_should_stop);
KGR_UNEXPORTED(kthread_parkme);
KGR_UNEXPORTED(kthread_freezable_should_stop);
KGR_UNEXPORTED(__refrigerator);
KGR_UNEXPORTED(process_one_work);
KGR_UNEXPORTED(prepare_to_wait_event);
KGR_UNEXPORTED(prepare_to_swait_event);
KGR_UNEXPORTED(finish_wait);
KGR_UNEXPORTED(finish_swait);
KGR_UNEXPORTED(__tracepoint_sched_kthread_work_execute_start);

#define MAX_FRAMES 24

/*
 * What a patch has besides its new functions is part of the next on the stack that is one. Where that only calls on the
 * way out, so does this; the entry code calls system calls as well, and one that was replaced may have ended with a
 * jump here.
 */
static bool notrace is_way_out(const unsigned long *frames, unsigned int i, unsigned int n)
{
	unsigned long text = kgr_kernel_text(frames[i]);

	if (text)
		return kgr_arch_is_exit_path(text);
	while (!text && ++i < n)
		text = kgr_kernel_text(frames[i]);
	return kgr_arch_is_exit_function(text);
}

/*
 * A tracer is told of the end of a system call, which is over then, as of its beginning. Where both are inlined into
 * the entry code, as in Linux 7.2, that is which tells: the call's body has not begun, or is over.
 */
static bool notrace tells_of_end(unsigned long pc)
{
	if (kgr_address(syscall_exit_work))
		return kgr_is_in_function(pc, &kgr_link_syscall_exit_work);
	return kgr_arch_is_exit_path(kgr_kernel_text(pc));
}

/*
 * Task work also runs in the middle of system calls: before KVM enters a guest, while io_uring
 * waits, in do_exit(). Only if nothing but the way out lies between the entry code and
 * task_work_run() has this task left its system call behind: its body is over. A signal is dealt with
 * from its start in the universe that the task moves to, for get_signal() has task work done before it
 * looks for one (kernel/signal.c). No function on the way may be stale.
 */
static noinline bool notrace is_leaving_kernel(unsigned long parent_ip)
{
	unsigned long frames[MAX_FRAMES];
	unsigned int n = stack_trace_save(frames, MAX_FRAMES, 0), i = 0;

	while (i < n && frames[i] != parent_ip)
		i++;
	/* A trace that was cut proves nothing, nor does one that does not reach the entry code. */
	if (i >= n || n == MAX_FRAMES || !kgr_arch_is_entry_code(frames[n - 1]))
		return false;
	if (i + 1 < n && kgr_is_in_function(frames[i], &kgr_link_ptrace_notify) &&
	    tells_of_end(frames[i + 1])) {
		if (kgr_is_stale_text(frames[i]) || kgr_is_stale_text(frames[i + 1]))
			return false;
		i += 2;
	}
	for (; i < n; i++) {
		if (kgr_is_stale_text(frames[i]) || !is_way_out(frames, i, n))
			return false;
	}
	return true;
}

/**
 * kgr_check_way_in - do tasks come into this kernel where they are believed to?
 *
 * Asked of the task that loads the patch, by its stack. Otherwise nobody would ever be seen to leave the kernel.
 *
 * Return: 0 or a negative error, which is logged.
 */
int kgr_check_way_in(void)
{
	unsigned long frames[MAX_FRAMES];
	unsigned int n = stack_trace_save(frames, MAX_FRAMES, 0);

	if (!n || n == MAX_FRAMES || kgr_arch_is_entry_code(frames[n - 1]))
		return 0;
	pr_err("%s: tasks enter this kernel at %pS, where this kgraft does not expect them, so it could not tell who has left it: a newer kgraft may\n",
	       kgr_patch.name, (void *)frames[n - 1]);
	return -EOPNOTSUPP;
}

/* Its job was to have task_work_run() called. */
static void on_task_work(struct callback_head *work)
{
	struct kgr_task_state *state = container_of(work, struct kgr_task_state, work);

	/* The state may be freed once this is seen. */
	smp_store_release(&state->queued, 0);
}

/**
 * kgr_task_queue_work - have the task look at its state when it leaves the kernel
 * @state: of a task that can get there
 *
 * Under kgr_states_lock(). Does nothing if that is under way already.
 */
void kgr_task_queue_work(struct kgr_task_state *state)
{
	/* Pairs with on_task_work(): the entry is ours again. */
	if (smp_load_acquire(&state->queued))
		return;
	state->queued = 1;
	init_task_work(&state->work, on_task_work);
	if (kgr_call(task_work_add)(state->task, &state->work, TWA_RESUME))
		state->queued = 0;
}

static bool is_this(struct callback_head *work, void *data)
{
	struct kgr_task_state *state = data;

	return work == &state->work;
}

/**
 * kgr_task_cancel_work - take work back that the task did not get to
 * @state: the task's
 *
 * Return: true if none is queued or running any more.
 */
bool kgr_task_cancel_work(struct kgr_task_state *state)
{
	/* Pairs with on_task_work(): it is done with the state. */
	if (!smp_load_acquire(&state->queued))
		return true;
	if (kgr_call(task_work_cancel_match)(state->task, is_this, state))
		state->queued = 0;
	/* As above. */
	return !smp_load_acquire(&state->queued);
}

static unsigned long new_task_ip, task_work_ip, next_item_ip;
static unsigned long wait_ip, swait_ip, end_of_wait_ip, end_of_swait_ip;

/*
 * Has the thread's own function called what ftrace has interrupted? Above it there is kthread() only, and the
 * place where new tasks begin.
 */
static noinline bool notrace is_called_by_thread_function(unsigned long parent_ip)
{
	unsigned long frames[MAX_FRAMES];
	unsigned int n = stack_trace_save(frames, MAX_FRAMES, 0), i = 0;

	while (i < n && frames[i] != parent_ip)
		i++;
	return i + 2 < n && kgr_arch_is_entry_code(frames[i + 2]);
}

/* Unless the thread's own loop is an old function, nothing old is under way. */
static void notrace at_end_of_item(struct kgr_task_state *state, unsigned long parent_ip,
				   struct ftrace_regs *fregs)
{
	if (kgr_own_stack_is_clean(kgr_arch_stack_pointer(fregs), parent_ip))
		kgr_task_move(state);
}

static void notrace at_question(struct kgr_task_state *state, unsigned long parent_ip,
				struct ftrace_regs *fregs)
{
	if (READ_ONCE(current->__state) != TASK_RUNNING || !is_called_by_thread_function(parent_ip))
		return;
	if (state->waits)
		state->waits = 0;
	else if (state->universe != state->settled)
		kgr_task_settle(state);
	else if (kgr_own_stack_is_clean(kgr_arch_stack_pointer(fregs), parent_ip))
		kgr_task_move_for_now(state);
}

static void notrace at_wait(struct kgr_task_state *state, unsigned long parent_ip)
{
	if (!is_called_by_thread_function(parent_ip))
		return;
	if (state->universe != state->settled)
		kgr_task_move_back(state);
	state->waits = 1;
}

static void notrace at_end_of_wait(struct kgr_task_state *state, unsigned long parent_ip)
{
	if (state->waits && is_called_by_thread_function(parent_ip))
		state->waits = 0;
}

static void notrace at_user_switch_point(unsigned long ip, unsigned long parent_ip,
					 struct kgr_task_state *state)
{
	if ((ip == task_work_ip || kgr_arch_is_exit_path(ip)) && is_leaving_kernel(parent_ip))
		kgr_task_move(state);
}

static void notrace at_kthread_switch_point(unsigned long ip, unsigned long parent_ip,
					    struct ftrace_regs *fregs, struct kgr_task_state *state)
{
	if (ip == next_item_ip)
		at_end_of_item(state, parent_ip, fregs);
	else if (current->flags & PF_WQ_WORKER)
		return;
	else if (ip == wait_ip || ip == swait_ip)
		at_wait(state, parent_ip);
	else if (ip == end_of_wait_ip || ip == end_of_swait_ip)
		at_end_of_wait(state, parent_ip);
	else if (ip != task_work_ip)
		at_question(state, parent_ip, fregs);
}

static void notrace at_switch_point(unsigned long ip, unsigned long parent_ip,
				    struct ftrace_regs *fregs)
{
	struct kgr_task_state *state = kgr_task_state_of(current);

	if (!state || kgr_task_moved(state))
		return;
	if (current->flags & PF_KTHREAD)
		at_kthread_switch_point(ip, parent_ip, fregs, state);
	else if (!(current->flags & KGR_PF_KERNEL))
		at_user_switch_point(ip, parent_ip, state);
}

static void notrace on_switch_point(unsigned long ip, unsigned long parent_ip,
				    struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	int bit;

	if (ip == new_task_ip) {
		kgr_add_new_task((struct task_struct *)kgr_arch_first_arg(fregs));
		return;
	}
	if (in_nmi() || in_hardirq() || in_serving_softirq())
		return;
	bit = ftrace_test_recursion_trylock(ip, parent_ip);
	if (bit < 0)
		return;
	at_switch_point(ip, parent_ip, fregs);
	ftrace_test_recursion_unlock(bit);
}

/* In kthread_worker_fn(), before it calls an item's function. */
static void before_kthread_work(void *unused, struct kthread_work *work)
{
	struct kgr_task_state *state;

	/* As in ftrace's handlers: who turns the transition round waits for the end of that (move.c). */
	preempt_disable_notrace();
	state = kgr_task_state_of(current);
	if (state && !kgr_task_moved(state) && kgr_own_stack_is_clean(0, 0))
		kgr_task_move(state);
	preempt_enable_notrace();
}

static struct tracepoint *next_kthread_work(void)
{
	return (struct tracepoint *)kgr_address(__tracepoint_sched_kthread_work_execute_start);
}

static struct ftrace_ops switch_point_ops;

static int hook(unsigned long function, unsigned long *ip)
{
	unsigned long entry = function ? kgr_call(ftrace_location)(function) : 0;

	/* What this kernel inlined or does not trace is no loss: others remain. */
	if (ip)
		*ip = entry;
	return entry ? ftrace_set_filter_ip(&switch_point_ops, entry, 0, 0) : 0;
}

/* Where the patch itself replaces the way out. */
static int hook_replaced_exit_functions(void)
{
	unsigned long function, entry;
	unsigned int i;
	int err = 0;

	for (i = 0; !err && (function = kgr_arch_exit_function(i)) != -1UL; i++) {
		entry = function ? kgr_call(ftrace_location)(function) : 0;
		if (entry && kgr_find_redirection(entry))
			err = hook(function, NULL);
	}
	return err;
}

static int hook_all(void)
{
	int err = hook(kgr_address(wake_up_new_task), &new_task_ip);

	err = err ?: hook(kgr_address(task_work_run), &task_work_ip);
	err = err ?: hook_replaced_exit_functions();
	err = err ?: hook(kgr_address(process_one_work), &next_item_ip);
	err = err ?: hook(kgr_address(prepare_to_wait_event), &wait_ip);
	err = err ?: hook(kgr_address(prepare_to_swait_event), &swait_ip);
	err = err ?: hook(kgr_address(finish_wait), &end_of_wait_ip);
	err = err ?: hook(kgr_address(finish_swait), &end_of_swait_ip);
	err = err ?: hook(kgr_address(kthread_freezable_should_stop), NULL);
	err = err ?: hook(kgr_address(kthread_parkme), NULL);
	err = err ?: hook(kgr_address(__refrigerator), NULL);
	/* Without seeing who waits nobody can tell what the question means. */
	if (wait_ip && swait_ip && end_of_wait_ip && end_of_swait_ip)
		err = err ?: hook(kgr_address(kthread_should_stop), NULL);
	return err ?: (new_task_ip && task_work_ip ? 0 : -ENOENT);
}

/**
 * kgr_switch_points_register - see new tasks and completion points from now on
 *
 * Return: 0 or a negative error with nothing left behind.
 */
int kgr_switch_points_register(void)
{
	int err;

	/* ftrace_free_filter() leaves pointers to what it freed: every use starts from nothing. */
	memset(&switch_point_ops, 0, sizeof(switch_point_ops));
	switch_point_ops.func = on_switch_point;
	/* Nobody would move while ftrace is switched off. */
	switch_point_ops.flags = FTRACE_OPS_FL_PERMANENT;
	err = hook_all() ?: register_ftrace_function(&switch_point_ops);
	if (err) {
		pr_err("%s: ftrace does not show where tasks move (error %d)%s\n", kgr_patch.name,
		       err, err == -EBUSY ? ": is kernel.ftrace_enabled 0?" : "");
		ftrace_free_filter(&switch_point_ops);
		return err;
	}
	err = next_kthread_work() ?
		      tracepoint_probe_register(next_kthread_work(), before_kthread_work, NULL) :
		      0;
	if (err) {
		unregister_ftrace_function(&switch_point_ops);
		ftrace_free_filter(&switch_point_ops);
	}
	return err;
}

/**
 * kgr_switch_points_unregister - stop that; nobody is in the handlers when this returns
 */
void kgr_switch_points_unregister(void)
{
	if (next_kthread_work()) {
		tracepoint_probe_unregister(next_kthread_work(), before_kthread_work, NULL);
		tracepoint_synchronize_unregister();
	}
	unregister_ftrace_function(&switch_point_ops);
	ftrace_free_filter(&switch_point_ops);
}
