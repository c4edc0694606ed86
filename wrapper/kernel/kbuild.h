/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kbuild, run for a directory of ours that is not part of the kernel's. */
#ifndef KGR_KBUILD_H
#define KGR_KBUILD_H

#include "kernel/kernel-build.h"

/* kgr_kbuild_environment() - ours, without what the kernel's makes would heed; g_strfreev() it */
char **kgr_kbuild_environment(void);

/* kgr_kbuild() - make @target, "modules" or an object, in @dir, which has a file Kbuild
 * @jobs: how many programs make may run at a time
 *
 * False with @error set if make fails, with what it said.
 */
bool kgr_kbuild(const struct kgr_kernel *kernel, const char *dir, const char *target, guint jobs,
		GError **error);

/* kgr_kbuild_save_env() - write to the file @saved what Kbuild finds out before it makes modules
 * @dir: an empty directory for the work
 *
 * It runs the compiler some thirty times for that, which takes longer than making a small module.
 * False with @error set if that fails.
 */
bool kgr_kbuild_save_env(const struct kgr_kernel *kernel, const char *dir, const char *saved,
			 GError **error);

/* kgr_kbuild_modules() - make the modules of @dir as kgr_kbuild() does
 * @saved: the file that kgr_kbuild_save_env() made for this kernel; without it Kbuild finds all out again
 *
 * False with @error set if make fails, with what it said.
 */
bool kgr_kbuild_modules(const struct kgr_kernel *kernel, const char *dir, const char *saved,
			guint jobs, GError **error);

#endif
