/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What DWARF says of an object's symbols and types, as plain structures. */
#ifndef KGR_DWARF_INFO_H
#define KGR_DWARF_INFO_H

#include "object.h"

struct kgr_member {
	char *name; /* "" for an anonymous one */
	char *type; /* as far as its own name goes: "int", "struct list_head *" */
	uint64_t offset, bit_offset, bit_size;
};

struct kgr_type {
	char *name; /* "struct foo", "union foo", "enum foo" */
	char *file;
	unsigned int line;
	uint64_t size;
	GArray *members; /* of struct kgr_member; for an enum the offset is the value */
};

struct kgr_dwarf {
	GHashTable *types; /* name -> struct kgr_type */
	GStringChunk *strings; /* what the symbols' DWARF fields point into */
};

/* kgr_dwarf_read() - fill in source_name, decl_file, decl_line and scope of @obj's symbols, and
 * collect every named, complete structure, union and enumeration.
 *
 * Returns NULL with @error set if the object's DWARF is damaged, NULL without an error if it has
 * none. The strings live as long as the result.
 */
struct kgr_dwarf *kgr_dwarf_read(struct kgr_obj *obj, GError **error);
void kgr_dwarf_free(struct kgr_dwarf *dwarf);

#endif
