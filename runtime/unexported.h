/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reaching what the kernel does not export: linked address, made a constant by kgr-build from
 * unexported.list, plus the slide that KASLR gave this boot.
 */
#ifndef KGR_UNEXPORTED_H
#define KGR_UNEXPORTED_H

#include <linux/objtool.h>
#include <asm/linkage.h>
#include <asm/unwind_hints.h>

#include "kgraft.h"

struct callback_head;
struct ftrace_func_entry;
struct ftrace_hash;
struct notifier_block;

/* What only private headers of the kernel declare, or no header at all. */
void *text_poke_copy(void *addr, const void *opcode, size_t len);
int jump_label_module_notify(struct notifier_block *self, unsigned long val, void *data);
int static_call_module_notify(struct notifier_block *nb, unsigned long val, void *data);
struct task_struct *idle_task(int cpu);
struct callback_head *task_work_cancel_match(struct task_struct *task,
					     bool (*match)(struct callback_head *, void *data),
					     void *data);
struct ftrace_func_entry *ftrace_lookup_ip(struct ftrace_hash *hash, unsigned long ip);

#define KGR_UNEXPORTED(name) extern const struct kgr_text kgr_link_##name

/* The address of a symbol, 0 if this kernel has none of that name. */
#define kgr_address(name) (kgr_link_##name.address ? kgr_link_##name.address + kgr_slide : 0)

/*
 * A function by its declared type, to be called: KGR_CALLED() instead of KGR_UNEXPORTED(). With IBT
 * the kernel has made functions whose address it never takes unfit for indirect calls
 * (apply_seal_endbr()); a return may still lead to them.
 */
#ifdef CONFIG_X86_KERNEL_IBT
/* Callers may count their calls in the padding in front of a function (callthunks.c). */
#ifdef ASM_FUNC_ALIGN
#define KGR_FUNC_ALIGN ASM_FUNC_ALIGN
#else
#define KGR_FUNC_ALIGN
#endif
#define KGR_CALLED(name)                                                                           \
	KGR_UNEXPORTED(name);                                                                      \
	extern typeof(name) kgr_to_##name;                                                         \
	asm(".pushsection .text, \"ax\"\n" KGR_FUNC_ALIGN "\n"                                     \
	    ".type kgr_to_" #name ", @function\n"                                                  \
	    "kgr_to_" #name ":\n"                                                                  \
	    "movq kgr_link_" #name "(%rip), %r11\n"                                                \
	    "addq kgr_slide(%rip), %r11\n"                                                         \
	    "pushq %r11\n" UNWIND_HINT_FUNC "\n" ASM_RET ".size kgr_to_" #name                     \
	    ", . - kgr_to_" #name "\n"                                                             \
	    ".popsection\n")
#define kgr_call(name) kgr_to_##name
#else
#define KGR_CALLED(name) KGR_UNEXPORTED(name)
#define kgr_call(name) ((typeof(&name))kgr_address(name))
#endif

static __always_inline bool kgr_in_text(unsigned long pc, const struct kgr_text *text)
{
	unsigned long start = text->address + kgr_slide;

	/* A call may be the last instruction. */
	return text->address && pc >= start && pc <= start + text->size;
}

#endif
