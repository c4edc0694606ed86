// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/kgr_torture/: run, the system calls ("chain", "round", "pair STATE MS", "inside STATE MS");
 * fault, which reads the caller's buffer inside an old function; background ("1", "0");
 * leaf, which counts cycles; stats.
 */
#include <linux/init.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/kthread.h>
#include <linux/mutex.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/timex.h>
#include <linux/uaccess.h>

#include "torture.h"

#define LEAF_CALLS 1000

static DEFINE_MUTEX(background_lock);

static enum torture_pause state_of(char c)
{
	switch (c) {
	case 'i':
		return PAUSE_INTERRUPTIBLE;
	case 'k':
		return PAUSE_KILLABLE;
	default:
		return PAUSE_UNINTERRUPTIBLE;
	}
}

static ssize_t run_write(struct file *file, const char __user *buf, size_t count, loff_t *pos)
{
	struct torture_run run = { .context = "a system call", .pause = PAUSE_RANDOM };
	char text[32] = {}, state;

	if (count >= sizeof(text) || copy_from_user(text, buf, count))
		return -EINVAL;
	if (!strncmp(text, "chain", 5)) {
		run.pause = PAUSE_NONE;
		torture_f(&run);
	} else if (!strncmp(text, "round", 5)) {
		torture_round(&run);
	} else if (sscanf(text, "pair %c %u", &state, &run.ms) == 2) {
		torture_first(&run);
		run.pause = state_of(state);
		torture_pause(&run);
		torture_second(&run);
	} else if (sscanf(text, "inside %c %u", &state, &run.ms) == 2) {
		run.pause = state_of(state);
		torture_f(&run);
	} else {
		return -EINVAL;
	}
	return count;
}

static ssize_t fault_write(struct file *file, const char __user *buf, size_t count, loff_t *pos)
{
	struct torture_run run = { .context = "a page fault", .user = buf };

	torture_f(&run);
	return run.user ? count : -EFAULT;
}

static ssize_t background_write(struct file *file, const char __user *buf, size_t count,
				loff_t *pos)
{
	bool on;
	int err = kstrtobool_from_user(buf, count, &on);

	if (err)
		return err;
	mutex_lock(&background_lock);
	if (on)
		err = torture_start();
	else
		torture_stop();
	mutex_unlock(&background_lock);
	return err ?: count;
}

static u64 cycles_of_calls(void)
{
	unsigned long flags;
	u64 start, end;
	u32 i, value = 0;

	local_irq_save(flags);
	start = rdtsc_ordered();
	for (i = 0; i < LEAF_CALLS; i++)
		value = torture_leaf(value);
	end = rdtsc_ordered();
	local_irq_restore(flags);
	return end - start;
}

static u64 cycles_in_interrupt;

static void leaf_in_interrupt(struct irq_work *work)
{
	cycles_in_interrupt = cycles_of_calls();
}

static int leaf_show(struct seq_file *m, void *unused)
{
	struct irq_work work = IRQ_WORK_INIT_HARD(leaf_in_interrupt);

	seq_printf(m, "%llu", cycles_of_calls());
	irq_work_queue(&work);
	irq_work_sync(&work);
	seq_printf(m, " %llu of %u calls\n", cycles_in_interrupt, LEAF_CALLS);
	return 0;
}

static int stats_show(struct seq_file *m, void *unused)
{
	seq_printf(m, "mixes %d even %d odd %d\n", atomic_read(&torture_mixes),
		   atomic_read(&torture_runs[0]), atomic_read(&torture_runs[1]));
	return 0;
}

static const struct proc_ops run_ops = { .proc_write = run_write };
static const struct proc_ops fault_ops = { .proc_write = fault_write };
static const struct proc_ops background_ops = { .proc_write = background_write };

static int __init torture_init(void)
{
	struct proc_dir_entry *dir = proc_mkdir("kgr_torture", NULL);

	if (!dir || !proc_create("run", 0200, dir, &run_ops) ||
	    !proc_create("fault", 0200, dir, &fault_ops) ||
	    !proc_create("background", 0200, dir, &background_ops) ||
	    !proc_create_single("leaf", 0400, dir, leaf_show) ||
	    !proc_create_single("stats", 0400, dir, stats_show))
		return -ENOMEM;
	return 0;
}
late_initcall(torture_init);
