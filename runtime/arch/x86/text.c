// SPDX-License-Identifier: GPL-2.0-only
/* Writing to a module's text and read-only data, which are not writable any more when its init runs. */
#include <linux/errno.h>

#include "arch.h"
#include "unexported.h"

KGR_CALLED(text_poke_copy);

/**
 * kgr_arch_write - write to memory of this module, read-only or not
 *
 * Process context. If it is code, none of it may run meanwhile.
 *
 * Return: 0 or -EFAULT.
 */
int kgr_arch_write(void *to, const void *from, size_t size)
{
	return kgr_call(text_poke_copy)(to, from, size) ? 0 : -EFAULT;
}
