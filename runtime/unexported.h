/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reaching what the kernel does not export: linked address, made a constant by kgr-build from
 * unexported.list, plus the slide that KASLR gave this boot.
 */
#ifndef KGR_UNEXPORTED_H
#define KGR_UNEXPORTED_H

#include "kgraft.h"

struct callback_head;
struct ftrace_func_entry;
struct ftrace_hash;
struct notifier_block;

/* What only private headers of the kernel declare, or no header at all. */
int jump_label_module_notify(struct notifier_block *self, unsigned long val, void *data);
int static_call_module_notify(struct notifier_block *nb, unsigned long val, void *data);
struct task_struct *idle_task(int cpu);
struct callback_head *task_work_cancel_match(struct task_struct *task,
					     bool (*match)(struct callback_head *, void *data),
					     void *data);
struct ftrace_func_entry *ftrace_lookup_ip(struct ftrace_hash *hash, unsigned long ip);

#define KGR_UNEXPORTED(name) extern const struct kgr_text_range kgr_link_##name

/* The address of a symbol, 0 if this kernel has none of that name. */
#define kgr_address(name) (kgr_link_##name.address ? kgr_link_##name.address + kgr_slide : 0)

/*
 * Functions that are to be called are declared by KGR_CALLED(name) instead; kgr_call(name) is the function,
 * of its declared type.
 */
#include "call.h"

/*
 * Is @pc, an address in the running kernel, in this function, or right behind its last instruction?
 * Any context. False if the kernel has no such function.
 */
static __always_inline bool kgr_in_text(unsigned long pc, const struct kgr_text_range *text)
{
	unsigned long start = text->address + kgr_slide;

	/* A call may be the last instruction. */
	return text->address && pc >= start && pc <= start + text->size;
}

/* Is it code of that function of the kernel's, or of what a patch has put in its place? */
static __always_inline bool kgr_is_in_function(unsigned long pc, const struct kgr_text_range *text)
{
	return kgr_in_text(kgr_kernel_text(pc), text);
}

#endif
