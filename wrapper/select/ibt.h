/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * With IBT an indirect branch must find an ENDBR, and the kernel has none in functions whose address its own code never
 * takes: an address that a patch takes must not be that of such a function.
 */
#ifndef KGR_IBT_H
#define KGR_IBT_H

#include "kernel/kernel-build.h"

/* kgr_lacks_endbr() - does a reference take the address of a function of the kernel that no indirect branch reaches? */
bool kgr_lacks_endbr(const struct kgr_kernel *kernel, const struct kgr_rel *rel,
		     const struct kgr_ksym *ksym);

/* kgr_own_lacks_endbr() - the same of a function of the patched object, for the one that the kernel has of it
 * @file_idx: from kgr_image_file_idx()
 */
bool kgr_own_lacks_endbr(const struct kgr_kernel *kernel, struct kgr_image *image,
			 unsigned int file_idx, const struct kgr_rel *rel,
			 const struct kgr_sym *sym);

#endif
