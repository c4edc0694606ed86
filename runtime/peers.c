// SPDX-License-Identifier: GPL-2.0-only
/*
 * What patch modules share: one struct kgr_registry. The kset /sys/kernel/kgraft is where they meet: it
 * belongs to the kernel, each patch is a kobject in it, and each such kobject is part of a struct kgr_peer,
 * which has a pointer to the registry. The first patch makes kset and registry, the last frees them;
 * module_mutex, held for a moment, sees to it that two who come at the same time make only one.
 */
#include <linux/completion.h>
#include <linux/kernfs.h>
#include <linux/module.h>
#include <linux/pgtable.h>
#include <linux/preempt.h>
#include <linux/printk.h>
#include <linux/rculist.h>
#include <linux/rcupdate.h>
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
	mutex_lock(&kgr_self.registry->lock);
}

/* For who can go away without it: 0, or -EINTR. */
int kgr_lock_killable(void)
{
	return mutex_lock_killable(&kgr_self.registry->lock);
}

/**
 * kgr_unlock - let go of the lock that kgr_lock() or kgr_lock_killable() took, in the same task
 */
void kgr_unlock(void)
{
	mutex_unlock(&kgr_self.registry->lock);
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
static int find_registry(struct kgr_registry **registry)
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
		} else if (peer->registry) {
			*registry = peer->registry;
		}
	}
	spin_unlock(&top->list_lock);
	return err;
}

static struct kgr_registry *make_registry(void)
{
	struct kgr_registry *registry = kzalloc(sizeof(*registry), GFP_KERNEL);

	if (!registry)
		return NULL;
	strscpy(registry->name, "kgraft", sizeof(registry->name));
	lockdep_register_key(&registry->key);
	__mutex_init(&registry->lock, registry->name, &registry->key);
	spin_lock_init(&registry->shadow_lock);
	INIT_LIST_HEAD(&registry->peers);
	return registry;
}

/* The last patch has gone: nobody would find them any more. */
static void free_shadows(struct kgr_registry *registry)
{
	struct hlist_head *head;
	struct kgr_shadow *shadow;
	struct hlist_node *next;

	for (head = registry->shadows; head < registry->shadows + KGR_SHADOW_BUCKETS; head++)
		hlist_for_each_entry_safe(shadow, next, head, node)
			kfree(shadow);
}

static void free_registry(struct kgr_registry *registry)
{
	free_shadows(registry);
	mutex_destroy(&registry->lock);
	lockdep_unregister_key(&registry->key);
	kfree(registry);
}

static int join(void)
{
	struct kgr_registry *registry = NULL;
	int err;

	top = find_or_make_top();
	if (!top)
		return -ENOMEM;
	err = find_registry(&registry);
	if (!err && !registry) {
		registry = make_registry();
		err = registry ? 0 : -ENOMEM;
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
		if (!registry->members)
			free_registry(registry);
		kset_put(top);
		return err;
	}
	registry->members++;
	kgr_self.registry = registry;
	return 0;
}

/**
 * kgr_peers_register - become known under /sys/kernel/kgraft, and get to know who is there
 *
 * Return: 0, or a negative error with nothing left behind; -EBUSY if another patch speaks another
 * version.
 */
int kgr_peers_register(void)
{
	struct mutex *modules = (struct mutex *)kgr_address(module_mutex);
	int err;

	mutex_lock(modules);
	err = join();
	mutex_unlock(modules);
	if (err)
		return err;
	kgr_lock();
	list_add_tail_rcu(&kgr_self.list, &kgr_self.registry->peers);
	kgr_unlock();
	return 0;
}

/**
 * kgr_peers_unregister - and be forgotten; nobody uses anything of this module when it returns
 */
void kgr_peers_unregister(void)
{
	struct mutex *modules = (struct mutex *)kgr_address(module_mutex);
	struct kgr_registry *registry = kgr_self.registry;

	kgr_lock();
	list_del_rcu(&kgr_self.list);
	kgr_unlock();
	/* Pairs with kgr_kernel_text(). */
	synchronize_rcu();
	/* Whoever is in one of our files needs the registry to get out. */
	kobject_del(&kgr_self.kobj);
	kobject_put(&kgr_self.kobj);
	wait_for_completion(&released);
	mutex_lock(modules);
	kgr_self.registry = NULL;
	if (!--registry->members)
		free_registry(registry);
	/* The last one takes the directory away, which who comes next must not find half gone. */
	kset_put(top);
	mutex_unlock(modules);
}

static bool notrace is_part(unsigned long pc, const struct kgr_text_range text[2])
{
	int part;

	for (part = 0; part < 2; part++) {
		if (text[part].size && pc >= text[part].address &&
		    pc <= text[part].address + text[part].size)
			return true;
	}
	return false;
}

/* As it stands in the kernel: behind the start, since a range's end counts as its own. */
static unsigned long notrace replaced_by(const struct kgr_peer *peer, unsigned long pc)
{
	unsigned int i;

	for (i = 0; i < peer->nfuncs; i++) {
		if (is_part(pc, peer->funcs[i].new_text))
			return peer->funcs[i].old[0].address + 1;
	}
	return 0;
}

/**
 * kgr_kernel_text - whose place does this code take?
 * @pc: an address, as it stands on a stack
 *
 * The runtime tells by the functions on a stack where a task is. One of them may have been replaced, by this patch or
 * by another. Any context where RCU watches.
 *
 * Return: @pc if it is not code of a patch; for code of a new function an address in the kernel's function that it
 * replaces; 0 for what patches have besides: it is part of whoever called it.
 */
unsigned long notrace kgr_kernel_text(unsigned long pc)
{
	unsigned long is = pc;
	struct kgr_peer *peer;

	if (pc < MODULES_VADDR || pc >= MODULES_END)
		return pc;
	preempt_disable_notrace();
	list_for_each_entry_lockless(peer, &kgr_self.registry->peers, list) {
		if (pc >= peer->text && pc <= peer->text_end)
			is = replaced_by(peer, pc);
	}
	preempt_enable_notrace();
	return is;
}
