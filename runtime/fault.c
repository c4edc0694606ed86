// SPDX-License-Identifier: GPL-2.0-only
/* Faults on demand: with fail_step=N the N-th step of loading fails. For tests, and for their kernels only. */
#include <linux/errno.h>
#include <linux/moduleparam.h>

#include "kgraft.h"

#ifdef CONFIG_FAULT_INJECTION
static int fail_step;
module_param(fail_step, int, 0444);
MODULE_PARM_DESC(fail_step, "for tests: this step of loading fails");
#endif

/**
 * kgr_fault - called before each step of loading that can fail
 *
 * Return: 0, or -ECANCELED where the test said so.
 */
int kgr_fault(void)
{
#ifdef CONFIG_FAULT_INJECTION
	if (fail_step && !--fail_step)
		return -ECANCELED;
#endif
	return 0;
}

/**
 * kgr_no_more_faults - loading is over
 */
void kgr_no_more_faults(void)
{
#ifdef CONFIG_FAULT_INJECTION
	fail_step = 0;
#endif
}
