/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the runtime know of each other. A file calls only those below it:
 *
 *	core			the life of the module: load, unload
 *	sysfs  objects		what people ask for; modules that come and go
 *	blocking  transition	who has not moved; from one universe to the other
 *	move  data		looking at every task and CPU; data that has other values
 *	switch-point  redirect	where tasks move by themselves; the functions' entries
 *	stack  handler		what is on a stack; who chooses at the functions' entries
 *	breakpoint  kprobe	the same where there is no fentry
 *	jump  livepatch		where calls go once converged; the kernel's own livepatch
 *	redirect-table  shadow	what is redirected where; shadow variables
 *	universe		which universe a context lives in
 *	peers  identity  callbacks  tables  resolve
 *	arch/			what the architecture decides
 *	address  patch-state  fault
 *
 * testsuite/21-style.sh checks that there is no circle.
 */
#ifndef KGRAFT_H
#define KGRAFT_H

#include <linux/errno.h>
#include <linux/types.h>

#include "kgraft-abi.h"

struct kobject;
struct module;
struct task_struct;

/* The two versions of everything that is patched. */
enum kgr_universe {
	KGR_OLD,
	KGR_NEW
};

/* Made by kgr-build, in the graft; kgr_jump_table and kgr_static_calls begin in patch.c. */
extern struct kgr_patch kgr_patch;
extern const struct kgr_reloc_sym kgr_syms[];
extern const struct kgr_reloc kgr_relocs[], kgr_relocs_end[];
extern char kgr_text[], kgr_text_end[]; /* all code of the graft */
extern char kgr_jump_table[], kgr_jump_table_end[];
extern char kgr_fixed_jumps[], kgr_fixed_jumps_end[];
extern char kgr_static_calls[], kgr_static_calls_end[];

#define kgr_for_each_func(func)                                                                    \
	for (func = kgr_patch.funcs; func < kgr_patch.funcs + kgr_patch.nfuncs; func++)

/*
 * Throughout: a function that returns int gives 0 or a negative error, and logs why where the caller could
 * not say it better. An "object" is a number: 0 is vmlinux, n the n-th of kgr_patch.objects. What changes
 * the patch's state happens in process context under kgr_lock().
 */

/* fault.c */
int kgr_fault(void);
void kgr_no_more_faults(void);

/* patch-state.c: is the patch off, on, or on its way? Any context; the setters are transition.c's. */
bool kgr_is_loaded(void); /* the load has come to its end: who asks by a file may change something */
void kgr_set_loaded(void);
bool kgr_in_transition(void);
enum kgr_universe kgr_current_target(void); /* where all tasks live, or are to go */
bool kgr_is_off(void); /* all tasks live in the old universe, none is on its way */
void kgr_set_in_transition(bool is);
void kgr_set_current_target(enum kgr_universe universe);

/* address.c: where everything is in the running kernel */
extern unsigned long kgr_slide;
int kgr_find_slide(void);
unsigned long kgr_part_address(const struct kgr_func *func, int part);
unsigned long kgr_symbol_address(const struct kgr_reloc_sym *sym);

/* resolve.c: the graft's references to what is not exported */
int kgr_apply_relocs(unsigned int object);

/* tables.c: jump labels and static calls of the graft */
int kgr_tables_register_own(void);
int kgr_set_fixed_jumps(void);
int kgr_tables_save(struct kgr_object *object);
int kgr_tables_register(struct kgr_object *object);
void kgr_tables_unregister(struct kgr_object *object, bool registered);

/* identity.c: is this the kernel that the patch was made for? */
int kgr_check_kernel(void);
int kgr_check_functions(unsigned int object);

/* peers.c: other patches in this kernel */
int kgr_peers_register(void);
void kgr_peers_unregister(void);
/* A mutex that all patches share; from kgr_peers_register() to kgr_peers_unregister(). */
void kgr_lock(void);
int kgr_lock_killable(void);
void kgr_unlock(void);
struct kobject *kgr_kobj(void); /* the patch's directory in sysfs */
unsigned long kgr_kernel_text(unsigned long pc); /* whose place does this code take? */

/* objects.c: modules that the patch has something for */
int kgr_objects_register(void);
void kgr_objects_unregister(void);
int kgr_objects_present(void);

/* callbacks.c: code of the patch that runs before and after a transition */
int kgr_pre_patch(unsigned int object);
int kgr_pre_patch_all(void);
void kgr_forget_callbacks(void);
void kgr_run_callback(unsigned int object, enum kgr_callback_kind kind);
void kgr_run_callbacks(enum kgr_callback_kind kind);

/* redirect.c: the entries of the old functions */
int kgr_redirect_add(unsigned int object);
void kgr_redirect_remove(unsigned int object);
bool kgr_redirect_replaces(void); /* is it a cumulative patch? */
int kgr_redirect_add_replaced(void);
void kgr_redirect_forget_replaced(const struct module *mod);
int kgr_redirect_prepare(void);
void kgr_redirect_free(void);
int kgr_choose_begin(void);
void kgr_choose_abort(void);
void kgr_redirect_directly(void);
int kgr_redirect_restore(void);
bool kgr_redirect_stands_in(void);
int kgr_redirect_check_order(void);
void kgr_redirect_replaced(void);

/* data.c: data that has other values in the new universe */
int kgr_data_prepare(void);
void kgr_data_free(void);
int kgr_data_add(unsigned int object);
void kgr_data_remove(unsigned int object);
int kgr_data_check(void);
void kgr_data_write(void);
void kgr_data_revert(void);
void kgr_data_revert_earlier(void);
void kgr_data_restore_earlier(void);

/* livepatch.c: keeps the kernel's own livepatch from the same functions */
#ifdef CONFIG_LIVEPATCH
int kgr_livepatch_guard(void);
void kgr_livepatch_unguard(void);
void kgr_livepatch_wait(void);
#else
static inline int kgr_livepatch_guard(void)
{
	return 0;
}

static inline void kgr_livepatch_unguard(void)
{
}

static inline void kgr_livepatch_wait(void)
{
}
#endif

/* kprobe.c: the same for functions that have no fentry, where breakpoint.c cannot */
#ifdef CONFIG_KPROBES
int kgr_kprobe_set(unsigned long ip);
void kgr_kprobe_drop(unsigned long ip);
#else
static inline int kgr_kprobe_set(unsigned long ip)
{
	return -EOPNOTSUPP;
}

static inline void kgr_kprobe_drop(unsigned long ip)
{
}
#endif

/* redirect-table.c; any context, NMI included */
bool kgr_is_stale_text(unsigned long pc);

/* universe.c: which universe a context lives in */
struct kgr_task_state;
void kgr_states_lock(void); /* within kgr_lock(), if both are taken */
void kgr_states_unlock(void);
int kgr_task_states_begin(enum kgr_universe from, enum kgr_universe target);
int kgr_task_states_reverse(void);
void kgr_task_states_end(enum kgr_universe all);
void kgr_task_states_free(void);
/* Any context; NULL if no transition is under way or the task has no state, and so lives in the target. */
struct kgr_task_state *kgr_task_state_of(struct task_struct *task);
void kgr_add_new_task(struct task_struct *task);
void kgr_task_state_drop(struct kgr_task_state *state);
enum kgr_universe kgr_target_universe(void); /* of the transition under way; any context */
/* Of interrupts on a CPU: called there in process context with interrupts off, or while it is offline. */
void kgr_cpu_move(int cpu);
bool kgr_cpu_moved(int cpu);

/* switch-point.c: where a task or kernel thread moves by itself */
int kgr_check_way_in(void);
int kgr_switch_points_register(void);
void kgr_switch_points_unregister(void);
void kgr_task_queue_work(struct kgr_task_state *state);
bool kgr_task_cancel_work(struct kgr_task_state *state);

/* stack.c: is stale text on a stack? */
bool kgr_own_stack_is_clean(unsigned long sp, unsigned long parent_ip);
bool kgr_idle_stack_is_clean(struct task_struct *idle);
bool kgr_move_if_off_cpu(struct kgr_task_state *state);
void kgr_move_if_asleep(struct kgr_task_state *state, u32 slept, bool ran);
bool kgr_met_stale_text(struct kgr_task_state *state);
extern u64 kgr_irqs_off_ns; /* the longest that interrupts were off for it */

/* move.c: looking at every task and CPU */
struct kgr_pressure {
	bool first; /* the first look at all of them */
	bool poked; /* since the last look */
	unsigned long since; /* jiffies */
	unsigned long signal_after; /* jiffies from then to the next signals; 0: there were none */
	unsigned int cpus_left; /* how many CPUs the last look found not moved */
	bool settled; /* who has moved stays there; or not before the end of ... */
	unsigned long grace; /* ... this grace period, of start_poll_synchronize_rcu() */
	bool forced; /* since it began: who has not moved is taken for moved */
};
unsigned int kgr_move_all(struct kgr_pressure *pressure);
void kgr_move_stop(void);
bool kgr_cancel_leftover_work(void);

/* transition.c: from its start to convergence */
int kgr_enable(void);
int kgr_transition_start(enum kgr_universe target);
void kgr_transition_stop(void);
void kgr_transition_poke(void);
void kgr_transition_force(void);
void kgr_transition_replaced(void);
unsigned int kgr_remaining(void); /* how many tasks and CPUs had not moved at the last look */

/* blocking.c: who has not moved, for people */
ssize_t kgr_blocking_read(char *buf, loff_t off, size_t count);
void kgr_blocking_free(void);

/* sysfs.c */
int kgr_sysfs_create(void);
void kgr_sysfs_remove(void);

#endif
