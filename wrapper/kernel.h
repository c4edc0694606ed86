/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel that a patch is for: its vmlinux, what it exports, who it is. */
#ifndef KGR_KERNEL_H
#define KGR_KERNEL_H

#include "object.h"

#define KGR_BUILD_ID_MAX 64

struct kgr_ksym {
	const char *name;
	uint64_t address; /* as linked */
	uint64_t size;
	unsigned char type, bind;
	bool fixed; /* per-CPU offset or absolute: the kernel's slide does not apply */
	unsigned int file; /* number of the STT_FILE symbol it stands under */
};

struct kgr_kernel {
	char *build; /* directory, canonical */
	char *source; /* directory, canonical; the same for an in-tree build */
	char *vmlinux;
	char *release; /* as uname -r says */
	Elf *elf;
	int fd;
	struct kgr_ksym *syms;
	size_t nsyms;
	GPtrArray *files; /* STT_FILE names, by number */
	GHashTable *by_name; /* name -> GSList of struct kgr_ksym */
	GHashTable *exported; /* what any module may use */
	uint8_t build_id[KGR_BUILD_ID_MAX];
	size_t build_id_size;
	uint64_t build_id_address; /* of its bytes, as linked */
};

/* kgr_kernel_open() - read what a patch build needs to know of a kernel build directory */
struct kgr_kernel *kgr_kernel_open(const char *build, GError **error);
void kgr_kernel_close(struct kgr_kernel *kernel);

/* kgr_kernel_unit() - which STT_FILE of vmlinux is this object?
 * @built: the object as it went into vmlinux
 * @source: its source file
 *
 * The name alone does not tell, so all its local functions must be there with their sizes. Returns
 * the number, -1 if the object has no local symbol to tell by, -2 with @error set if it is not
 * in vmlinux or not to be told from another.
 */
int kgr_kernel_unit(struct kgr_kernel *kernel, const struct kgr_obj *built, const char *source,
		    GError **error);

/* kgr_kernel_find() - a symbol's address
 * @unit: from kgr_kernel_unit(), for a local symbol; ignored for a global one
 */
const struct kgr_ksym *kgr_kernel_find(struct kgr_kernel *kernel, int unit, const char *name,
				       bool local, GError **error);

/* kgr_kernel_text() - @size bytes of vmlinux at @address as linked, or NULL */
const uint8_t *kgr_kernel_text(struct kgr_kernel *kernel, uint64_t address, uint64_t size);

/* kgr_kernel_sealed() - has the kernel taken the function at @address out of the reach of indirect
 * branches (arch/x86/kernel/alternative.c, apply_seal_endbr())? Its own code never takes its address.
 */
bool kgr_kernel_sealed(struct kgr_kernel *kernel, uint64_t address);

/* kgr_kernel_config() - is CONFIG_@name =y in the build directory's .config? */
bool kgr_kernel_config(const struct kgr_kernel *kernel, const char *name);

#endif
