/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Is the source of an adopted kernel as it was unpacked? */
#ifndef KGR_UNTOUCHED_H
#define KGR_UNTOUCHED_H

#include "kernel/kernel-build.h"

/* kgr_source_is_untouched() - was no C file or header of the source written since the kernel was adopted?
 *
 * False with @error set, a refusal that names one.
 */
bool kgr_source_is_untouched(const struct kgr_kernel *kernel, GError **error);

#endif
