/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of the runtime know of each other, and of the tables in patch.h. */
#ifndef KGRAFT_H
#define KGRAFT_H

#include <linux/errno.h>
#include <linux/types.h>

#include "patch.h"

struct kobject;
struct task_struct;

/* The two versions of everything that is patched. */
enum kgr_universe {
	KGR_OLD,
	KGR_NEW
};

/* Made by kgr-build: patch.c and the graft. */
extern struct kgr_patch kgr_patch;
extern const struct kgr_sym kgr_syms[];
extern const struct kgr_reloc kgr_relocs[], kgr_relocs_end[];
extern char kgr_text[], kgr_text_end[]; /* all code of the graft */
extern char kgr_jump_table[], kgr_jump_table_end[];
extern char kgr_fixed_jumps[], kgr_fixed_jumps_end[];
extern char kgr_static_calls[], kgr_static_calls_end[];

#define kgr_for_each_func(func)                                                                    \
	for (func = kgr_patch.funcs; func < kgr_patch.funcs + kgr_patch.nfuncs; func++)

/* core.c: the patch's life. Everything that changes it happens under kgr_lock() (peers.c). */
int kgr_enable(void);
void kgr_disabled(void);
int kgr_fault(void);

/* resolve.c: addresses that the kernel does not export */
extern unsigned long kgr_slide;
int kgr_find_slide(void);
int kgr_apply_relocs(unsigned int object);

/* tables.c: jump labels and static calls of the graft */
int kgr_register_tables(void);
int kgr_set_fixed_jumps(void);
int kgr_tables_keep(struct kgr_object *object);
int kgr_tables_lend(struct kgr_object *object);
void kgr_tables_take_back(struct kgr_object *object, bool lent);

/* identity.c: is this the kernel that the patch was made for? */
int kgr_check_kernel(void);
int kgr_check_functions(unsigned int object);

/* peers.c: other patches in this kernel */
int kgr_peers_join(void);
void kgr_peers_leave(void);
void kgr_lock(void);
void kgr_unlock(void);
struct kobject *kgr_kobj(void);

/* objects.c: modules that the patch has something for */
int kgr_objects_watch(void);
void kgr_objects_unwatch(void);
int kgr_objects_present(void);
unsigned long kgr_part_address(const struct kgr_func *func, int part);
unsigned long kgr_symbol_address(const struct kgr_sym *sym);

/* callbacks.c */
int kgr_pre_patch(unsigned int object);
int kgr_pre_patch_all(void);
void kgr_after(unsigned int object, enum kgr_callback_kind kind);
void kgr_after_all(enum kgr_callback_kind kind);

/* redirect.c: fentry of the old functions */
int kgr_redirect_add(unsigned int object);
void kgr_redirect_remove(unsigned int object);
int kgr_redirect_prepare(void);
void kgr_redirect_free(void);
int kgr_choose_begin(void);
void kgr_choose_abort(void);
void kgr_drop_neutral(void);
void kgr_lead_directly(void);
int kgr_let_go(void);

/* kprobe.c: the same for functions that have none */
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

/* leads.c */
bool kgr_is_left_text(unsigned long pc);

/* universe.c: which universe a context lives in */
struct kgr_mark;
int kgr_marks_begin(enum kgr_universe from, enum kgr_universe target);
int kgr_marks_reverse(void);
void kgr_marks_end(enum kgr_universe all);
void kgr_marks_free(void);
struct kgr_mark *kgr_mark_of(struct task_struct *task);
void kgr_mark_newborn(struct task_struct *task);
enum kgr_universe kgr_target_universe(void);
void kgr_cpu_moved(int cpu);
bool kgr_cpu_has_moved(int cpu);

/* boundary.c: where a task or kernel thread changes its universe by itself */
int kgr_boundaries_watch(void);
void kgr_boundaries_unwatch(void);
void kgr_mark_queue_work(struct kgr_mark *mark);
bool kgr_mark_cancel_work(struct kgr_mark *mark);

/* stack.c: is a function of the universe that is left behind on a stack? */
bool kgr_own_stack_is_clean(unsigned long sp, unsigned long parent_ip);
bool kgr_idle_stack_is_clean(struct task_struct *idle);
void kgr_move_if_off_cpu(struct kgr_mark *mark);
void kgr_move_if_asleep(struct kgr_mark *mark, u32 slept, bool between_work);
extern u64 kgr_irqs_off_ns;

/* move.c: helping along who has not moved */
struct kgr_pressure {
	bool first; /* the first look at everybody */
	bool poked;
	unsigned long since; /* jiffies */
};
unsigned int kgr_move_everybody(const struct kgr_pressure *pressure);
void kgr_force_everybody(void);
bool kgr_cancel_leftover_work(void);

/* transition.c: from its start to convergence */
int kgr_transition_start(enum kgr_universe target);
void kgr_transition_stop(void);
void kgr_transition_poke(void);
void kgr_transition_force(void);
void kgr_transition_replaced(void);
bool kgr_in_transition(void);
enum kgr_universe kgr_current_target(void);
bool kgr_is_off(void);
unsigned int kgr_remaining(void);

/* blocking.c: who has not moved, for people */
ssize_t kgr_blocking_read(char *buf, loff_t off, size_t count);
void kgr_blocking_free(void);

/* sysfs.c */
int kgr_sysfs_create(void);
void kgr_sysfs_remove(void);

#endif
