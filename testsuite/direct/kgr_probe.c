// SPDX-License-Identifier: GPL-2.0-only
/* A kprobe at address + offset that counts how often it is hit: tracefs sets none at functions that are notrace. */
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/moduleparam.h>

static unsigned long address, offset, hits;
module_param(address, ulong, 0400);
module_param(offset, ulong, 0400);
module_param(hits, ulong, 0400);

static int kgr_probe_hit(struct kprobe *kprobe, struct pt_regs *regs)
{
	hits++;
	return 0;
}
NOKPROBE_SYMBOL(kgr_probe_hit);

static struct kprobe probe = { .pre_handler = kgr_probe_hit };

static int __init probe_init(void)
{
	probe.addr = (kprobe_opcode_t *)(address + offset);
	return register_kprobe(&probe);
}

static void __exit probe_exit(void)
{
	unregister_kprobe(&probe);
}

module_init(probe_init);
module_exit(probe_exit);
MODULE_DESCRIPTION("A kprobe");
MODULE_LICENSE("GPL");
