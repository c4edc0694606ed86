// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/kgraft/<patch>/: enabled, transition, remaining, blocking, poke, and a directory for
 * each function, like livepatch's.
 */
#include <linux/kernel.h>
#include <linux/kernfs.h>
#include <linux/kobject.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

#include "kgraft.h"

static struct kobject *top, *dir, *object_dir;
static struct kobject **func_dirs;

static ssize_t enabled_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", kgr_current_target() == KGR_NEW);
}

static ssize_t enabled_store(struct kobject *kobj, struct kobj_attribute *attr, const char *buf,
			     size_t count)
{
	bool on;
	int err = kstrtobool(buf, &on);

	if (err)
		return err;
	mutex_lock(&kgr_mutex);
	/* Once it is out the functions are let go: to have it back it is loaded again. */
	if (on && kgr_current_target() == KGR_OLD && !kgr_in_transition())
		err = -EINVAL;
	else
		err = kgr_transition_start(on ? KGR_NEW : KGR_OLD);
	mutex_unlock(&kgr_mutex);
	return err ?: count;
}

static ssize_t transition_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", kgr_in_transition());
}

static ssize_t remaining_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", kgr_remaining());
}

static ssize_t blocking_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return kgr_list_blocking(buf, PAGE_SIZE);
}

static ssize_t poke_store(struct kobject *kobj, struct kobj_attribute *attr, const char *buf,
			  size_t count)
{
	kgr_transition_poke();
	return count;
}

static ssize_t version_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", kgr_patch.version);
}

static struct kobj_attribute enabled_attr = __ATTR(enabled, 0644, enabled_show, enabled_store);
static struct kobj_attribute transition_attr = __ATTR_RO(transition);
static struct kobj_attribute remaining_attr = __ATTR_RO(remaining);
static struct kobj_attribute blocking_attr = __ATTR(blocking, 0400, blocking_show, NULL);
static struct kobj_attribute poke_attr = __ATTR(poke, 0200, NULL, poke_store);
static struct kobj_attribute version_attr = __ATTR_RO(version);

static const struct attribute *attrs[] = {
	&enabled_attr.attr,
	&transition_attr.attr,
	&remaining_attr.attr,
	&blocking_attr.attr,
	&poke_attr.attr,
	&version_attr.attr,
	NULL,
};

/* Several patch modules share the top directory; whoever comes first makes it. */
static struct kobject *find_or_make_top(void)
{
	struct kernfs_node *node = kernfs_find_and_get(kernel_kobj->sd, "kgraft");
	struct kobject *kobj = NULL;

	if (node) {
		kobj = kobject_get_unless_zero(node->priv);
		kernfs_put(node);
	}
	return kobj ?: kobject_create_and_add("kgraft", kernel_kobj);
}

static int make_func_dirs(void)
{
	unsigned int i;

	object_dir = kobject_create_and_add("vmlinux", dir);
	func_dirs = kcalloc(kgr_patch.nfuncs, sizeof(*func_dirs), GFP_KERNEL);
	if (!object_dir || !func_dirs)
		return -ENOMEM;
	for (i = 0; i < kgr_patch.nfuncs; i++) {
		func_dirs[i] = kobject_create_and_add(kgr_patch.funcs[i].name, object_dir);
		if (!func_dirs[i])
			return -ENOMEM;
	}
	return 0;
}

/**
 * kgr_sysfs_create - make the patch's files
 *
 * Return: 0 or a negative error with nothing left behind.
 */
int kgr_sysfs_create(void)
{
	int err = -ENOMEM;

	top = find_or_make_top();
	if (!top)
		return err;
	dir = kobject_create_and_add(kgr_patch.name, top);
	if (dir)
		err = make_func_dirs();
	if (!err)
		err = sysfs_create_files(dir, attrs);
	if (err)
		kgr_sysfs_remove();
	return err;
}

/**
 * kgr_sysfs_remove - take them away; nobody is in a show or store function when this returns
 */
void kgr_sysfs_remove(void)
{
	unsigned int i;

	for (i = 0; func_dirs && i < kgr_patch.nfuncs; i++)
		kobject_put(func_dirs[i]);
	kfree(func_dirs);
	kobject_put(object_dir);
	kobject_put(dir);
	kobject_put(top);
}
