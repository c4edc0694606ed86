// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loadable modules that the patch has something for ("objects", as livepatch says). A notifier tells of one
 * that is coming before any of its code runs, its init included. Then, in this order:
 *
 *	its symbols are found in its kallsyms, by name and sympos;
 *	the text of its old functions is compared with what kgr-build saw;
 *	the graft's references to it are resolved, and the graft's jump labels and static calls whose keys
 *	are the module's are registered;
 *	its functions are redirected, and its data gets other values, if all live in the new universe.
 *
 * If any of that fails the module is not loaded. When it is going, all is undone, the last first.
 */
#include <linux/delay.h>
#include <linux/elf.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/string.h>

#include "unexported.h"

KGR_UNEXPORTED(module_mutex);
KGR_CALLED(find_module);

/* A module whose init or exit runs while the patch comes. */
#define PATIENCE (5 * HZ)
#define STEP_MS 10

#define kgr_for_each_object(object)                                                                \
	for (object = kgr_patch.objects; object < kgr_patch.objects + kgr_patch.nobjects; object++)

static unsigned int number_of(const struct kgr_object *object)
{
	return object - kgr_patch.objects + 1;
}

/* As the builder counts: what stays after init, per-CPU data too (wrapper/kernel/linked-image.c). */
static bool stays_after_init(const struct module *mod, const Elf_Sym *sym)
{
	unsigned long percpu = (unsigned long)mod->percpu;

	return within_module_core(sym->st_value, mod) ||
	       (percpu && sym->st_value >= percpu && sym->st_value < percpu + mod->percpu_size);
}

static unsigned long find_symbol(const struct module *mod, const struct kgr_module_sym *want)
{
	const struct mod_kallsyms *kallsyms;
	unsigned int i, sympos = 0;
	unsigned long address = 0;

	/* The table moves when the module's init is done. */
	preempt_disable();
	kallsyms = rcu_dereference_sched(mod->kallsyms);
	for (i = 0; i < kallsyms->num_symtab && !address; i++) {
		const Elf_Sym *sym = &kallsyms->symtab[i];

		if (sym->st_shndx == SHN_UNDEF || !stays_after_init(mod, sym) ||
		    strcmp(kallsyms->strtab + sym->st_name, want->name))
			continue;
		if (sympos++ == want->sympos)
			address = sym->st_value;
	}
	preempt_enable();
	return address;
}

static int find_symbols(const struct kgr_object *object, const struct module *mod)
{
	unsigned int i;

	for (i = 0; i < object->nsyms; i++) {
		object->addresses[i] = find_symbol(mod, &object->syms[i]);
		if (!object->addresses[i]) {
			pr_err("%s: module %s has no %s: the patch was made for another build of it\n",
			       kgr_patch.name, object->name, object->syms[i].name);
			return -ENOEXEC;
		}
	}
	return 0;
}

static int check_build(const struct kgr_object *object, const struct module *mod)
{
#ifdef CONFIG_STACKTRACE_BUILD_ID
	if (object->build_id_size > sizeof(mod->build_id) ||
	    memcmp(mod->build_id, object->build_id, object->build_id_size)) {
		pr_err("%s: made for another build of module %s: build the patch again\n",
		       kgr_patch.name, object->name);
		return -ENOEXEC;
	}
#endif
	return 0;
}

static int resolve(struct kgr_object *object, struct module *mod)
{
	int err = check_build(object, mod);

	err = err ?: find_symbols(object, mod);
	err = err ?: kgr_check_functions(number_of(object));
	err = err ?: kgr_tables_save(object);
	return err ?: kgr_apply_relocs(number_of(object));
}

static int patch_object(unsigned int number)
{
	int err = kgr_is_off() ? 0 : kgr_pre_patch(number);

	if (err)
		return err;
	err = kgr_redirect_add(number);
	if (!err) {
		err = kgr_data_add(number);
		if (err)
			kgr_redirect_remove(number);
	}
	if (err)
		kgr_run_callback(number, KGR_POST_UNPATCH);
	else if (!kgr_in_transition())
		kgr_run_callback(number, KGR_POST_PATCH);
	return err;
}

/* Under kgr_lock(). Leaves nothing behind if it fails. */
static int module_coming(struct kgr_object *object, struct module *mod)
{
	bool registered = false;
	int err = resolve(object, mod);

	if (!err) {
		err = kgr_tables_register(object);
		registered = !err;
	}
	WRITE_ONCE(object->module, mod);
	err = err ?: patch_object(number_of(object));
	if (err) {
		kgr_tables_unregister(object, registered);
		WRITE_ONCE(object->module, NULL);
	}
	return err;
}

/* Under kgr_lock(). */
static void module_going(struct kgr_object *object)
{
	if (!object->module)
		return;
	if (!kgr_in_transition())
		kgr_run_callback(number_of(object), KGR_PRE_UNPATCH);
	kgr_redirect_remove(number_of(object));
	kgr_data_remove(number_of(object));
	kgr_run_callback(number_of(object), KGR_POST_UNPATCH);
	kgr_tables_unregister(object, true);
	WRITE_ONCE(object->module, NULL);
}

/* What goes cannot be held up; who loads something can be killed while another change holds the lock. */
static int lock_for(unsigned long action)
{
	if (action == MODULE_STATE_COMING)
		return kgr_lock_killable();
	kgr_lock();
	return 0;
}

/* Of any module: what earlier patches have of it, which were told before, is on its way back. */
static int see_to_replaced(unsigned long action, const struct module *mod)
{
	int err = 0;

	if (!kgr_redirect_replaces())
		return 0;
	err = lock_for(action);
	if (err)
		return err;
	if (action == MODULE_STATE_COMING)
		err = kgr_redirect_add_replaced();
	if (err || action == MODULE_STATE_GOING)
		kgr_redirect_forget_replaced(mod);
	kgr_unlock();
	return err;
}

/* The kernel does not tell who refused a module that it goes. */
static void undo_coming(const struct module *mod)
{
	struct kgr_object *object;

	kgr_lock();
	kgr_for_each_object(object) {
		if (object->module == mod)
			module_going(object);
	}
	kgr_redirect_forget_replaced(mod);
	kgr_unlock();
}

static int on_module(struct notifier_block *nb, unsigned long action, void *data)
{
	struct module *mod = data;
	struct kgr_object *object;
	bool seen = false;
	int err = 0;

	kgr_for_each_object(object) {
		if (strcmp(object->name, mod->name))
			continue;
		err = lock_for(action);
		if (err)
			break;
		seen = true;
		if (action == MODULE_STATE_COMING && !object->module)
			err = module_coming(object, mod);
		else if (action == MODULE_STATE_GOING && object->module == mod)
			module_going(object);
		kgr_unlock();
		if (err)
			pr_err("%s: module %s is refused, since it cannot be patched%s: %s\n",
			       kgr_patch.name, object->name, err == -EBUSY ? " now" : "",
			       err == -EBUSY ? "try again when no patch is moving (kgr status)" :
					       "unload this patch, or build it for this module");
	}
	err = err ?: see_to_replaced(action, mod);
	if (err && seen && action == MODULE_STATE_COMING)
		undo_coming(mod);
	return notifier_from_errno(err);
}

static bool sees_modules(void)
{
	return kgr_patch.nobjects || kgr_redirect_replaces();
}

static struct notifier_block watcher = { .notifier_call = on_module };

/**
 * kgr_objects_register - be told of modules that come and go, from now on
 *
 * Return: 0 or a negative error.
 */
int kgr_objects_register(void)
{
	return sees_modules() ? register_module_notifier(&watcher) : 0;
}

/**
 * kgr_objects_unregister - forget those that are there; not under kgr_lock()
 *
 * Nobody is in the notifier when it returns, nor in any new function.
 */
void kgr_objects_unregister(void)
{
	struct kgr_object *object;

	if (!sees_modules())
		return;
	unregister_module_notifier(&watcher);
	kgr_lock();
	kgr_for_each_object(object)
		module_going(object);
	kgr_unlock();
}

/* Its own init or exit may run old functions just now: such a module is neither there nor not. */
static int module_present(struct kgr_object *object)
{
	struct mutex *modules = (struct mutex *)kgr_address(module_mutex);
	unsigned long end = jiffies + PATIENCE;
	struct module *mod;
	bool between;

	for (;;) {
		mutex_lock(modules);
		mod = kgr_call(find_module)(object->name);
		between = mod && mod->state != MODULE_STATE_LIVE;
		mutex_unlock(modules);
		/* From live to going takes module_mutex, and then our notifier, which waits for us. */
		if (!between || object->module)
			return mod && !object->module ? module_coming(object, mod) : 0;
		if (time_after(jiffies, end))
			break;
		kgr_unlock();
		msleep(STEP_MS);
		kgr_lock();
	}
	pr_err("%s: module %s is being loaded or unloaded just now: try again\n", kgr_patch.name,
	       object->name);
	return -EBUSY;
}

/**
 * kgr_objects_present - find the modules that are there already; under kgr_lock()
 *
 * Return: 0 or a negative error.
 */
int kgr_objects_present(void)
{
	struct kgr_object *object;
	int err = 0;

	kgr_for_each_object(object)
		err = err ?: module_present(object);
	return err;
}
