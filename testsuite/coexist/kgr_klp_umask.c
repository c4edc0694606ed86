// SPDX-License-Identifier: GPL-2.0-only
/* What umask-one.diff does, as a patch of the kernel's own livepatch. */
#include <linux/fs_struct.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/stat.h>

static long patched_umask(const struct pt_regs *regs)
{
	return xchg(&current->fs->umask, (int)regs->di & S_IRWXUGO) | 0x1000;
}

static struct klp_func funcs[] = { { .old_name = "__x64_sys_umask", .new_func = patched_umask },
				   {} };
static struct klp_object objects[] = { { .funcs = funcs }, {} };
static struct klp_patch patch = { .mod = THIS_MODULE, .objs = objects };

static int __init umask_init(void)
{
	return klp_enable_patch(&patch);
}

static void __exit umask_exit(void)
{
}

module_init(umask_init);
module_exit(umask_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A livepatch of umask() for kgraft's tests");
MODULE_INFO(livepatch, "Y");
