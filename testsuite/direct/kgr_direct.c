// SPDX-License-Identifier: GPL-2.0-only
/*
 * What BPF's fentry does, without BPF: a direct call of ftrace's at one function's entry, which shares it with handlers
 * that change where that goes. It counts, and one call can be held up there.
 */
#include <linux/ftrace.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/version.h>
#include <asm/linkage.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#define register_direct register_ftrace_direct
#define unregister_direct(ops, target) unregister_ftrace_direct(ops, target, true)
#else
#define register_direct register_ftrace_direct_multi
#define unregister_direct unregister_ftrace_direct_multi
#endif

static unsigned int hits;
module_param(hits, uint, 0444);
MODULE_PARM_DESC(hits, "how often the function was called");

static unsigned long address;
module_param(address, ulong, 0444);
MODULE_PARM_DESC(address, "of the function's fentry");

static unsigned int slow;
module_param(slow, uint, 0644);
MODULE_PARM_DESC(slow, "for how many ms the next call is held up, without ever going to sleep");

void kgr_direct_hit(void);
void kgr_direct_hit(void)
{
	unsigned long end = jiffies + msecs_to_jiffies(xchg(&slow, 0));

	hits++;
	while (time_before(jiffies, end))
		cpu_relax();
}

/* The functions that this is for have one argument. */
void kgr_direct_trampoline(void);
asm(".pushsection .text, \"ax\"\n"
    ".type kgr_direct_trampoline, @function\n"
    "kgr_direct_trampoline:\n"
    "pushq %rdi\n"
    "call kgr_direct_hit\n"
    "popq %rdi\n" ASM_RET ".size kgr_direct_trampoline, . - kgr_direct_trampoline\n"
    ".popsection\n");

/* It returns to where ftrace says, so it can share. What it is asked differs from kernel to kernel, and does not matter. */
static int share(void)
{
	return 0;
}

static struct ftrace_ops ops = { .ops_func = (void *)share };

static int __init kgr_direct_init(void)
{
	int err = ftrace_set_filter_ip(&ops, address, 0, 0);

	return err ?: register_direct(&ops, (unsigned long)kgr_direct_trampoline);
}

static void __exit kgr_direct_exit(void)
{
	unregister_direct(&ops, (unsigned long)kgr_direct_trampoline);
	ftrace_free_filter(&ops);
}

module_init(kgr_direct_init);
module_exit(kgr_direct_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A direct call for kgraft's tests");
