/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What patch modules know of each other, whatever version of kgraft made them: everybody's name
 * among /sys/kernel/kgraft/, one lock, and who redirects which function. A module that finds another
 * version of this does not load.
 */
#ifndef KGR_PEER_H
#define KGR_PEER_H

#include <linux/kobject.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "kgraft-abi.h"
#include "lengths.h"

#define KGR_PEER_MAGIC 0x6b677266
#define KGR_PEER_VERSION 8

#define KGR_SHADOW_BITS 6
#define KGR_SHADOW_BUCKETS (1 << KGR_SHADOW_BITS)

/* A shadow variable: belongs to all patches, so its layout is part of this interface (shadow.c). */
struct kgr_shadow {
	struct hlist_node node;
	struct rcu_head rcu;
	void *obj;
	unsigned long id;
	char data[] __aligned(8);
};

/* One for all patch modules, made by the first, freed by the last. */
struct kgr_registry {
	struct mutex lock; /* whoever changes anything about any patch */
	struct lock_class_key key; /* both may outlive the module that made them */
	char name[16];
	struct list_head peers; /* in the order they came */
	unsigned int members;
	spinlock_t shadow_lock;
	struct hlist_head shadows[KGR_SHADOW_BUCKETS];
};

struct kgr_peer_func {
	const char *name, *module; /* of the kernel's; NULL: of vmlinux */
	unsigned long ip; /* of the fentry, or the first instruction; 0: its module is not there */
	unsigned long new_address;
	struct kgr_text_range old[2]; /* the kernel's function, at run-time addresses */
	struct kgr_text_range new_text[2]; /* what replaces it */
	unsigned long stub; /* what runs it from its start, whatever is there; 0: it has a fentry */
	bool active; /* callers are redirected to new_address */
	bool handled; /* by the handler, converged as it is */
	u8 jump_size; /* or by a jump that has the place of so many bytes, */
	u8 original[KGR_ARCH_JUMP_MAX]; /* these; of a breakpoint, the first of them */
	unsigned long jump_at;
};

/* A number or pointer of the kernel's data that has another value in the patch's universe (data.c). */
struct kgr_peer_data {
	const char *name, *module; /* NULL: of vmlinux */
	unsigned long address;
	void *mapping; /* of its page, writable; NULL: its module is not there */
	void *place; /* the same memory, there */
	u64 built, patched;
	u32 size; /* 1, 2, 4 or 8 */
	bool written; /* it has the value "patched" now, by this patch */
};

struct kgr_peer {
	struct kobject kobj; /* a member of the kset "kgraft" */
	u32 magic;
	u32 version;
	struct kgr_registry *registry;
	struct list_head list; /* in registry->peers; read under RCU, too */
	const char *name;
	bool busy; /* in transition, or clearing up after one */
	bool on; /* somebody lives, or may live, in its new universe */
	bool stands_in; /* off; redirects to what earlier patches have, which could not resume */
	bool forced; /* a transition was ended by force: somebody may be in any of its functions, old or new */
	struct kgr_peer *replaced_by; /* the cumulative patch that is taking its place */
	unsigned int users; /* functions of this one that later patches redirect */
	unsigned long text, text_end; /* all code of the graft */
	unsigned int nfuncs;
	struct kgr_peer_func *funcs;
	unsigned int ndata;
	struct kgr_peer_data *data;

	/* All under the registry's lock, in process context. */
	void (*suspend)(unsigned int func); /* a later patch redirects this function now */
	int (*resume)(unsigned int func); /* it has stopped to */
	int (*update_handler)(void); /* which functions are "handled" has changed */
	void (*replaced)(void); /* a cumulative patch that redirects all has converged */
};

extern struct kgr_peer kgr_self;

#define kgr_for_each_peer(peer) list_for_each_entry(peer, &kgr_self.registry->peers, list)

#endif
