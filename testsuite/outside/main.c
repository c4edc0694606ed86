// SPDX-License-Identifier: GPL-2.0-only
/* A module of two files that is built outside of the kernel: /proc/kgr_outside says which version its functions are. */
#include <linux/module.h>
#include <linux/proc_fs.h>

#include "outside.h"

static struct outside_count count;

const char *outside_name(void)
{
	return "outside";
}
EXPORT_SYMBOL_GPL(outside_name);

static noinline int outside_show(struct seq_file *m, void *unused)
{
	count.shown++;
	seq_printf(m, "%s shows old ", outside_name());
	outside_show_text(m, &count);
	return 0;
}

static int __init outside_init(void)
{
	return proc_create_single("kgr_outside", 0400, NULL, outside_show) ? 0 : -ENOMEM;
}

static void __exit outside_exit(void)
{
	remove_proc_entry("kgr_outside", NULL);
}

module_init(outside_init);
module_exit(outside_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Built outside of the kernel, for kgraft's tests");
