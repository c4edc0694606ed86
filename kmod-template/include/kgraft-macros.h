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

void *klp_shadow_get(void *obj, unsigned long id);
void *klp_shadow_alloc(void *obj, unsigned long id, size_t size, gfp_t gfp_flags,
		       klp_shadow_ctor_t ctor, void *ctor_data);
void *klp_shadow_get_or_alloc(void *obj, unsigned long id, size_t size, gfp_t gfp_flags,
			      klp_shadow_ctor_t ctor, void *ctor_data);
void klp_shadow_free(void *obj, unsigned long id, klp_shadow_dtor_t dtor);
void klp_shadow_free_all(unsigned long id, klp_shadow_dtor_t dtor);
#endif

#endif
