/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was linked: vmlinux, or a module. Its symbols, by name and by the file they come from. */
#ifndef KGR_LINKED_IMAGE_H
#define KGR_LINKED_IMAGE_H

#include "elf/object.h"

#define KGR_NO_FILE 0 /* in place of the number of a symbol of type STT_FILE; these count from 1 */

struct kgr_image;

struct kgr_ksym {
	const struct kgr_image *image;
	const char *name;
	uint64_t address; /* as linked; in a module, in its section */
	uint64_t size;
	unsigned char type, bind;
	uint16_t shndx;
	bool fixed; /* per-CPU offset or absolute: the kernel's slide does not apply */
	bool outlives_init; /* in a module: still there after its init */
	unsigned int file; /* number of the STT_FILE symbol it stands under */
};

struct kgr_image {
	char *path;
	const struct kgr_arch *arch;
	char *module; /* its name as lsmod has it; NULL: vmlinux */
	Elf *elf;
	int fd;
	struct kgr_ksym *syms;
	size_t nsyms;
	GPtrArray *files; /* STT_FILE names, by number; "" for KGR_NO_FILE */
	GHashTable *by_name; /* name -> GSList of struct kgr_ksym */
};

/* kgr_image_open() - read a linked file's symbols
 * @path: vmlinux, or a .ko
 * @module: is it a module?
 *
 * Close it with kgr_image_close(). NULL with @error set if it is missing, no ELF file, stripped, or of an
 * architecture that is not known.
 */
struct kgr_image *kgr_image_open(const char *path, bool module, GError **error);

/* kgr_image_close() - free an image with its symbols; NULL is fine */
void kgr_image_close(struct kgr_image *image);

typedef struct kgr_image kgr_image;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kgr_image, kgr_image_close)

/* kgr_module_name() - the name that a module's file or a path to it gives it, as lsmod has it; g_free() it */
char *kgr_module_name(const char *path);

/* kgr_image_file_idx() - which STT_FILE is this object?
 * @built: the object as it was linked
 * @source: its source file
 *
 * @idx: gets its number; KGR_NO_FILE if there are several of the name, and nothing tells them apart, and the object
 *	has no local function
 *
 * The name alone does not tell, so its symbols must be there, and as far from each other. False with @error
 * set, and @idx KGR_NO_FILE, if it is not there or looks just like another.
 */
bool kgr_image_file_idx(struct kgr_image *image, const struct kgr_obj *built, const char *source,
			unsigned int *idx, GError **error);

/* kgr_image_find() - a symbol that is defined there
 * @file_idx: from kgr_image_file_idx(), for a local symbol; ignored for a global one
 *
 * It stays the image's. NULL with @error set, a refusal, if there is none; no local symbol is found with
 * KGR_NO_FILE.
 */
const struct kgr_ksym *kgr_image_find(struct kgr_image *image, unsigned int file_idx,
				      const char *name, bool local, GError **error);

/* kgr_image_in_file() - the local symbol of that name in file number @file; NULL if there is none */
const struct kgr_ksym *kgr_image_in_file(struct kgr_image *image, unsigned int file,
					 const char *name);

/* kgr_image_global() - the global or weak symbol of that name; NULL if there is none */
const struct kgr_ksym *kgr_image_global(const struct kgr_image *image, const char *name);

/* kgr_image_overrides() - is an object's @sym weak, and did another file's function of that name
 * win when this was linked?
 */
bool kgr_image_overrides(const struct kgr_image *image, const struct kgr_sym *sym);

/* kgr_image_has_global() - does it define a global symbol of that name? */
bool kgr_image_has_global(const struct kgr_image *image, const char *name);

/* kgr_image_unique() - the only symbol of that name, which stays the image's
 * @several: gets whether there is more than one
 *
 * NULL if there is none, or more than one.
 */
const struct kgr_ksym *kgr_image_unique(struct kgr_image *image, const char *name, bool *several);

/* kgr_image_sympos() - which of the symbols of that name in a module's table is this? The runtime
 * counts those that stay after its init (runtime/objects.c).
 */
unsigned int kgr_image_sympos(const struct kgr_ksym *sym);

/* kgr_image_bytes() - the bytes of a symbol as linked, sym->size of them, which stay the image's; NULL for what
 * has none in the file, as .bss
 */
const uint8_t *kgr_image_bytes(const struct kgr_ksym *sym);

/* kgr_image_section() - the section of that name, with its header in @sh; NULL if there is none */
Elf_Scn *kgr_image_section(const struct kgr_image *image, const char *name, GElf_Shdr *sh);

/* kgr_image_in_section() - is a symbol defined in the section of that name? */
bool kgr_image_in_section(const struct kgr_ksym *sym, const char *name);

/* kgr_image_lacks_endbr() - does no indirect branch reach this function in a kernel with IBT? The kernel's own
 * code never takes its address: it has no landing pad, or the kernel takes that away
 * (arch/x86/kernel/alternative.c, apply_seal_endbr()).
 */
bool kgr_image_lacks_endbr(const struct kgr_ksym *sym);

/* kgr_image_build_id() - find the build-id's bytes
 * @bytes: gets where they are in memory; they stay the image's
 * @address: gets where they are in the kernel, as linked
 *
 * Returns their number, 0 if there is none.
 */
size_t kgr_image_build_id(struct kgr_image *image, const uint8_t **bytes, uint64_t *address);

/* kgr_build_id_text() - as people write it, in hexadecimal; g_free() it */
char *kgr_build_id_text(const uint8_t *bytes, size_t size);

/* kgr_image_build_id_text() - an image's; g_free() it. NULL with @error set if it has none. */
char *kgr_image_build_id_text(struct kgr_image *image, GError **error);

#endif
