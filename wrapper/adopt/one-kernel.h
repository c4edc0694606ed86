/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Are the files of several packages those of one kernel? */
#ifndef KGR_ONE_KERNEL_H
#define KGR_ONE_KERNEL_H

#include "kernel/linked-image.h"

struct kgr_parts {
	const char *release, *version; /* as uname -r says; of the packages */
	const char *headers; /* directory of the configuration and what was generated */
	const char *source; /* directory */
	const char *boot; /* directory of what boots: vmlinuz-RELEASE, config-RELEASE */
	const char *modules,
		*debug_modules; /* directories of the .ko that run, and of those with DWARF */
	struct kgr_image *vmlinux; /* with DWARF */
};

/* kgr_one_kernel() - are they?
 *
 * False with @error set, a refusal that names the two files that do not belong together.
 */
bool kgr_one_kernel(const struct kgr_parts *parts, GError **error);

#endif
