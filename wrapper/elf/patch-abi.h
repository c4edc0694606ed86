/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of a patch module as runtime/patch.h has them, for who writes and who reads them here. */
#ifndef KGR_PATCH_ABI_H
#define KGR_PATCH_ABI_H

#include <stdint.h>

/* What struct kgr_reloc has besides the psABI's types, as in runtime/patch.h. */
#define KGR_REL_VALUE 0x100 /* eight bytes: what the variable holds, not where it is */
#define KGR_REL_SHIFT 0x101 /* the lowest byte of it */

/* struct kgr_reloc; where is filled in by a relocation. */
struct kgr_abi_reloc {
	uint64_t where;
	int64_t addend;
	uint32_t type;
	uint32_t sym;
};

/* struct kgr_sym */
struct kgr_abi_sym {
	uint64_t address; /* as linked; in a module the number among its object's symbols */
	uint32_t fixed;
	uint32_t object;
};

/* struct kgr_module_sym; name is filled in by a relocation. */
struct kgr_abi_module_sym {
	uint64_t name;
	uint32_t sympos;
	uint32_t padding;
};

#endif
