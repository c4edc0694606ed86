// SPDX-License-Identifier: GPL-2.0-only
/*
 * The files of a patch in sysfs. Objects and functions are directories, as livepatch has them; of
 * two functions of one name the second is NAME,2:
 *
 *	/sys/kernel/kgraft/<patch>/
 *		enabled				read: where all tasks live or are to go; written: go
 *						there
 *		transition, remaining		is a transition under way; how many tasks and CPUs
 *						are left
 *		blocking			which tasks these are, see blocking.c
 *		poke, force			written: interrupt sleepers; end the transition by
 *						force
 *		irqs_off_ns, version, escapes	longest look with interrupts off; kgraft's version;
 *						names of what the kernel may keep pointers to
 *		vmlinux/patched			is the object redirected?
 *		vmlinux/prctl_set_auxv/		empty
 */
#include <linux/kernel.h>
#include <linux/kobject.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

#include "compat.h"
#include "kgraft.h"

static struct kobject **object_dirs; /* vmlinux first, then as kgr_patch.objects */
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
	err = kgr_lock_killable();
	if (err)
		return err;
	/* The file is there a moment before it is certain that the patch stays. */
	if (kgr_is_loaded())
		err = on ? kgr_enable() : kgr_transition_start(KGR_OLD);
	else
		err = -ENODEV;
	kgr_unlock();
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

static ssize_t poke_store(struct kobject *kobj, struct kobj_attribute *attr, const char *buf,
			  size_t count)
{
	kgr_transition_poke();
	return count;
}

static ssize_t force_store(struct kobject *kobj, struct kobj_attribute *attr, const char *buf,
			   size_t count)
{
	bool on;
	int err = kstrtobool(buf, &on);

	if (err || !on)
		return err ?: -EINVAL;
	kgr_transition_force();
	return count;
}

static ssize_t irqs_off_ns_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%llu\n", READ_ONCE(kgr_irqs_off_ns));
}

static ssize_t blocking_read(struct file *file, struct kobject *kobj, KGR_BIN_ATTRIBUTE *attr,
			     char *buf, loff_t off, size_t count)
{
	return kgr_blocking_read(buf, off, count);
}

static ssize_t version_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", kgr_patch.version);
}

static ssize_t escapes_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", kgr_patch.escapes);
}

static struct kobj_attribute enabled_attr = __ATTR(enabled, 0644, enabled_show, enabled_store);
static struct kobj_attribute transition_attr = __ATTR_RO(transition);
static struct kobj_attribute remaining_attr = __ATTR_RO(remaining);
static struct kobj_attribute poke_attr = __ATTR(poke, 0200, NULL, poke_store);
static struct kobj_attribute force_attr = __ATTR(force, 0200, NULL, force_store);
static struct kobj_attribute irqs_off_ns_attr = __ATTR_RO(irqs_off_ns);
static struct kobj_attribute version_attr = __ATTR_RO(version);
static struct kobj_attribute escapes_attr = __ATTR_RO(escapes);

/* "enabled" is the last, so that nothing takes it away while they are made: who writes to it waits for the maker. */
static const struct attribute *attrs[] = {
	&transition_attr.attr, &remaining_attr.attr,   &poke_attr.attr,
	&force_attr.attr,      &irqs_off_ns_attr.attr, &version_attr.attr,
	&escapes_attr.attr,    &enabled_attr.attr,     NULL,
};

static struct bin_attribute blocking_attr = {
	.attr = { .name = "blocking", .mode = 0400 },
	.read = blocking_read,
};

static ssize_t patched_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	unsigned int i = 0;

	while (object_dirs[i] != kobj)
		i++;
	return sysfs_emit(buf, "%d\n",
			  kgr_current_target() == KGR_NEW &&
				  (!i || READ_ONCE(kgr_patch.objects[i - 1].module)));
}

static struct kobj_attribute patched_attr = __ATTR_RO(patched);

static bool has_functions(unsigned int object)
{
	struct kgr_func *func;

	kgr_for_each_func(func) {
		if (func->object == object)
			return true;
	}
	return false;
}

static int make_object_dirs(void)
{
	unsigned int i;

	object_dirs = kcalloc(kgr_patch.nobjects + 1, sizeof(*object_dirs), GFP_KERNEL);
	if (!object_dirs)
		return -ENOMEM;
	for (i = 0; i <= kgr_patch.nobjects; i++) {
		if (!has_functions(i))
			continue;
		object_dirs[i] = kobject_create_and_add(
			i ? kgr_patch.objects[i - 1].name : "vmlinux", kgr_kobj());
		if (!object_dirs[i] || sysfs_create_file(object_dirs[i], &patched_attr.attr))
			return -ENOMEM;
	}
	return 0;
}

/* Files may each have a function of one name: the second is NAME,2. */
static struct kobject *make_func_dir(unsigned int number)
{
	const struct kgr_func *func = &kgr_patch.funcs[number];
	struct kobject *parent = object_dirs[func->object], *dir;
	unsigned int i, nth = 1;
	char *name;

	for (i = 0; i < number; i++)
		nth += kgr_patch.funcs[i].object == func->object &&
		       !strcmp(kgr_patch.funcs[i].name, func->name);
	if (nth == 1)
		return kobject_create_and_add(func->name, parent);
	name = kasprintf(GFP_KERNEL, "%s,%u", func->name, nth);
	dir = name ? kobject_create_and_add(name, parent) : NULL;
	kfree(name);
	return dir;
}

static int make_func_dirs(void)
{
	unsigned int i;

	func_dirs = kcalloc(kgr_patch.nfuncs, sizeof(*func_dirs), GFP_KERNEL);
	if (!func_dirs)
		return -ENOMEM;
	for (i = 0; i < kgr_patch.nfuncs; i++) {
		func_dirs[i] = make_func_dir(i);
		if (!func_dirs[i])
			return -ENOMEM;
	}
	return 0;
}

/**
 * kgr_sysfs_create - make the patch's files; under kgr_lock()
 *
 * Return: 0, or a negative error with what kgr_sysfs_remove() takes away.
 */
int kgr_sysfs_create(void)
{
	int err = make_object_dirs() ?: make_func_dirs();

	err = err ?: sysfs_create_bin_file(kgr_kobj(), &blocking_attr);
	return err ?: sysfs_create_files(kgr_kobj(), attrs);
}

/**
 * kgr_sysfs_remove - take away what there is of them, also if there is nothing; not under kgr_lock()
 *
 * Nobody is in a show or store function when this returns.
 */
void kgr_sysfs_remove(void)
{
	unsigned int i;

	sysfs_remove_files(kgr_kobj(), attrs);
	sysfs_remove_bin_file(kgr_kobj(), &blocking_attr);
	for (i = 0; func_dirs && i < kgr_patch.nfuncs; i++)
		kobject_put(func_dirs[i]);
	kfree(func_dirs);
	for (i = 0; object_dirs && i <= kgr_patch.nobjects; i++) {
		if (object_dirs[i])
			sysfs_remove_file(object_dirs[i], &patched_attr.attr);
		kobject_put(object_dirs[i]);
	}
	kfree(object_dirs);
	kgr_blocking_free();
}
