// SPDX-License-Identifier: GPL-2.0-only
/*
 * Jump labels and static calls of the graft. The module loader would have registered them from sections
 * of the usual names while their keys were still unresolved; so they come under other names and are
 * handed over once they are. Those whose keys are another module's come and go with that: the kernel
 * gets them as a module of their own, lent to it for that time.
 */
#include <linux/jump_label.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/static_call.h>
#include <linux/string.h>
#include <asm/nops.h>

#include "unexported.h"

KGR_CALLED(text_poke_copy);
KGR_CALLED(jump_label_module_notify);
KGR_CALLED(static_call_module_notify);

#define SITE_SIZE 5

struct kgr_loan {
	struct module as; /* never seen by anybody but the two notifiers */
	void *tables[2]; /* as the linker left them: they get sorted, and keys flagged */
	u8 (*sites)[SITE_SIZE]; /* the code at their entries, likewise */
};

static int notify_jumps(struct module *as, unsigned long state)
{
	if (!as->num_jump_entries)
		return 0;
	return notifier_to_errno(kgr_call(jump_label_module_notify)(NULL, state, as));
}

static int notify_calls(struct module *as, unsigned long state)
{
#ifdef CONFIG_HAVE_STATIC_CALL_INLINE
	if (as->num_static_call_sites)
		return notifier_to_errno(kgr_call(static_call_module_notify)(NULL, state, as));
#endif
	return 0;
}

/* A notifier that fails undoes its own. */
static int hand_over(struct module *as)
{
	int err = notify_jumps(as, MODULE_STATE_COMING);

	if (err)
		return err;
	err = notify_calls(as, MODULE_STATE_COMING);
	if (err)
		notify_jumps(as, MODULE_STATE_GOING);
	return err;
}

static void set_tables(struct module *as, char *const jumps[2], char *const calls[2])
{
	as->jump_entries = (struct jump_entry *)jumps[0];
	as->num_jump_entries = (struct jump_entry *)jumps[1] - as->jump_entries;
#ifdef CONFIG_HAVE_STATIC_CALL_INLINE
	as->static_call_sites = (struct static_call_site *)calls[0];
	as->num_static_call_sites = (struct static_call_site *)calls[1] - as->static_call_sites;
#endif
}

/**
 * kgr_register_tables - hand those over whose keys are vmlinux's
 *
 * The loader's own notifiers take them out again when the module goes, be it because its init failed.
 *
 * Return: 0 or a negative error.
 */
int kgr_register_tables(void)
{
	char *const jumps[] = { kgr_jump_table, kgr_jump_table_end };
	char *const calls[] = { kgr_static_calls, kgr_static_calls_end };
	int err;

	set_tables(THIS_MODULE, jumps, calls);
	err = hand_over(THIS_MODULE);
	if (err) {
		THIS_MODULE->num_jump_entries = 0;
#ifdef CONFIG_HAVE_STATIC_CALL_INLINE
		THIS_MODULE->num_static_call_sites = 0;
#endif
	}
	return err;
}

/* One site, as arch_jump_label_transform() would (arch/x86/kernel/jump_label.c). */
static int set_jump(struct jump_entry *entry, bool jump)
{
	static const u8 nop2[] = { BYTES_NOP2 }, nop5[] = { BYTES_NOP5 };
	u8 *code = (u8 *)jump_entry_code(entry), insn[5];
	bool is_short = code[0] == 0xeb || !memcmp(code, nop2, sizeof(nop2));
	size_t size = is_short ? 2 : 5;
	long offset = jump_entry_target(entry) - (unsigned long)code - size;

	if (!is_short && code[0] != 0xe9 && memcmp(code, nop5, sizeof(nop5))) {
		pr_err("%s: %pS is neither a jump nor a nop\n", kgr_patch.name, code);
		return -ENOEXEC;
	}
	if (!jump) {
		memcpy(insn, is_short ? nop2 : nop5, size);
	} else {
		insn[0] = is_short ? 0xeb : 0xe9;
		memcpy(insn + 1, &offset, size - 1);
	}
	return kgr_call(text_poke_copy)(code, insn, size) ? 0 : -EFAULT;
}

/**
 * kgr_set_fixed_jumps - the code of branches whose keys cannot change any more since boot
 *
 * Before any of it can run.
 *
 * Return: 0 or a negative error.
 */
int kgr_set_fixed_jumps(void)
{
	struct jump_entry *entry = (struct jump_entry *)kgr_fixed_jumps;
	int err = 0;

	for (; !err && entry < (struct jump_entry *)kgr_fixed_jumps_end; entry++)
		err = set_jump(entry, static_key_enabled(jump_entry_key(entry)) !=
					      jump_entry_is_branch(entry));
	return err;
}

static unsigned int count_sites(const struct kgr_loan *loan)
{
#ifdef CONFIG_HAVE_STATIC_CALL_INLINE
	return loan->as.num_jump_entries + loan->as.num_static_call_sites;
#else
	return loan->as.num_jump_entries;
#endif
}

/* Where the code of the n-th entry is, both tables taken together. */
static void *site_address(const struct kgr_loan *loan, unsigned int n)
{
	if (n < loan->as.num_jump_entries)
		return (void *)jump_entry_code(&loan->as.jump_entries[n]);
#ifdef CONFIG_HAVE_STATIC_CALL_INLINE
	n -= loan->as.num_jump_entries;
	return (void *)&loan->as.static_call_sites[n].addr + loan->as.static_call_sites[n].addr;
#else
	return NULL;
#endif
}

static size_t size_of(char *const table[2])
{
	return table[1] - table[0];
}

static void free_loan(struct kgr_object *object)
{
	kfree(object->loan->tables[0]);
	kfree(object->loan->tables[1]);
	kfree(object->loan->sites);
	kfree(object->loan);
	object->loan = NULL;
}

/**
 * kgr_tables_keep - remember a module's tables and their code, before anything is resolved
 *
 * Under kgr_lock().
 *
 * Return: 0 or a negative error with nothing left behind.
 */
int kgr_tables_keep(struct kgr_object *object)
{
	struct kgr_loan *loan;
	unsigned int i;

	if (!size_of(object->jumps) && !size_of(object->calls))
		return 0;
	loan = kzalloc(sizeof(*loan), GFP_KERNEL);
	if (!loan)
		return -ENOMEM;
	object->loan = loan;
	strscpy(loan->as.name, kgr_patch.name, sizeof(loan->as.name));
	set_tables(&loan->as, object->jumps, object->calls);
	loan->tables[0] = kmemdup(object->jumps[0], size_of(object->jumps), GFP_KERNEL);
	loan->tables[1] = kmemdup(object->calls[0], size_of(object->calls), GFP_KERNEL);
	loan->sites = kcalloc(count_sites(loan), SITE_SIZE, GFP_KERNEL);
	if (!loan->tables[0] || !loan->tables[1] || !loan->sites) {
		free_loan(object);
		return -ENOMEM;
	}
	for (i = 0; i < count_sites(loan); i++)
		memcpy(loan->sites[i], site_address(loan, i), SITE_SIZE);
	return 0;
}

/**
 * kgr_tables_lend - hand a module's tables over: its keys are resolved; under kgr_lock()
 *
 * Return: 0 or a negative error; kgr_tables_take_back() is due in either case.
 */
int kgr_tables_lend(struct kgr_object *object)
{
	return object->loan ? hand_over(&object->loan->as) : 0;
}

/**
 * kgr_tables_take_back - the module goes: tables and code as they were kept; under kgr_lock()
 * @lent: did kgr_tables_lend() succeed?
 *
 * Nobody runs that code.
 */
void kgr_tables_take_back(struct kgr_object *object, bool lent)
{
	struct kgr_loan *loan = object->loan;
	unsigned int i;

	if (!loan)
		return;
	if (lent) {
		notify_calls(&loan->as, MODULE_STATE_GOING);
		notify_jumps(&loan->as, MODULE_STATE_GOING);
	}
	memcpy(object->jumps[0], loan->tables[0], size_of(object->jumps));
	memcpy(object->calls[0], loan->tables[1], size_of(object->calls));
	for (i = 0; i < count_sites(loan); i++)
		kgr_call(text_poke_copy)(site_address(loan, i), loan->sites[i], SITE_SIZE);
	free_loan(object);
}
