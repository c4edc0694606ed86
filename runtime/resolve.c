// SPDX-License-Identifier: GPL-2.0-only
/*
 * Addresses of what the kernel does not export. The builder knows where everything was linked; all
 * that is left to find out is how far KASLR moved the kernel, which any exported function tells.
 */
#include <linux/elf.h>
#include <linux/kthread.h>
#include <linux/printk.h>
#include <linux/sched.h>

#include "unexported.h"

KGR_UNEXPORTED(schedule);
KGR_UNEXPORTED(kthread_should_stop);
KGR_CALLED(text_poke_copy);

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
		pr_err("%s: made for another kernel: schedule() and kthread_should_stop() are not as far apart as in its vmlinux\n",
		       kgr_patch.name);
		return -ENOEXEC;
	}
	kgr_slide = a;
	return 0;
}

static int apply(const struct kgr_reloc *rel)
{
	const struct kgr_sym *sym = &kgr_syms[rel->sym];
	u64 value = kgr_symbol_address(sym) + rel->addend;
	size_t width = 4;
	bool fits;

	/* psABI, Relocation Types; the ranges are those of apply_relocate_add() in the kernel. */
	switch (rel->type) {
	case R_X86_64_64:
		width = 8;
		fits = true;
		break;
	case R_X86_64_PC64:
		value -= rel->where;
		width = 8;
		fits = true;
		break;
	case R_X86_64_32:
		fits = value == (u32)value;
		break;
	case R_X86_64_32S:
		fits = (s64)value == (s32)value;
		break;
	case R_X86_64_PC32:
	case R_X86_64_PLT32:
		value -= rel->where;
		fits = (s64)value == (s32)value;
		break;
	case KGR_REL_VALUE:
		value = *(u64 *)value;
		width = 8;
		fits = true;
		break;
	case KGR_REL_SHIFT:
		value = *(u8 *)value;
		width = 1;
		fits = true;
		break;
	default:
		pr_err("%s: unknown relocation type %u\n", kgr_patch.name, rel->type);
		return -ENOEXEC;
	}
	if (!fits) {
		pr_err("%s: relocation at %pS does not reach %lx\n", kgr_patch.name,
		       (void *)rel->where, kgr_symbol_address(sym));
		return -ENOEXEC;
	}
	/* The module's text and read-only data are so by now; writable data does not mind. */
	if (!kgr_call(text_poke_copy)((void *)rel->where, &value, width))
		return -EFAULT;
	return 0;
}

/**
 * kgr_apply_relocs - resolve the graft's references to what is not exported
 * @object: to vmlinux, 0, or to a module whose symbols are found
 *
 * Process context, before any code of the graft can run.
 *
 * Return: 0 or a negative error; the module must not be used after an error.
 */
int kgr_apply_relocs(unsigned int object)
{
	const struct kgr_reloc *rel;
	int err;

	for (rel = kgr_relocs; rel < kgr_relocs_end; rel++) {
		err = kgr_syms[rel->sym].object == object ? apply(rel) : 0;
		if (err)
			return err;
	}
	return 0;
}
