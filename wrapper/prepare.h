/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What all patches of a kernel have in common, made once by kgr-init, in .kgraft of the build directory. */
#ifndef KGR_PREPARE_H
#define KGR_PREPARE_H

#include "kernel.h"

/* kgr_prepare() - make it, unless this version of kgraft did so already for this kernel */
bool kgr_prepare(const struct kgr_kernel *kernel, guint jobs, GError **error);

/* kgr_prepared_kbuild() - the name of what kgr_kbuild_keep() kept (g_free it); need not exist */
char *kgr_prepared_kbuild(const struct kgr_kernel *kernel, GError **error);

/* kgr_provide_runtime() - the compiled runtime as @dir/kgraft-runtime.o_shipped; it is compiled now if that
 * was not prepared
 */
bool kgr_provide_runtime(const struct kgr_kernel *kernel, const char *dir, guint jobs,
			 GError **error);

#endif
