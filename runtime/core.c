// SPDX-License-Identifier: GPL-2.0-only
/* The life of a patch module: proof, resolving, redirecting, and back. */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>

#include "kgraft.h"

static int enable(void)
{
	int err;

	/* Held as long as anybody may be in a new function: rmmod says "in use" meanwhile. */
	__module_get(THIS_MODULE);
	err = kgr_redirect_all();
	if (err)
		goto put;
	mutex_lock(&kgr_mutex);
	err = kgr_transition_start(KGR_NEW);
	mutex_unlock(&kgr_mutex);
	if (!err)
		return 0;
	kgr_restore_all();
put:
	module_put(THIS_MODULE);
	return err;
}

static int __init kgr_init(void)
{
	int err;

	err = kgr_find_slide();
	err = err ?: kgr_check_kernel();
	err = err ?: kgr_check_functions();
	err = err ?: kgr_apply_relocs();
	err = err ?: kgr_register_tables();
	err = err ?: kgr_sysfs_create();
	if (err)
		return err;
	err = enable();
	if (err)
		kgr_sysfs_remove();
	return err;
}

/* Only a patch that is out everywhere gets here: the reference of enable() is gone then. */
static void __exit kgr_exit(void)
{
	kgr_sysfs_remove();
	kgr_transition_stop();
	synchronize_rcu_tasks();
}

module_init(kgr_init);
module_exit(kgr_exit);
