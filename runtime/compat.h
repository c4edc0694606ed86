/* SPDX-License-Identifier: GPL-2.0-only */
/* All that differs between the kernels that kgraft supports: 6.1 and 6.12. */
#ifndef KGR_COMPAT_H
#define KGR_COMPAT_H

#include <linux/ftrace.h>
#include <linux/sched.h>
#include <linux/version.h>

#ifndef CONFIG_X86_64
#error "kgraft's runtime supports x86-64 only"
#endif
#ifndef CONFIG_DYNAMIC_FTRACE_WITH_ARGS
#error "kgraft needs CONFIG_DYNAMIC_FTRACE_WITH_ARGS"
#endif
#ifdef CONFIG_PREEMPT_RT
#error "kgraft does not support CONFIG_PREEMPT_RT: interrupts are threads there"
#endif

/* 6.12 hides the registers behind arch_ftrace_regs() and renamed the setter. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
static __always_inline void kgr_set_ip(struct ftrace_regs *fregs, unsigned long ip)
{
	ftrace_regs_set_instruction_pointer(fregs, ip);
}

static __always_inline unsigned long kgr_first_arg(struct ftrace_regs *fregs)
{
	return ftrace_regs_get_argument(fregs, 0);
}
#else
static __always_inline void kgr_set_ip(struct ftrace_regs *fregs, unsigned long ip)
{
	ftrace_instruction_pointer_set(fregs, ip);
}

static __always_inline unsigned long kgr_first_arg(struct ftrace_regs *fregs)
{
	return fregs->regs.di;
}
#endif

/*
 * Tracers that keep return addresses elsewhere than on the stack. What they hold is not looked
 * through: a task that has any is not judged by its stack.
 */
static inline bool kgr_has_hidden_returns(struct task_struct *task)
{
#ifdef CONFIG_FUNCTION_GRAPH_TRACER
	if (task->ret_stack && task->curr_ret_stack >= 0)
		return true;
#endif
#ifdef CONFIG_RETHOOK
	if (task->rethooks.first)
		return true;
#elif defined(CONFIG_KRETPROBES)
	if (task->kretprobe_instances.first)
		return true;
#endif
	return false;
}

#endif
