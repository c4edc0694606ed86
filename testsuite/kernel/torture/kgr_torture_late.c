// SPDX-License-Identifier: GPL-2.0-only
/* A module to patch, whether it is loaded before the patch or after; its init calls what is patched. */
#include <linux/init.h>
#include <linux/jump_label.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>

static DEFINE_STATIC_KEY_FALSE_RO(sealed);
static int reads;
static char init_saw[16];

static noinline const char *torture_version(void)
{
	reads++;
	return "old";
}

static noinline const char *torture_sealed(void)
{
	return static_branch_unlikely(&sealed) ? "sealed" : "open";
}

static int late_show(struct seq_file *m, void *unused)
{
	seq_printf(m, "init %s now %s\n", init_saw, torture_version());
	return 0;
}

static int __init late_init(void)
{
	strscpy(init_saw, torture_version(), sizeof(init_saw));
	static_branch_enable(&sealed);
	return proc_create_single("kgr_torture_late", 0400, NULL, late_show) ? 0 : -ENOMEM;
}

static void __exit late_exit(void)
{
	remove_proc_entry("kgr_torture_late", NULL);
	pr_info("kgr_torture_late: read %d times, %s\n", reads, torture_sealed());
}

module_init(late_init);
module_exit(late_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A module for kgraft's tests");
