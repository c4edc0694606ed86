// SPDX-License-Identifier: GPL-2.0-only
/*
 * Contexts that a runtime may easily move in the middle of something. Each calls torture_first(), does what its
 * name says, and calls torture_second(), which must be of the same universe: /proc/kgr_attack takes
 *
 *	item MS		a work item that sleeps
 *	tcp MS		a work item that receives from a TCP socket, for so long
 *	worker MS	an item of a kthread_worker that sleeps
 *	queue 1|0	items of a kthread_worker, one after the other without a pause
 *	thread 1|0	threads that wait in the middle of their rounds, and ask whether to stop as they do; one has a signal then
 *	busy MS|0	the last two, and items as the first two, one after the other, of MS each
 *	stubborn MS	a task that every signal wakes, and which sleeps on, all in one system call
 *	met MS		the same, but it calls torture_first() after "go"
 *	late		a task that computes until "go", and then sleeps between the two
 *	go, stay	says so, or takes it back
 *	fifo		the caller becomes a real-time task
 *
 * and tells how often the latest stubborn task of each kind was woken.
 */
#include <linux/delay.h>
#include <linux/kprobes.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/net.h>
#include <linux/proc_fs.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/socket.h>
#include <linux/uaccess.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <net/sock.h>

#include "torture.h"

static void (*first)(struct torture_run *run), (*second)(struct torture_run *run);

static struct workqueue_struct *queue;
static struct kthread_worker *worker;
static struct task_struct *threads[2];
static DECLARE_WAIT_QUEUE_HEAD(never);
static unsigned int item_ms, tcp_ms, worker_ms;
static bool queue_on, busy, go;
static unsigned int woken[2];

static void again(struct work_struct *work)
{
	if (READ_ONCE(busy))
		queue_work(queue, work);
}

static void attack_item(struct work_struct *work)
{
	struct torture_run run = { .context = "a work item that sleeps" };

	first(&run);
	msleep(item_ms);
	second(&run);
	again(work);
}
static DECLARE_WORK(item, attack_item);

/* Both ends, connected on the loopback device. */
static int connect_sockets(struct socket *ends[2])
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons(4711),
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct socket *listening;
	int err = sock_create_kern(&init_net, AF_INET, SOCK_STREAM, 0, &listening);

	err = err ?: sock_create_kern(&init_net, AF_INET, SOCK_STREAM, 0, &ends[0]);
	if (!err)
		sock_set_reuseaddr(listening->sk);
	err = err ?: kernel_bind(listening, (void *)&address, sizeof(address));
	err = err ?: kernel_listen(listening, 1);
	err = err ?: kernel_connect(ends[0], (void *)&address, sizeof(address), 0);
	err = err ?: kernel_accept(listening, &ends[1], 0);
	if (!err)
		sock_release(listening);
	return err;
}

static void attack_tcp(struct work_struct *work)
{
	struct torture_run run = { .context = "a work item that receives from a TCP socket" };
	struct socket *ends[2];
	struct msghdr msg = {};
	char c;
	struct kvec vec = { .iov_base = &c, .iov_len = 1 };
	int err = connect_sockets(ends);

	if (err) {
		pr_err("kgr_attack: no TCP (error %d)\n", err);
		return;
	}
	ends[0]->sk->sk_rcvtimeo = msecs_to_jiffies(tcp_ms);
	first(&run);
	kernel_recvmsg(ends[0], &msg, &vec, 1, 1, 0);
	second(&run);
	sock_release(ends[0]);
	sock_release(ends[1]);
	again(work);
}
static DECLARE_WORK(tcp, attack_tcp);

static void attack_worker(struct kthread_work *work)
{
	struct torture_run run = { .context = "an item of a kthread_worker" };

	first(&run);
	msleep(worker_ms);
	second(&run);
}
static DEFINE_KTHREAD_WORK(worker_item, attack_worker);

static void attack_queue(struct kthread_work *work)
{
	struct torture_run run = { .context = "one of many items of a kthread_worker" };

	first(&run);
	msleep(3);
	second(&run);
	if (READ_ONCE(queue_on))
		kthread_queue_work(worker, work);
}
static DEFINE_KTHREAD_WORK(queue_item, attack_queue);

static int attack_thread(void *unused)
{
	struct torture_run run = { .context = "a thread that asks whether to stop in mid-round" };

	while (!kthread_should_stop()) {
		first(&run);
		wait_event_interruptible_timeout(never, kthread_should_stop(), 2);
		second(&run);
		msleep(1);
	}
	return 0;
}

/* With a signal there a wait ends before it has begun, and asks while the thread runs. */
static int attack_signalled(void *unused)
{
	struct torture_run run = { .context = "a thread with a signal that waits in mid-round" };

	allow_signal(SIGUSR1);
	while (!kthread_should_stop()) {
		first(&run);
		msleep(3);
		send_sig(SIGUSR1, current, 1);
		wait_event_interruptible_timeout(never, kthread_should_stop(), 2);
		flush_signals(current);
		second(&run);
		msleep(1);
	}
	return 0;
}

/* As io_uring answers a notify signal: in the middle of its system call. */
static void be_stubborn(unsigned int ms, bool meets)
{
	unsigned long end = jiffies + msecs_to_jiffies(ms);
	struct torture_run run = { .context = "a stubborn task" };
	bool met = !meets;

	woken[meets] = 0;
	while (time_before(jiffies, end)) {
		schedule_timeout_interruptible(HZ / 4);
		if (!met && READ_ONCE(go)) {
			first(&run);
			met = true;
		}
		if (test_thread_flag(TIF_NOTIFY_SIGNAL)) {
			clear_thread_flag(TIF_NOTIFY_SIGNAL);
			woken[meets]++;
		}
	}
	if (meets)
		second(&run);
}

static void be_late(void)
{
	struct torture_run run = { .context = "a late task" };

	strscpy(current->comm, "attack-late", sizeof(current->comm));
	while (!READ_ONCE(go))
		cpu_relax();
	first(&run);
	__set_current_state(TASK_UNINTERRUPTIBLE);
	schedule_timeout(HZ);
	second(&run);
}

static int switch_thread(bool on)
{
	static int (*const functions[])(void *) = { attack_thread, attack_signalled };
	unsigned int i;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(threads); i++) {
		if (!on && threads[i])
			kthread_stop(threads[i]);
		threads[i] = on ? kthread_run(functions[i], NULL, "attack-thread") : NULL;
		err = err ?: PTR_ERR_OR_ZERO(threads[i]);
	}
	return err;
}

static void switch_queue(bool on)
{
	WRITE_ONCE(queue_on, on);
	if (on)
		kthread_queue_work(worker, &queue_item);
	else
		kthread_flush_worker(worker);
}

static int switch_busy(unsigned int ms)
{
	WRITE_ONCE(busy, ms);
	if (ms) {
		item_ms = ms;
		tcp_ms = ms;
		queue_work(queue, &item);
		queue_work(queue, &tcp);
	} else {
		flush_workqueue(queue);
	}
	switch_queue(ms);
	return switch_thread(ms);
}

static ssize_t attack_write(struct file *file, const char __user *buf, size_t count, loff_t *pos)
{
	unsigned int n;
	char text[32] = {};
	int err = 0;

	if (count >= sizeof(text) || copy_from_user(text, buf, count))
		return -EINVAL;
	if (sscanf(text, "item %u", &item_ms) == 1)
		queue_work(queue, &item);
	else if (sscanf(text, "tcp %u", &tcp_ms) == 1)
		queue_work(queue, &tcp);
	else if (sscanf(text, "worker %u", &worker_ms) == 1)
		kthread_queue_work(worker, &worker_item);
	else if (sscanf(text, "queue %u", &n) == 1)
		switch_queue(n);
	else if (sscanf(text, "thread %u", &n) == 1)
		err = switch_thread(n);
	else if (sscanf(text, "busy %u", &n) == 1)
		err = switch_busy(n);
	else if (sscanf(text, "stubborn %u", &n) == 1)
		be_stubborn(n, false);
	else if (sscanf(text, "met %u", &n) == 1)
		be_stubborn(n, true);
	else if (!strncmp(text, "late", 4))
		be_late();
	else if (!strncmp(text, "go", 2))
		WRITE_ONCE(go, true);
	else if (!strncmp(text, "stay", 4))
		WRITE_ONCE(go, false);
	else if (!strncmp(text, "fifo", 4))
		sched_set_fifo(current);
	else
		err = -EINVAL;
	return err ?: count;
}

static int attack_show(struct seq_file *m, void *unused)
{
	seq_printf(m, "stubborn %u met %u\n", woken[false], woken[true]);
	return 0;
}

static int attack_open(struct inode *inode, struct file *file)
{
	return single_open(file, attack_show, NULL);
}

static const struct proc_ops attack_ops = { .proc_open = attack_open,
					    .proc_read = seq_read,
					    .proc_release = single_release,
					    .proc_write = attack_write };

/* What is not exported is found as a kprobe finds it. */
static void *address_of(const char *name)
{
	struct kprobe kprobe = { .symbol_name = name };

	if (register_kprobe(&kprobe))
		return NULL;
	unregister_kprobe(&kprobe);
	return kprobe.addr;
}

static int __init attack_init(void)
{
	first = address_of("torture_first");
	second = address_of("torture_second");
	queue = alloc_workqueue("attack", WQ_UNBOUND, 0);
	worker = kthread_create_worker(0, "attack-worker");
	if (!first || !second || !queue || IS_ERR(worker))
		return -ENOENT;
	return proc_create("kgr_attack", 0600, NULL, &attack_ops) ? 0 : -ENOMEM;
}

static void __exit attack_exit(void)
{
	remove_proc_entry("kgr_attack", NULL);
	kthread_destroy_worker(worker);
	destroy_workqueue(queue);
}

module_init(attack_init);
module_exit(attack_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Contexts that are easily moved in the middle of something, for kgraft's tests");
