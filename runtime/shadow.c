// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shadow variables: data beside a structure that cannot grow, found by the structure's address and a
 * number. Names and meaning are those of the kernel's livepatch (Documentation/livepatch/shadow-vars.rst),
 * which has its own where CONFIG_LIVEPATCH is set. They belong to all patches together, so that a later
 * one finds what an earlier one has left.
 */
#include <linux/hash.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "kgraft-macros.h"
#include "kgraft.h"
#include "peer.h"

#if !IS_ENABLED(CONFIG_LIVEPATCH)

static struct hlist_head *bucket_of(void *obj)
{
	return &kgr_self.registry->shadows[hash_ptr(obj, KGR_SHADOW_BITS)];
}

/* Under RCU or the registry's shadow_lock. */
static struct kgr_shadow *find(void *obj, unsigned long id)
{
	struct kgr_shadow *shadow;

	hlist_for_each_entry_rcu(shadow, bucket_of(obj), node,
				 lockdep_is_held(&kgr_self.registry->shadow_lock)) {
		if (shadow->obj == obj && shadow->id == id)
			return shadow;
	}
	return NULL;
}

/**
 * klp_shadow_get - the data of a shadow variable, NULL if there is none
 *
 * Any context that RCU watches.
 */
void *klp_shadow_get(void *obj, unsigned long id)
{
	struct kgr_shadow *shadow;

	rcu_read_lock();
	shadow = find(obj, id);
	rcu_read_unlock();
	return shadow ? shadow->data : NULL;
}

/* Adds @new unless somebody was first: then that one, and @new is freed. */
static struct kgr_shadow *add(struct kgr_shadow *new, klp_shadow_ctor_t ctor, void *ctor_data,
			      bool *first)
{
	struct kgr_shadow *shadow;
	unsigned long flags;
	int err = 0;

	spin_lock_irqsave(&kgr_self.registry->shadow_lock, flags);
	shadow = find(new->obj, new->id);
	*first = !shadow;
	if (!shadow) {
		err = ctor ? ctor(new->obj, new->data, ctor_data) : 0;
		if (!err) {
			hlist_add_head_rcu(&new->node, bucket_of(new->obj));
			shadow = new;
		}
	}
	spin_unlock_irqrestore(&kgr_self.registry->shadow_lock, flags);
	if (err)
		pr_err("%s: the constructor of shadow variable <%p, %lx> failed (error %d)\n",
		       kgr_patch.name, new->obj, new->id, err);
	if (shadow != new)
		kfree(new);
	return shadow;
}

static struct kgr_shadow *make(void *obj, unsigned long id, size_t size, gfp_t gfp)
{
	struct kgr_shadow *new = kzalloc(size + sizeof(*new), gfp);

	if (new) {
		new->obj = obj;
		new->id = id;
	}
	return new;
}

/**
 * klp_shadow_alloc - a new shadow variable
 * @ctor: fills it in, under a spinlock with interrupts off; may be NULL
 *
 * Return: its data, or NULL: no memory, the constructor failed, or there is one already, which is
 * a mistake of the caller and warned of.
 */
void *klp_shadow_alloc(void *obj, unsigned long id, size_t size, gfp_t gfp_flags,
		       klp_shadow_ctor_t ctor, void *ctor_data)
{
	struct kgr_shadow *shadow;
	bool first;

	if (!klp_shadow_get(obj, id)) {
		shadow = make(obj, id, size, gfp_flags);
		if (!shadow)
			return NULL;
		shadow = add(shadow, ctor, ctor_data, &first);
		if (first)
			return shadow ? shadow->data : NULL;
	}
	WARN(1, "Duplicate shadow variable <%p, %lx>\n", obj, id);
	return NULL;
}

/**
 * klp_shadow_get_or_alloc - the data of a shadow variable, made if there is none
 */
void *klp_shadow_get_or_alloc(void *obj, unsigned long id, size_t size, gfp_t gfp_flags,
			      klp_shadow_ctor_t ctor, void *ctor_data)
{
	void *data = klp_shadow_get(obj, id);
	struct kgr_shadow *shadow;
	bool first;

	if (data)
		return data;
	shadow = make(obj, id, size, gfp_flags);
	shadow = shadow ? add(shadow, ctor, ctor_data, &first) : NULL;
	return shadow ? shadow->data : NULL;
}

static void remove(struct kgr_shadow *shadow, klp_shadow_dtor_t dtor)
{
	hlist_del_rcu(&shadow->node);
	if (dtor)
		dtor(shadow->obj, shadow->data);
	kfree_rcu(shadow, rcu);
}

/**
 * klp_shadow_free - forget a shadow variable, if there is one
 * @dtor: clears up, under a spinlock with interrupts off; may be NULL
 */
void klp_shadow_free(void *obj, unsigned long id, klp_shadow_dtor_t dtor)
{
	struct kgr_shadow *shadow;
	unsigned long flags;

	spin_lock_irqsave(&kgr_self.registry->shadow_lock, flags);
	shadow = find(obj, id);
	if (shadow)
		remove(shadow, dtor);
	spin_unlock_irqrestore(&kgr_self.registry->shadow_lock, flags);
}

/**
 * klp_shadow_free_all - forget all shadow variables of that number
 */
void klp_shadow_free_all(unsigned long id, klp_shadow_dtor_t dtor)
{
	struct hlist_head *head = kgr_self.registry->shadows;
	struct kgr_shadow *shadow;
	struct hlist_node *next;
	unsigned long flags;

	spin_lock_irqsave(&kgr_self.registry->shadow_lock, flags);
	for (; head < kgr_self.registry->shadows + KGR_SHADOW_BUCKETS; head++) {
		hlist_for_each_entry_safe(shadow, next, head, node) {
			if (shadow->id == id)
				remove(shadow, dtor);
		}
	}
	spin_unlock_irqrestore(&kgr_self.registry->shadow_lock, flags);
}
#endif
