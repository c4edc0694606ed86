// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Asks of a reference that is no call or jump whether the function that it is to has its ENDBR in
 * the kernel's image.
 */
#include "select/ibt.h"
#include "elf/reloc.h"

bool kgr_lacks_endbr(const struct kgr_kernel *kernel, const struct kgr_rel *rel,
		     const struct kgr_ksym *ksym)
{
	return !kgr_rel_is_branch(rel) && ksym->type == STT_FUNC &&
	       kgr_kernel_config(kernel, ksym->image->arch->landing_pad_config) &&
	       kgr_image_lacks_endbr(ksym);
}

bool kgr_own_lacks_endbr(const struct kgr_kernel *kernel, struct kgr_image *image,
			 unsigned int file_idx, const struct kgr_rel *rel,
			 const struct kgr_sym *sym)
{
	const struct kgr_sym *old = sym->twin;
	const struct kgr_ksym *ksym;

	if (!old || !kgr_sym_is_func(sym) || kgr_rel_is_branch(rel))
		return false;
	ksym = kgr_image_find(image, file_idx, old->name, old->bind == STB_LOCAL, NULL);
	return ksym && kgr_lacks_endbr(kernel, rel, ksym);
}
