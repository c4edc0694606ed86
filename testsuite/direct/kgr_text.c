// SPDX-License-Identifier: GPL-2.0-only
/* The kernel's text, for tests: the bytes at the address that the parameter "address" says are its parameter "text". */
#include <linux/module.h>
#include <linux/moduleparam.h>

#define BYTES 16

static unsigned long address;
module_param(address, ulong, 0600);

static int show(char *buffer, const struct kernel_param *param)
{
	return sprintf(buffer, "%*ph\n", BYTES, (void *)address);
}

static const struct kernel_param_ops ops = { .get = show };
module_param_cb(text, &ops, NULL, 0400);

MODULE_DESCRIPTION("Shows the kernel's text");
MODULE_LICENSE("GPL");
