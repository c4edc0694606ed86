// SPDX-License-Identifier: GPL-2.0-only
/*
 * One user of a function's entry or exit, of the kind that a parameter says. The parameter "seen" is how many calls it has seen,
 * what the last of them returned, and of which function that was.
 */
#include <linux/fprobe.h>
#include <linux/ftrace.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/string.h>
#include <linux/version.h>

static char *kind, *function;
module_param(kind, charp, 0400);
module_param(function, charp, 0400);

static atomic_long_t calls, value, where;

static void saw(unsigned long address)
{
	atomic_long_set(&where, address);
	atomic_long_inc(&calls);
}
NOKPROBE_SYMBOL(saw);

static int show(char *buffer, const struct kernel_param *param)
{
	return sprintf(buffer, "%ld %ld %ps\n", atomic_long_read(&calls), atomic_long_read(&value),
		       (void *)atomic_long_read(&where));
}

static const struct kernel_param_ops seen_ops = { .get = show };
module_param_cb(seen, &seen_ops, NULL, 0400);

static int on_kprobe(struct kprobe *kprobe, struct pt_regs *regs)
{
	saw((unsigned long)kprobe->addr);
	return 0;
}
NOKPROBE_SYMBOL(on_kprobe);

static void behind_kprobe(struct kprobe *kprobe, struct pt_regs *regs, unsigned long flags)
{
}
NOKPROBE_SYMBOL(behind_kprobe);

static struct kprobe kprobe = { .pre_handler = on_kprobe };

static int start_kprobe(void)
{
	kprobe.symbol_name = function;
	return register_kprobe(&kprobe);
}

static int start_kprobe_post(void)
{
	kprobe.post_handler = behind_kprobe;
	return start_kprobe();
}

static void stop_kprobe(void)
{
	unregister_kprobe(&kprobe);
}

static int on_kretprobe(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	atomic_long_set(&value, regs_return_value(regs));
	saw((unsigned long)get_kretprobe(instance)->kp.addr);
	return 0;
}
NOKPROBE_SYMBOL(on_kretprobe);

static struct kretprobe kretprobe = { .handler = on_kretprobe };

static int start_kretprobe(void)
{
	kretprobe.kp.symbol_name = function;
	return register_kretprobe(&kretprobe);
}

static void stop_kretprobe(void)
{
	unregister_kretprobe(&kretprobe);
}

static void notrace on_ftrace(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *ops,
			      struct ftrace_regs *fregs)
{
	saw(ip);
}

static struct ftrace_ops ops = { .func = on_ftrace };

static int start_ftrace(void)
{
	int err = ftrace_set_filter(&ops, (unsigned char *)function, strlen(function), 1);

	return err ?: register_ftrace_function(&ops);
}

static void stop_ftrace(void)
{
	unregister_ftrace_function(&ops);
	ftrace_free_filter(&ops);
}

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 14, 0)
#define fprobe_regs pt_regs
#define return_value_of regs_return_value
#else
#define fprobe_regs ftrace_regs
#define return_value_of ftrace_regs_get_return_value
#endif

static int on_fprobe(struct fprobe *fprobe, unsigned long ip, unsigned long return_ip,
		     struct fprobe_regs *regs, void *data)
{
	saw(ip);
	return 0;
}

static void behind_fprobe(struct fprobe *fprobe, unsigned long ip, unsigned long return_ip,
			  struct fprobe_regs *regs, void *data)
{
	atomic_long_set(&value, return_value_of(regs));
	saw(ip);
}

static struct fprobe fprobe;

static int start_fprobe(void)
{
	fprobe.entry_handler = on_fprobe;
	return register_fprobe_syms(&fprobe, (const char **)&function, 1);
}

static int start_fprobe_exit(void)
{
	fprobe.exit_handler = behind_fprobe;
	return register_fprobe_syms(&fprobe, (const char **)&function, 1);
}

static void stop_fprobe(void)
{
	unregister_fprobe(&fprobe);
}

static const struct entry_user {
	const char *kind;
	int (*start)(void);
	void (*stop)(void);
} users[] = {
	{ "kprobe", start_kprobe, stop_kprobe },
	{ "kprobe-post", start_kprobe_post, stop_kprobe },
	{ "kretprobe", start_kretprobe, stop_kretprobe },
	{ "ftrace", start_ftrace, stop_ftrace },
	{ "fprobe", start_fprobe, stop_fprobe },
	{ "fprobe-exit", start_fprobe_exit, stop_fprobe },
};

static const struct entry_user *user;

static int __init user_init(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(users) && kind && function; i++) {
		if (!strcmp(users[i].kind, kind))
			user = &users[i];
	}
	return user ? user->start() : -EINVAL;
}

static void __exit user_exit(void)
{
	user->stop();
}

module_init(user_init);
module_exit(user_exit);
MODULE_DESCRIPTION("A user of a function's entry or exit");
MODULE_LICENSE("GPL");
