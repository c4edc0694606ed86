/* SPDX-License-Identifier: GPL-2.0-only */
/* All that differs between the kernels that kgraft supports: 6.1, 6.12 and 7.2. */
#ifndef KGR_COMPAT_H
#define KGR_COMPAT_H

#include <linux/ftrace.h>
#include <linux/rethook.h>
#include <linux/sched.h>
#include <linux/sysfs.h>
#include <linux/version.h>
#include <linux/workqueue.h>

#ifndef CONFIG_DYNAMIC_FTRACE_WITH_ARGS
#error "kgraft needs CONFIG_DYNAMIC_FTRACE_WITH_ARGS"
#endif
#ifdef CONFIG_PREEMPT_RT
#error "kgraft does not support CONFIG_PREEMPT_RT: interrupts are threads there"
#endif

/* Threads that never return to user space; 6.12 has more kinds of them, under another name. */
#ifdef PF_USER_WORKER
#define KGR_PF_KERNEL (PF_KTHREAD | PF_USER_WORKER)
#else
#define KGR_PF_KERNEL (PF_KTHREAD | PF_IO_WORKER)
#endif

/* For work that may run anywhere: renamed, and 7.2 warns of the old name. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0)
#define kgr_unbound_wq system_dfl_wq
#else
#define kgr_unbound_wq system_unbound_wq
#endif

/* What a binary file of sysfs is read with: constant since 6.16. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 16, 0)
#define KGR_BIN_ATTRIBUTE const struct bin_attribute
#else
#define KGR_BIN_ATTRIBUTE struct bin_attribute
#endif

/**
 * kgr_hidden_return - return addresses that tracers keep elsewhere than on the stack
 * @task: current, or a task that does not run
 * @i: counts them
 * @pc: the address
 *
 * Return: false if there is no such.
 */
static inline bool notrace kgr_hidden_return(struct task_struct *task, unsigned int i,
					     unsigned long *pc)
{
#ifdef CONFIG_FUNCTION_GRAPH_TRACER
	if (task->ret_stack) {
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
		/* Words of several kinds: each counts as an address. */
		unsigned int n = task->curr_ret_stack;

		if (i < n) {
			*pc = task->ret_stack[i];
			return true;
		}
#else
		unsigned int n = task->curr_ret_stack + 1;

		if (i < n) {
			*pc = task->ret_stack[i].ret;
			return true;
		}
#endif
		i -= n;
	}
#endif
#ifdef CONFIG_RETHOOK
	{
		struct llist_node *node = task->rethooks.first;

		while (node && i--)
			node = node->next;
		if (node) {
			*pc = container_of(node, struct rethook_node, llist)->ret_addr;
			return true;
		}
	}
#endif
	return false;
}

#endif
