/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kernel's special sections: tables whose entries belong to functions. One row a section says
 * how its entries look and what becomes of them in a patch module.
 */
#ifndef KGR_SPECIAL_SECTIONS_H
#define KGR_SPECIAL_SECTIONS_H

#include "elf/object.h"

enum kgr_special_kind {
	KGR_SPECIAL_COPY, /* entries of included functions go along under the same name */
	KGR_SPECIAL_LATER, /* they go along under a name that the module loader does not know; the
			    * runtime registers them after it has resolved their references */
	KGR_SPECIAL_DROP, /* not needed in the module */
	KGR_SPECIAL_ORC, /* pairs with .orc_unwind, entry by entry */
};

struct kgr_special {
	const char *name;
	enum kgr_special_kind kind;
	unsigned int sizes[4]; /* possible entry sizes, the kernel's versions and options differ */
	unsigned int owner; /* offset in the entry of the reference to the owning function */
	const char *later_name;
	unsigned int key; /* offset of the reference to the key, in what is registered later */
};

/* kgr_special_find() - the row for a section of that name, or NULL */
const struct kgr_special *kgr_special_find(const char *name);

/* kgr_special_entry_size() - the entry size that fits every entry of @sec, or 0 if none does */
unsigned int kgr_special_entry_size(const struct kgr_special *special, const struct kgr_sec *sec);

/* kgr_special_owner() - the function that the entry at @offset belongs to, and where in it
 * (@at may be NULL); NULL if it belongs to none
 */
struct kgr_sym *kgr_special_owner(const struct kgr_special *special, const struct kgr_sec *sec,
				  uint64_t offset, uint64_t *at);

/* kgr_special_entry_of() - the first entry that belongs to the function @sym of @obj, in a table whose
 * entries are all of one size; NULL if there is none
 */
const uint8_t *kgr_special_entry_of(const struct kgr_special *special, const struct kgr_obj *obj,
				    const struct kgr_sym *sym);

#endif
