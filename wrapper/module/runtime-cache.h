/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What all patches of a kernel have in common, made once by kgr-init, in .kgraft of the build directory. */
#ifndef KGR_RUNTIME_CACHE_H
#define KGR_RUNTIME_CACHE_H

#include "kernel/kernel-build.h"

/* kgr_runtime_cache_make() - make it, unless this version of kgraft did so already for this kernel
 * @jobs: how many programs may run at a time
 *
 * What is there of other kernels or versions is removed. False with @error set if it cannot be made.
 */
bool kgr_runtime_cache_make(const struct kgr_kernel *kernel, guint jobs, GError **error);

/* kgr_runtime_cache_kbuild() - the name of what kgr_kbuild_save_env() saved (g_free it), whether that is there or
 * not; NULL with @error set if kgraft's own files cannot be read
 */
char *kgr_runtime_cache_kbuild(const struct kgr_kernel *kernel, GError **error);

/* kgr_runtime_cache_get() - the compiled runtime as @dir/kgraft-runtime.o_shipped; it is compiled now if that
 * was not prepared
 *
 * False with @error set if it is not there and cannot be compiled.
 */
bool kgr_runtime_cache_get(const struct kgr_kernel *kernel, const char *dir, guint jobs,
			   GError **error);

#endif
