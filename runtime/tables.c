// SPDX-License-Identifier: GPL-2.0-only
/*
 * Jump labels and static calls of the graft. The module loader would register those in sections of the usual
 * names before init, while their keys are unresolved. So they are in sections of other names and are given to
 * the kernel's own notifier functions once they are resolved. A table whose keys are a module's comes and goes
 * with that module: the notifiers get it as that of a struct module that exists for this only. They sort
 * tables and rewrite code, so both are saved first and put back when the module is going.
 */
#include <linux/jump_label.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/static_call.h>
#include <linux/string.h>

#include "arch.h"
#include "unexported.h"

KGR_CALLED(jump_label_module_notify);
KGR_CALLED(static_call_module_notify);

struct kgr_saved_tables {
	struct module as; /* never seen by anybody but the two notifiers */
	void *tables[2]; /* as the linker left them: they get sorted, and keys flagged */
	u8 (*sites)[KGR_ARCH_SITE_SIZE]; /* the code at their entries, likewise */
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
static int notify_coming(struct module *as)
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
 * kgr_tables_register_own - give the kernel those whose keys are vmlinux's
 *
 * The loader's own notifiers take them out again when the module goes, be it because its init failed.
 *
 * Return: 0 or a negative error.
 */
int kgr_tables_register_own(void)
{
	char *const jumps[] = { kgr_jump_table, kgr_jump_table_end };
	char *const calls[] = { kgr_static_calls, kgr_static_calls_end };
	int err;

	set_tables(THIS_MODULE, jumps, calls);
	err = notify_coming(THIS_MODULE);
	if (err) {
		THIS_MODULE->num_jump_entries = 0;
#ifdef CONFIG_HAVE_STATIC_CALL_INLINE
		THIS_MODULE->num_static_call_sites = 0;
#endif
	}
	return err;
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
		err = kgr_arch_set_jump(entry, static_key_enabled(jump_entry_key(entry)) !=
						       jump_entry_is_branch(entry));
	return err;
}

static unsigned int count_sites(const struct kgr_saved_tables *saved)
{
#ifdef CONFIG_HAVE_STATIC_CALL_INLINE
	return saved->as.num_jump_entries + saved->as.num_static_call_sites;
#else
	return saved->as.num_jump_entries;
#endif
}

/* Where the code of the n-th entry is, both tables taken together. */
static void *site_address(const struct kgr_saved_tables *saved, unsigned int n)
{
	if (n < saved->as.num_jump_entries)
		return (void *)jump_entry_code(&saved->as.jump_entries[n]);
#ifdef CONFIG_HAVE_STATIC_CALL_INLINE
	n -= saved->as.num_jump_entries;
	return (void *)&saved->as.static_call_sites[n].addr + saved->as.static_call_sites[n].addr;
#else
	return NULL;
#endif
}

static size_t size_of(char *const table[2])
{
	return table[1] - table[0];
}

static void free_saved(struct kgr_object *object)
{
	kfree(object->saved->tables[0]);
	kfree(object->saved->tables[1]);
	kfree(object->saved->sites);
	kfree(object->saved);
	object->saved = NULL;
}

/**
 * kgr_tables_save - save a module's tables and their code, before anything is resolved
 *
 * Under kgr_lock().
 *
 * Return: 0 or a negative error with nothing left behind.
 */
int kgr_tables_save(struct kgr_object *object)
{
	struct kgr_saved_tables *saved;
	unsigned int i;

	if (!size_of(object->jumps) && !size_of(object->calls))
		return 0;
	saved = kzalloc(sizeof(*saved), GFP_KERNEL);
	if (!saved)
		return -ENOMEM;
	object->saved = saved;
	strscpy(saved->as.name, kgr_patch.name, sizeof(saved->as.name));
	set_tables(&saved->as, object->jumps, object->calls);
	saved->tables[0] = kmemdup(object->jumps[0], size_of(object->jumps), GFP_KERNEL);
	saved->tables[1] = kmemdup(object->calls[0], size_of(object->calls), GFP_KERNEL);
	saved->sites = kcalloc(count_sites(saved), KGR_ARCH_SITE_SIZE, GFP_KERNEL);
	if (!saved->tables[0] || !saved->tables[1] || !saved->sites) {
		free_saved(object);
		return -ENOMEM;
	}
	for (i = 0; i < count_sites(saved); i++)
		memcpy(saved->sites[i], site_address(saved, i), KGR_ARCH_SITE_SIZE);
	return 0;
}

/**
 * kgr_tables_register - give the kernel a module's tables, whose keys are resolved; under kgr_lock()
 *
 * Return: 0 or a negative error; kgr_tables_unregister() is due in either case.
 */
int kgr_tables_register(struct kgr_object *object)
{
	return object->saved ? notify_coming(&object->saved->as) : 0;
}

/**
 * kgr_tables_unregister - the module goes: tables and code as they were saved; under kgr_lock()
 * @registered: did kgr_tables_register() succeed?
 *
 * Nobody runs that code.
 */
void kgr_tables_unregister(struct kgr_object *object, bool registered)
{
	struct kgr_saved_tables *saved = object->saved;
	unsigned int i;

	if (!saved)
		return;
	if (registered) {
		notify_calls(&saved->as, MODULE_STATE_GOING);
		notify_jumps(&saved->as, MODULE_STATE_GOING);
	}
	memcpy(object->jumps[0], saved->tables[0], size_of(object->jumps));
	memcpy(object->calls[0], saved->tables[1], size_of(object->calls));
	for (i = 0; i < count_sites(saved); i++)
		kgr_arch_write(site_address(saved, i), saved->sites[i], KGR_ARCH_SITE_SIZE);
	free_saved(object);
}
