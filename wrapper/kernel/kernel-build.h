/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel that a patch is for: its build directory, what it exports, its release and build-id. */
#ifndef KGR_KERNEL_BUILD_H
#define KGR_KERNEL_BUILD_H

#include "kernel/adopted.h"
#include "kernel/linked-image.h"

#define KGR_BUILD_ID_MAX 64

struct kgr_kernel {
	char *build; /* directory, canonical */
	char *source; /* directory, canonical; the same for an in-tree build */
	char *external; /* of modules built outside (M=), canonical; NULL: the kernel is patched */
	struct kgr_adopted *adopted; /* somebody else built it; NULL: it was recorded */
	char *compiler; /* what kgr-gcc ran, with its full name */
	char *release; /* as uname -r says */
	char *config; /* include/config/auto.conf, after a newline; see kgr_kernel_option() */
	struct kgr_image *vmlinux;
	GPtrArray *modules; /* of struct kgr_image, those that were asked for */
	GHashTable *exported; /* what of vmlinux modules may use: name -> namespace, "" for none */
	GHashTable *module_exports; /* name -> module, as in kgr_kernel_module() */
	uint8_t build_id[KGR_BUILD_ID_MAX];
	size_t build_id_size;
	uint64_t build_id_address; /* of its bytes, as linked */
};

/* kgr_kernel_open() - read what a patch build needs to know of a kernel build directory
 * @external: the directory of external modules that are to be patched; NULL: the kernel is
 *
 * Refuses what was neither built with CC=kgr-gcc nor adopted: the kernel, or with @external these
 * modules, whatever compiled the kernel then. Close it with kgr_kernel_close(). NULL with @error
 * set if something of it is missing.
 */
struct kgr_kernel *kgr_kernel_open(const char *build, const char *external, GError **error);

/* kgr_kernel_tree() - the directory that names in a diff are relative to: the kernel's source, or that of the external
 * modules; the kernel's
 */
const char *kgr_kernel_tree(const struct kgr_kernel *kernel);

/* kgr_kernel_objects() - the directory below which what can be patched was compiled, or is if it is
 * adopted; the kernel's
 */
const char *kgr_kernel_objects(const struct kgr_kernel *kernel);

/* kgr_kernel_is_adopted() - is what can be patched somebody else's build, so that its records have to be made? */
static inline bool kgr_kernel_is_adopted(const struct kgr_kernel *kernel)
{
	return kernel->adopted && !kernel->external;
}

/* kgr_kernel_close() - free a kernel with its images; NULL is fine */
void kgr_kernel_close(struct kgr_kernel *kernel);

typedef struct kgr_kernel kgr_kernel;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kgr_kernel, kgr_kernel_close)

/* kgr_kernel_module() - a module of the build
 * @name: its file without the ".ko", relative to the build directory or with its full name
 *
 * The image stays the kernel's. NULL with @error set if there is no such file, or it cannot be read.
 */
struct kgr_image *kgr_kernel_module(struct kgr_kernel *kernel, const char *name, GError **error);

/* kgr_kernel_option() - 'y', 'm', or 0: what is CONFIG_@name in the build directory's .config? */
char kgr_kernel_option(const struct kgr_kernel *kernel, const char *name);

/* kgr_kernel_config() - is CONFIG_@name =y in the build directory's .config? */
bool kgr_kernel_config(const struct kgr_kernel *kernel, const char *name);

/* kgr_kernel_build_id_text() - the build-id in lower-case hexadecimal digits; g_free() it */
char *kgr_kernel_build_id_text(const struct kgr_kernel *kernel);

#endif
