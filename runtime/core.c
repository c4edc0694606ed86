// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a patch module. Loading goes up these steps, and a step that fails undoes those before it:
 *
 *	kernel		is this the one that the patch was made for, and do tasks come in where they are expected?
 *	resolving	the graft's references to what is not exported
 *	tables		jump labels and static calls of the graft
 *	entries		where the old functions' fentries are
 *	data		where it has other values in the new universe
 *	known		to other patches, and to the module notifier
 *	functions	are these the ones that the patch replaces? Those of modules that are there are found
 *	files		in sysfs, which nobody can use yet
 *	transition	to the new universe
 *
 * From the last on the module is in use, until a transition back has ended.
 */
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>

#include "kgraft.h"
#include "peer.h"

/*
 * Under kgr_lock(). Modules that come and go are waited for first: from when its files are there nothing waits any
 * more, and who writes to them meanwhile waits for the lock. The transition is the last step, so none undoes one.
 */
static int check_functions_and_enable(void)
{
	int err = kgr_check_functions(0) ?: kgr_objects_present();

	if (err)
		return err;
	err = kgr_fault() ?: kgr_sysfs_create();
	if (err)
		return err;
	err = kgr_enable();
	/* Who stands in for an earlier patch is needed though it failed. */
	if (err && !kgr_redirect_stands_in())
		return err;
	kgr_set_loaded();
	return 0;
}

static int show_and_enable(void)
{
	int err;

	kgr_self.replaced = kgr_transition_replaced;
	err = kgr_fault() ?: kgr_peers_register();
	if (err)
		return err;
	err = kgr_fault() ?: kgr_objects_register();
	if (err)
		goto leave;
	err = kgr_lock_killable();
	if (err)
		goto unregister;
	err = check_functions_and_enable();
	kgr_unlock();
	if (!err)
		return 0;
	kgr_sysfs_remove();
unregister:
	kgr_objects_unregister();
leave:
	kgr_peers_unregister();
	return err;
}

/* What the kernel may point to must not go: nothing says when it no longer does. */
static void stay_if_it_escapes(void)
{
	if (!*kgr_patch.escapes)
		return;
	__module_get(THIS_MODULE);
	pr_info("%s: cannot be unloaded, as the kernel may keep the address of %s\n",
		kgr_patch.name, kgr_patch.escapes);
}

static int __init kgr_init(void)
{
	int err;

	err = kgr_find_slide();
	err = err ?: kgr_check_kernel();
	err = err ?: kgr_check_way_in();
	err = err ?: kgr_fault();
	err = err ?: kgr_apply_relocs(0);
	err = err ?: kgr_fault();
	err = err ?: kgr_set_fixed_jumps();
	err = err ?: kgr_tables_register_own();
	err = err ?: kgr_fault();
	err = err ?: kgr_redirect_prepare();
	if (err)
		return err;
	err = kgr_data_prepare() ?: show_and_enable();
	if (err) {
		kgr_transition_stop();
		kgr_redirect_free();
		kgr_data_free();
	} else {
		stay_if_it_escapes();
	}
	kgr_no_more_faults();
	return err;
}

/* Only a patch that is out everywhere gets here: the reference of kgr_enable() is gone then. */
static void __exit kgr_exit(void)
{
	kgr_transition_stop();
	kgr_objects_unregister();
	kgr_sysfs_remove();
	kgr_peers_unregister();
	kgr_redirect_free();
	kgr_data_free();
}

module_init(kgr_init);
module_exit(kgr_exit);
