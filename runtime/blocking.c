// SPDX-License-Identifier: GPL-2.0-only
/*
 * The file "blocking": which tasks have not moved yet, for people. For each a line "pid state
 * asleep_ms function command", where function is the stale one on its stack, or "-"; and its stack,
 * a line with a tab for each frame. Who is in the middle of a work item has the item's function
 * behind the command:
 *
 *	812 S 5310 do_wait sh
 *		do_wait+0x5a/0x110
 *		kernel_wait4+0xb2/0x140
 *	57 D 12 - kworker/0:2 (work item flush_dirty)
 */
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/stacktrace.h>
#include <linux/string.h>

#include "task-state.h"
#include "unexported.h"

KGR_CALLED(stack_trace_save_tsk);
KGR_UNEXPORTED(process_one_work);
KGR_UNEXPORTED(io_worker_handle_work);
KGR_UNEXPORTED(kthread_worker_fn);
KGR_UNEXPORTED(schedule);

#define SNAPSHOT_SIZE (256 * 1024)
#define MAX_FRAMES 32

/* Made at a read from the start, given out by the reads that follow. Under kgr_states_lock(). */
static struct {
	char *text;
	size_t len;
} snapshot;

static void add(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	snapshot.len +=
		vscnprintf(snapshot.text + snapshot.len, SNAPSHOT_SIZE - snapshot.len, fmt, args);
	va_end(args);
}

static bool runs_items(unsigned long pc)
{
	return kgr_is_in_function(pc, &kgr_link_process_one_work) ||
	       kgr_is_in_function(pc, &kgr_link_io_worker_handle_work) ||
	       kgr_is_in_function(pc, &kgr_link_kthread_worker_fn);
}

/* Whose caller runs items; what called schedule() itself has none. */
static unsigned long item_on(const unsigned long *frames, unsigned int n)
{
	unsigned int i;

	for (i = 1; i < n; i++) {
		if (runs_items(frames[i]) && !kgr_is_in_function(frames[i - 1], &kgr_link_schedule))
			return frames[i - 1];
	}
	return 0;
}

static void add_task(struct task_struct *task)
{
	unsigned long frames[MAX_FRAMES];
	unsigned int n = 0, i;
	unsigned long item;
	s64 asleep = 0;

	if (!task_is_running(task)) {
		asleep = kgr_asleep_ns(task);
		n = kgr_call(stack_trace_save_tsk)(task, frames, MAX_FRAMES, 0);
	}
	for (i = 0; i < n && !kgr_is_stale_text(frames[i]); i++)
		;
	add("%d %c %llu ", task_pid_nr(task), task_state_to_char(task),
	    asleep > 0 ? div_u64(asleep, NSEC_PER_MSEC) : 0);
	if (i < n)
		add("%ps ", (void *)frames[i]);
	else
		add("- ");
	add("%s", task->comm);
	item = item_on(frames, n);
	if (item)
		add(" (work item %ps)", (void *)item);
	add("\n");
	for (i = 0; i < n; i++)
		add("\t%pB\n", (void *)frames[i]);
}

static int take_snapshot(void)
{
	struct kgr_task_state *state;

	if (!snapshot.text)
		snapshot.text = kvmalloc(SNAPSHOT_SIZE, GFP_KERNEL);
	if (!snapshot.text)
		return -ENOMEM;
	snapshot.len = 0;
	kgr_for_each_unmoved_state(state) {
		if (state->task && !kgr_task_moved(state))
			add_task(state->task);
		if (snapshot.len == SNAPSHOT_SIZE - 1)
			break;
		cond_resched();
	}
	return 0;
}

/**
 * kgr_blocking_read - read(2) of the list
 * @buf: where to
 * @off: from where; 0 makes the list anew
 * @count: how much at most
 *
 * Return: bytes read, or a negative error.
 */
ssize_t kgr_blocking_read(char *buf, loff_t off, size_t count)
{
	ssize_t ret;

	kgr_states_lock();
	ret = off ? 0 : take_snapshot();
	if (!ret && snapshot.text)
		ret = memory_read_from_buffer(buf, count, &off, snapshot.text, snapshot.len);
	kgr_states_unlock();
	return ret;
}

/**
 * kgr_blocking_free - for module exit, when the file is gone
 */
void kgr_blocking_free(void)
{
	kvfree(snapshot.text);
}
