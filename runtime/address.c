// SPDX-License-Identifier: GPL-2.0-only
/*
 * Addresses of what the kernel does not export. The builder knows where everything was linked; all
 * that is left to find out is how far KASLR moved the kernel, which any exported function tells.
 */
#include <linux/kthread.h>
#include <linux/printk.h>
#include <linux/sched.h>

#include "unexported.h"

KGR_UNEXPORTED(schedule);
KGR_UNEXPORTED(kthread_should_stop);

unsigned long kgr_slide;

/**
 * kgr_find_slide - set kgr_slide from two exported functions that are far apart
 *
 * Return: 0, or -ENOEXEC if they disagree: this is not the kernel that was linked.
 */
int kgr_find_slide(void)
{
	unsigned long a = (unsigned long)schedule - kgr_link_schedule.address;
	unsigned long b = (unsigned long)kthread_should_stop - kgr_link_kthread_should_stop.address;

	if (a != b) {
		pr_err("%s: made for another kernel (schedule() and kthread_should_stop() are not as far apart as in its vmlinux): build it for the running one\n",
		       kgr_patch.name);
		return -ENOEXEC;
	}
	kgr_slide = a;
	return 0;
}

/**
 * kgr_part_address - where a part of an old function is
 * @part: 0: its main part, 1: the cold one
 *
 * Of a module's function only while the module's symbols are known (objects.c).
 */
unsigned long kgr_part_address(const struct kgr_func *func, int part)
{
	unsigned long where = func->old[part].address;

	return func->object ? kgr_patch.objects[func->object - 1].addresses[where] :
			      where + kgr_slide;
}

/**
 * kgr_symbol_address - where something is that the graft refers to
 *
 * Of a module's symbol only while the module's symbols are known.
 */
unsigned long kgr_symbol_address(const struct kgr_reloc_sym *sym)
{
	if (sym->object)
		return kgr_patch.objects[sym->object - 1].addresses[sym->address];
	return sym->address + (sym->fixed ? 0 : kgr_slide);
}
