// SPDX-License-Identifier: GPL-2.0-only
/* Uses what the other one exports. */
#include <linux/module.h>
#include <linux/proc_fs.h>

#include "outside.h"

static noinline int user_show(struct seq_file *m, void *unused)
{
	seq_printf(m, "user of %s\n", outside_name());
	return 0;
}

static int __init user_init(void)
{
	return proc_create_single("kgr_user", 0400, NULL, user_show) ? 0 : -ENOMEM;
}

static void __exit user_exit(void)
{
	remove_proc_entry("kgr_user", NULL);
}

module_init(user_init);
module_exit(user_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Uses a module that is built outside of the kernel, for kgraft's tests");
