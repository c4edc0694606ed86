// SPDX-License-Identifier: GPL-2.0-only
/*
 * Meeting other patch modules. The kset /sys/kernel/kgraft is the place: it belongs to the kernel,
 * and its members' kobjects lead to what they tell of themselves. module_mutex, held for a moment,
 * sees to it that two who come at the same time make only one hub.
 */
#include <linux/completion.h>
#include <linux/kernfs.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "kgraft.h"
#include "peer.h"
#include "unexported.h"

KGR_UNEXPORTED(module_mutex);

static DECLARE_COMPLETION(released);
static struct kset *top;

static void release(struct kobject *kobj)
{
	complete(&released);
}

static struct kobj_type ktype = {
	.release = release,
	.sysfs_ops = &kobj_sysfs_ops,
};

struct kgr_peer kgr_self = {
	.magic = KGR_PEER_MAGIC,
	.version = KGR_PEER_VERSION,
};

struct kobject *kgr_kobj(void)
{
	return &kgr_self.kobj;
}

void kgr_lock(void)
{
	mutex_lock(&kgr_self.hub->lock);
}

void kgr_unlock(void)
{
	mutex_unlock(&kgr_self.hub->lock);
}

static struct kset *find_or_make_top(void)
{
	struct kernfs_node *node = kernfs_find_and_get(kernel_kobj->sd, "kgraft");
	struct kset *kset = NULL;

	if (node) {
		struct kobject *kobj = kobject_get_unless_zero(node->priv);

		kset = kobj ? container_of(kobj, struct kset, kobj) : NULL;
		kernfs_put(node);
	}
	return kset ?: kset_create_and_add("kgraft", NULL, kernel_kobj);
}

/* Under module_mutex, so nobody comes or goes. */
static int find_hub(struct kgr_hub **hub)
{
	struct kobject *kobj;
	int err = 0;

	spin_lock(&top->list_lock);
	list_for_each_entry(kobj, &top->list, entry) {
		struct kgr_peer *peer = container_of(kobj, struct kgr_peer, kobj);

		if (peer->magic != KGR_PEER_MAGIC || peer->version != KGR_PEER_VERSION) {
			pr_err("%s: %s was made by a kgraft that this one does not understand: unload it first\n",
			       kgr_patch.name, kobject_name(kobj));
			err = -EBUSY;
		} else if (peer->hub) {
			*hub = peer->hub;
		}
	}
	spin_unlock(&top->list_lock);
	return err;
}

static struct kgr_hub *make_hub(void)
{
	struct kgr_hub *hub = kzalloc(sizeof(*hub), GFP_KERNEL);

	if (!hub)
		return NULL;
	strscpy(hub->name, "kgraft", sizeof(hub->name));
	lockdep_register_key(&hub->key);
	__mutex_init(&hub->lock, hub->name, &hub->key);
	spin_lock_init(&hub->shadow_lock);
	INIT_LIST_HEAD(&hub->peers);
	return hub;
}

static void free_hub(struct kgr_hub *hub)
{
	kgr_shadows_free(hub);
	mutex_destroy(&hub->lock);
	lockdep_unregister_key(&hub->key);
	kfree(hub);
}

static int join(void)
{
	struct kgr_hub *hub = NULL;
	int err;

	top = find_or_make_top();
	if (!top)
		return -ENOMEM;
	err = find_hub(&hub);
	if (!err && !hub) {
		hub = make_hub();
		err = hub ? 0 : -ENOMEM;
	}
	if (err) {
		kset_put(top);
		return err;
	}
	kgr_self.name = kgr_patch.name;
	kgr_self.text = (unsigned long)kgr_text;
	kgr_self.text_end = (unsigned long)kgr_text_end;
	kgr_self.kobj.kset = top;
	err = kobject_init_and_add(&kgr_self.kobj, &ktype, NULL, "%s", kgr_patch.name);
	if (err) {
		kobject_put(&kgr_self.kobj);
		wait_for_completion(&released);
		if (!hub->members)
			free_hub(hub);
		kset_put(top);
		return err;
	}
	hub->members++;
	kgr_self.hub = hub;
	return 0;
}

/**
 * kgr_peers_join - become known under /sys/kernel/kgraft, and get to know who is there
 *
 * Return: 0, or a negative error with nothing left behind; -EBUSY if another patch speaks another
 * version.
 */
int kgr_peers_join(void)
{
	struct mutex *modules = (struct mutex *)kgr_address(module_mutex);
	int err;

	mutex_lock(modules);
	err = join();
	mutex_unlock(modules);
	if (err)
		return err;
	kgr_lock();
	list_add_tail(&kgr_self.list, &kgr_self.hub->peers);
	kgr_unlock();
	return 0;
}

/**
 * kgr_peers_leave - and be forgotten; nobody uses anything of this module when it returns
 */
void kgr_peers_leave(void)
{
	struct mutex *modules = (struct mutex *)kgr_address(module_mutex);
	struct kgr_hub *hub = kgr_self.hub;
	bool last;

	kgr_lock();
	list_del(&kgr_self.list);
	kgr_unlock();
	/* Whoever is in one of our files needs the hub to get out. */
	kobject_del(&kgr_self.kobj);
	mutex_lock(modules);
	kgr_self.hub = NULL;
	last = !--hub->members;
	mutex_unlock(modules);
	if (last)
		free_hub(hub);
	kobject_put(&kgr_self.kobj);
	wait_for_completion(&released);
	kset_put(top);
}
