/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For a diff that becomes a live patch: callbacks, and data beside structures whose layout must stay.
 * kgr-build lets the patched sources include this; the source tree needs no copy of it. Names and
 * meaning are those of the kernel's livepatch and of kpatch, so that their diffs carry over.
 */
#ifndef KGRAFT_MACROS_H
#define KGRAFT_MACROS_H

#include <linux/kconfig.h>
#include <linux/livepatch.h>
#include <linux/types.h>

struct module;

/* What a callback is for: vmlinux (no name, no module), or a module that is there. */
struct kgr_patch_object {
	const char *name;
	struct module *mod;
};

typedef struct kgr_patch_object patch_object;

#define KGR_CALLBACK(kind) __used __section(".kgr.callbacks." #kind)

/* Before anybody meets a new function; an error refuses the patch or the module. */
#define KPATCH_PRE_PATCH_CALLBACK(fn)                                                              \
	static int (*const kgr_pre_patch)(patch_object * object) KGR_CALLBACK(pre_patch) = fn
/* Once everybody lives in the new universe. */
#define KPATCH_POST_PATCH_CALLBACK(fn)                                                             \
	static void (*const kgr_post_patch)(patch_object * object) KGR_CALLBACK(post_patch) = fn
/* Before the way back begins; not if a transition turns round before everybody had moved. */
#define KPATCH_PRE_UNPATCH_CALLBACK(fn)                                                            \
	static void (*const kgr_pre_unpatch)(patch_object * object) KGR_CALLBACK(pre_unpatch) = fn
/* Once everybody is back in the old universe, if pre_patch had succeeded. */
#define KPATCH_POST_UNPATCH_CALLBACK(fn)                                                           \
	static void (*const kgr_post_unpatch)(patch_object * object) KGR_CALLBACK(post_unpatch) = fn

/* Shadow variables: linux/livepatch.h has them only with CONFIG_LIVEPATCH. */
#if !IS_ENABLED(CONFIG_LIVEPATCH)
typedef int (*klp_shadow_ctor_t)(void *obj, void *shadow_data, void *ctor_data);
typedef void (*klp_shadow_dtor_t)(void *obj, void *shadow_data);

/*
 * A shadow variable is memory that belongs to an object: @obj is any address, @id the number that
 * the fix gave the variable. Later patches find it by the same two. It is freed by the calls below,
 * or when the last patch module goes. All of them may be called in any context in which
 * spin_lock_irqsave() and RCU may be used; @gfp_flags says whether a call may sleep.
 */

/*
 * Returns the variable's data; NULL if there is none. The caller keeps others from freeing it
 * meanwhile.
 */
void *klp_shadow_get(void *obj, unsigned long id);

/*
 * Makes a variable of @size bytes, all zero, and has @ctor (which may be NULL) fill it in, under a
 * spinlock with interrupts off; @ctor gets @ctor_data, and refuses by an error. Returns its data;
 * NULL if there is no memory, @ctor refused, or there is such a variable already, which is warned
 * of.
 */
void *klp_shadow_alloc(void *obj, unsigned long id, size_t size, gfp_t gfp_flags,
		       klp_shadow_ctor_t ctor, void *ctor_data);

/*
 * Like klp_shadow_get(), or if there is none like klp_shadow_alloc(); of two callers at a time only
 * one makes it.
 */
void *klp_shadow_get_or_alloc(void *obj, unsigned long id, size_t size, gfp_t gfp_flags,
			      klp_shadow_ctor_t ctor, void *ctor_data);

/*
 * Frees the variable, if there is one, after a grace period of RCU. @dtor (which may be NULL) gets
 * its data before that, under a spinlock with interrupts off.
 */
void klp_shadow_free(void *obj, unsigned long id, klp_shadow_dtor_t dtor);

/* klp_shadow_free() of the variables of all objects with the number @id. */
void klp_shadow_free_all(unsigned long id, klp_shadow_dtor_t dtor);
#endif

#endif
