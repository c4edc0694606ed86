/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What x86-64 decides. Another architecture's folder has an arch.h and a lengths.h that define the
 * same names, a call.h (calling functions that are not exported), and files that define the
 * functions declared at the end; its files.list and unexported.list name what else it needs.
 */
#ifndef KGR_ARCH_H
#define KGR_ARCH_H

#include <linux/ftrace.h>
#include <linux/kdebug.h>
#include <linux/preempt.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/types.h>
#include <linux/version.h>
#include <asm/ibt.h>
#include <asm/text-patching.h>

#include "lengths.h"

#ifndef CONFIG_X86_64
#error "kgraft's runtime supports x86-64 only"
#endif

struct jump_entry;
struct kgr_reloc;

/* Bytes that a jump label or a static call may rewrite. */
#define KGR_ARCH_SITE_SIZE 5

/* What die notifiers are told of a breakpoint. */
#define KGR_ARCH_BREAKPOINT_EVENT DIE_INT3

/*
 * What a breakpoint adds to preempt_count(), seen by its handler: the exception counts as an NMI
 * (irqentry_nmi_enter() in kernel/entry/common.c).
 */
#define KGR_ARCH_BREAKPOINT_PREEMPT_COUNT (NMI_OFFSET + HARDIRQ_OFFSET)

/*
 * For a function that ftrace calls at a fentry, in any context, NMI included: where to return to
 * instead of the fentry's own function (set_ip), the same as it is set now (get_ip), the hooked
 * function's first argument, and the stack pointer at the fentry, where the return address of the
 * hooked function stands. @fregs: what ftrace passes; valid until the function returns. 6.12 hides
 * the registers behind arch_ftrace_regs() and renamed the setter.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
static __always_inline void kgr_arch_set_ip(struct ftrace_regs *fregs, unsigned long ip)
{
	ftrace_regs_set_instruction_pointer(fregs, ip);
}

static __always_inline unsigned long kgr_arch_get_ip(struct ftrace_regs *fregs)
{
	return ftrace_regs_get_instruction_pointer(fregs);
}

static __always_inline unsigned long kgr_arch_first_arg(struct ftrace_regs *fregs)
{
	return ftrace_regs_get_argument(fregs, 0);
}

static __always_inline unsigned long kgr_arch_stack_pointer(struct ftrace_regs *fregs)
{
	return ftrace_regs_get_stack_pointer(fregs);
}
#else
static __always_inline void kgr_arch_set_ip(struct ftrace_regs *fregs, unsigned long ip)
{
	ftrace_instruction_pointer_set(fregs, ip);
}

static __always_inline unsigned long kgr_arch_get_ip(struct ftrace_regs *fregs)
{
	return fregs->regs.ip;
}

static __always_inline unsigned long kgr_arch_first_arg(struct ftrace_regs *fregs)
{
	return fregs->regs.di;
}

static __always_inline unsigned long kgr_arch_stack_pointer(struct ftrace_regs *fregs)
{
	return fregs->regs.sp;
}
#endif

/* Is @parent_ip, as ftrace tells it, what stands at @sp, ftrace's stack pointer: the return address? */
static __always_inline bool kgr_arch_is_return_slot(unsigned long sp, unsigned long parent_ip)
{
	return READ_ONCE_NOCHECK(*(unsigned long *)sp) == parent_ip;
}

/* The lowest address of a stack that is in use, of a task that no CPU runs. */
static __always_inline unsigned long kgr_arch_saved_stack_pointer(const struct task_struct *task)
{
	return task->thread.sp;
}

/* Is a breakpoint in the text at @addr? */
static inline bool kgr_arch_is_breakpoint(const void *addr)
{
	return *(const u8 *)addr == INT3_INSN_OPCODE;
}

/* Where is the breakpoint by which the kernel got here? */
static __always_inline unsigned long kgr_arch_breakpoint_address(const struct pt_regs *regs)
{
	return regs->ip - INT3_INSN_SIZE;
}

/* Bytes at the start of a function's text that indirect calls have to find there. */
static inline unsigned int kgr_arch_landing_pad_size(unsigned long text)
{
#ifdef CONFIG_X86_KERNEL_IBT
	u32 first = *(const u32 *)text;

	/* A function whose address nobody takes has the kernel's own nop there (apply_seal_endbr()). */
	if (first == gen_endbr() || first == gen_endbr_poison())
		return sizeof(first);
#endif
	return 0;
}

/*
 * Since 6.16 smp_text_poke_batch_add(), smp_text_poke_batch_finish() and
 * smp_text_poke_sync_each_cpu() (unexported.list).
 */
void text_poke_queue(void *addr, const void *opcode, size_t len, const void *emulate);
void text_poke_finish(void);
void text_poke_sync(void);

/* text.c */
int kgr_arch_write(void *to, const void *from, size_t size);
u8 kgr_arch_unprobed_byte(unsigned long address);

/* jump.c */
void kgr_arch_text_lock(void);
void kgr_arch_text_unlock(void);
unsigned int kgr_arch_jump_size(const u8 *at, unsigned long room);
const char *kgr_arch_rewritten(u8 *at, unsigned int size);
bool kgr_arch_queue_jump(u8 *at, unsigned int size, unsigned long to);
void kgr_arch_queue_original(u8 *at, unsigned int size, const u8 *original);
void kgr_arch_queue_breakpoint(u8 *at, unsigned int size, const u8 *original);
void kgr_arch_set_breakpoint(u8 *at);
void kgr_arch_clear_breakpoint(u8 *at, u8 first);

/* stub.c */
bool kgr_arch_write_stub(u8 *stub, unsigned long at, const u8 *text, unsigned int size);

/* reloc.c */
int kgr_arch_apply_reloc(const struct kgr_reloc *rel, u64 symbol);

/* jump-label.c */
int kgr_arch_set_jump(struct jump_entry *entry, bool jump);

/* exit-path.c */
bool kgr_arch_is_entry_code(unsigned long pc);
bool kgr_arch_is_exit_function(unsigned long pc);
bool kgr_arch_is_exit_path(unsigned long pc);
unsigned long kgr_arch_exit_function(unsigned int i);

#endif
