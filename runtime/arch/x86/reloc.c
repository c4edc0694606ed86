// SPDX-License-Identifier: GPL-2.0-only
/* Relocation types of the psABI, as far as kernel code has them; the kernel's apply_relocate_add() is the model. */
#include <linux/elf.h>
#include <linux/errno.h>
#include <linux/printk.h>

#include "arch.h"
#include "kgraft.h"

/**
 * kgr_arch_apply_reloc - resolve one reference of the graft
 * @symbol: the address of what it refers to
 *
 * Process context, before the code around it can run.
 *
 * Return: 0; -ENOEXEC, which is logged, for a type that is not known or a value that does not fit; -EFAULT.
 */
int kgr_arch_apply_reloc(const struct kgr_reloc *rel, u64 symbol)
{
	u64 value = symbol + rel->addend;
	size_t width = 4;
	bool fits;

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
		pr_err("%s: relocation type %u at %pS is not known to this runtime: build the patch with the kgr-build it came with\n",
		       kgr_patch.name, rel->type, (void *)rel->where);
		return -ENOEXEC;
	}
	if (!fits) {
		pr_err("%s: the relocation at %pS cannot reach %pS: the module was loaded too far away; load it again\n",
		       kgr_patch.name, (void *)rel->where, (void *)symbol);
		return -ENOEXEC;
	}
	return kgr_arch_write((void *)rel->where, &value, width);
}
