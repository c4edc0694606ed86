/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A finished patch module, read back: what its code will refer to once the runtime has resolved it. */
#ifndef KGR_MODULE_READER_H
#define KGR_MODULE_READER_H

#include <kgraft-abi.h>
#include "kernel/kernel-build.h"

/* A value that the runtime writes to an object of the kernel's: struct kgr_data at @at of @sec. */
struct kgr_written {
	const char *name;
	GSList *called; /* of struct kgr_ksym: the object */
	const struct kgr_sec *sec;
	uint64_t at, offset;
	unsigned int size;
	bool judged;
};

/* A function of the kernel's, and where the runtime redirects its calls. */
struct kgr_module_func {
	const char *name;
	GSList *called; /* of struct kgr_ksym: the kernel's function */
	const struct kgr_sec *sec;
	uint64_t at; /* of the module's function that is entered instead */
	uint64_t size; /* of the kernel's, as the module says */
	uint64_t new_at, new_size; /* the module's, as who looks at stacks is told */
};

struct kgr_module_reader {
	struct kgr_obj *obj; /* with the graft's own relocations among the others */
	struct kgr_sec *text; /* where the graft's functions are */
	GHashTable *
		outside; /* struct kgr_sym, made up -> GSList of struct kgr_ksym, what it is called */
	GArray *values; /* of struct kgr_written */
	GArray *redirections; /* of struct kgr_module_func */
	char **escapes; /* names of what it says that the kernel may keep the address of */
	char **allowed_escapes; /* names of what of that its unpatch callback sees to */
	bool stops; /* it has an unpatch callback */
	const char *callbacks
		[KGR_CALLBACK_KINDS]; /* names of functions, for vmlinux; NULL: there is none */
};

/* kgr_module_reader_open() - read a patch module
 *
 * The address, or in a module the name and sympos, of every symbol that the runtime resolves is
 * looked up in the kernel's own files, not taken from what wrote it. NULL with @error set if the
 * kernel has no such symbol.
 */
struct kgr_module_reader *kgr_module_reader_open(const char *path, struct kgr_kernel *kernel,
						 GError **error);

/* kgr_module_reader_close() - forget it, with all that was made up for it */
void kgr_module_reader_close(struct kgr_module_reader *reader);
typedef struct kgr_module_reader kgr_module_reader;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kgr_module_reader, kgr_module_reader_close)

#endif
