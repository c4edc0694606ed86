// SPDX-License-Identifier: GPL-2.0-only
/*
 * Code of the patch that runs before and after all tasks move, one of each kind for vmlinux and for
 * every module; when they run is livepatch's rule (kernel: Documentation/livepatch/callbacks.rst).
 * All of it under kgr_lock(), in process context.
 */
#include <linux/module.h>
#include <linux/printk.h>

#include "kgraft-macros.h"
#include "kgraft.h"

union callback {
	void *address;
	int (*before)(struct kgr_patch_object *object);
	void (*after)(struct kgr_patch_object *object);
};

static void *callback_of(unsigned int object, enum kgr_callback_kind kind)
{
	return object ? kgr_patch.objects[object - 1].callbacks[kind] : kgr_patch.callbacks[kind];
}

static struct kgr_patch_object shown(unsigned int object)
{
	struct kgr_patch_object o = {};

	if (object) {
		o.name = kgr_patch.objects[object - 1].name;
		o.mod = kgr_patch.objects[object - 1].module;
	}
	return o;
}

static u32 *prepared_of(unsigned int object)
{
	return object ? &kgr_patch.objects[object - 1].prepared : &kgr_patch.prepared;
}

static bool is_there(unsigned int object)
{
	return !object || kgr_patch.objects[object - 1].module;
}

/**
 * kgr_pre_patch - before anybody can call a new function of an object
 *
 * Return: 0 or the callback's error.
 */
int kgr_pre_patch(unsigned int object)
{
	union callback callback = { .address = callback_of(object, KGR_PRE_PATCH) };
	struct kgr_patch_object o = shown(object);
	int err;

	err = callback.address ? callback.before(&o) : 0;
	*prepared_of(object) = !err;
	if (err)
		pr_err("%s: its pre-patch callback for %s says no (error %d): not patched\n",
		       kgr_patch.name, o.name ?: "vmlinux", err);
	return err;
}

/**
 * kgr_run_callback - one of the callbacks that cannot fail
 *
 * Only for an object whose pre-patch callback had no objection.
 */
void kgr_run_callback(unsigned int object, enum kgr_callback_kind kind)
{
	union callback callback = { .address = callback_of(object, kind) };
	struct kgr_patch_object o = shown(object);

	if (!*prepared_of(object))
		return;
	if (kind == KGR_POST_UNPATCH)
		*prepared_of(object) = false;
	if (callback.address)
		callback.after(&o);
}

/**
 * kgr_run_callbacks - the same for vmlinux and all modules that are there
 */
void kgr_run_callbacks(enum kgr_callback_kind kind)
{
	unsigned int i;

	for (i = 0; i <= kgr_patch.nobjects; i++) {
		if (is_there(i))
			kgr_run_callback(i, kind);
	}
}

/**
 * kgr_forget_callbacks - none is run until the next kgr_pre_patch()
 */
void kgr_forget_callbacks(void)
{
	unsigned int i;

	for (i = 0; i <= kgr_patch.nobjects; i++)
		*prepared_of(i) = false;
}

/**
 * kgr_pre_patch_all - the first step of every way to the new universe
 *
 * Return: 0, or the error of the first that objects, with the others told that it comes to nothing.
 */
int kgr_pre_patch_all(void)
{
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i <= kgr_patch.nobjects; i++) {
		if (is_there(i))
			err = kgr_pre_patch(i);
	}
	if (err)
		kgr_run_callbacks(KGR_POST_UNPATCH);
	return err;
}
