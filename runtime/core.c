// SPDX-License-Identifier: GPL-2.0-only
/* The life of a patch module: proof, resolving, redirecting, and back. */
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>

#include "kgraft.h"

#ifdef CONFIG_FAULT_INJECTION
static int fail_step;
module_param(fail_step, int, 0444);
MODULE_PARM_DESC(fail_step, "for tests: this step of loading fails");
#endif

/**
 * kgr_fault - the steps of loading, for a test that has each of them fail
 *
 * Return: 0, or -ECANCELED where the test said so.
 */
int kgr_fault(void)
{
#ifdef CONFIG_FAULT_INJECTION
	if (fail_step && !--fail_step)
		return -ECANCELED;
#endif
	return 0;
}

static void kgr_no_more_faults(void)
{
#ifdef CONFIG_FAULT_INJECTION
	fail_step = 0;
#endif
}

/**
 * kgr_enable - set out for the new universe; under kgr_lock()
 *
 * Return: 0 or a negative error with nothing changed.
 */
int kgr_enable(void)
{
	bool from_off = kgr_is_off();
	int err;

	/* Held as long as anybody may be in a new function: rmmod says "in use" meanwhile. */
	if (from_off && !try_module_get(THIS_MODULE))
		return -ENODEV;
	err = kgr_fault() ?: kgr_transition_start(KGR_NEW);
	if (err && from_off)
		module_put(THIS_MODULE);
	return err;
}

/**
 * kgr_disabled - nothing of the patch is in use any more; under kgr_lock()
 */
void kgr_disabled(void)
{
	module_put(THIS_MODULE);
}

static int show_and_enable(void)
{
	int err = kgr_fault() ?: kgr_peers_join();

	if (err)
		return err;
	err = kgr_fault() ?: kgr_sysfs_create();
	if (err)
		goto leave;
	err = kgr_fault() ?: kgr_objects_watch();
	if (err)
		goto remove;
	kgr_lock();
	err = kgr_objects_present() ?: kgr_enable();
	kgr_unlock();
	if (!err)
		return 0;
	kgr_objects_unwatch();
remove:
	kgr_sysfs_remove();
leave:
	kgr_peers_leave();
	return err;
}

static int __init kgr_init(void)
{
	int err;

	err = kgr_find_slide();
	err = err ?: kgr_check_kernel();
	err = err ?: kgr_check_functions(0);
	err = err ?: kgr_fault();
	err = err ?: kgr_apply_relocs(0);
	err = err ?: kgr_fault();
	err = err ?: kgr_set_fixed_jumps();
	err = err ?: kgr_register_tables();
	err = err ?: kgr_fault();
	err = err ?: kgr_redirect_prepare();
	if (err)
		return err;
	err = show_and_enable();
	if (err) {
		kgr_transition_stop();
		kgr_redirect_free();
	}
	kgr_no_more_faults();
	return err;
}

/* Only a patch that is out everywhere gets here: the reference of kgr_enable() is gone then. */
static void __exit kgr_exit(void)
{
	kgr_transition_stop();
	kgr_objects_unwatch();
	kgr_sysfs_remove();
	kgr_peers_leave();
	kgr_redirect_free();
}

module_init(kgr_init);
module_exit(kgr_exit);
