/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What DWARF says of an object's symbols and types, as plain structures. */
#ifndef KGR_DWARF_TYPES_H
#define KGR_DWARF_TYPES_H

#include "elf/object.h"

struct kgr_member {
	char *name; /* "" for an anonymous one */
	char *type; /* as far as its own name goes: "int", "struct list_head *" */
	uint64_t offset, bit_offset, bit_size;
};

struct kgr_type {
	char *name; /* "struct foo", "union foo", "enum foo", "typedef foo" */
	char *file;
	unsigned int line;
	uint64_t size;
	GPtrArray *
		users; /* names of functions with variables or parameters of it, or pointers to it */
	bool is_enum; /* its members are values, which their offsets are then */
	GArray *members; /* of struct kgr_member */
};

typedef struct kgr_dwarf_types kgr_dwarf_types;

struct kgr_dwarf_types {
	GHashTable *types; /* name -> struct kgr_type */
	GStringChunk *strings; /* what the symbols' DWARF fields point into */
	GPtrArray *blocks; /* of GArray, the same of blocks */
};

/* kgr_dwarf_types_read() - fill in what DWARF says of @obj's symbols, and collect every complete structure, union,
 * enumeration and typedef that has a name.
 *
 * Returns NULL with @error set if the object's DWARF is damaged, NULL with only @missing set (words for
 * messages, not to be freed) if it has none. The strings live as long as the result.
 */
struct kgr_dwarf_types *kgr_dwarf_types_read(struct kgr_obj *obj, const char **missing,
					     GError **error);

/* kgr_dwarf_types_free() - free them; the symbols' DWARF fields are not to be read any more. NULL is none. */
void kgr_dwarf_types_free(struct kgr_dwarf_types *dwarf);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kgr_dwarf_types, kgr_dwarf_types_free)

#endif
