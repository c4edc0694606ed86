/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the parts of extracting share: code and data (extract.c), strings (extract-strings.c), what tables say (extract-tables.c), and values of
 * the kernel's data (extract-data.c).
 */
#ifndef KGR_EXTRACTING_H
#define KGR_EXTRACTING_H

#include "extract/extract.h"
#include "elf/reloc.h"
#include "elf/special-sections.h"

/* A stretch of code that the module loader rewrites before the runtime can resolve references. */
struct kgr_rewritten {
	struct kgr_out_sec *sec;
	uint64_t start, end;
	const char *table; /* by which */
};

/* Where a selected symbol, or a table's entry, is in the graft. */
struct kgr_place {
	struct kgr_out_sec *sec;
	uint64_t offset;
	guint symbol;
	bool shared; /* another name's place, with all that goes along */
};

/* Where a reference is in the graft: what the psABI calls the place of its relocation. */
struct kgr_rel_place {
	struct kgr_out_sec *sec;
	uint64_t offset;
	const struct kgr_sym *inside; /* the function that it stands in or belongs to; NULL: none */
};

struct kgr_extracting {
	struct kgr_kernel *kernel;
	struct kgr_out_obj *graft;
	const struct kgr_selection *selection;
	GPtrArray *objects; /* of struct kgr_module_ref */
	const struct kgr_compared *from; /* the unit at hand */
	GHashTable *places; /* struct kgr_sym -> struct kgr_place, of what was selected */
	GHashTable *globals; /* name -> struct kgr_sym, new ones among them */
	GHashTable *strings; /* GBytes, a piece -> offset + 1 in .rodata.kgr.str */
	GArray *string_refs; /* the unit's, until they have a place (extract-strings.c) */
	GHashTable *sections; /* struct kgr_sec -> struct kgr_out_sec, whole anonymous sections */
	GHashTable *
		entries; /* an entry of a table that goes along, by its bytes -> struct kgr_place */
	GHashTable *outside; /* symbol name and unit -> number + 1 in kgr_syms */
	struct kgr_out_sec *relocs, *syms; /* the tables for the runtime */
	GArray *rewritten; /* of struct kgr_rewritten */
	guint counter; /* of anonymous sections */
};

/* kgr_extract_rel() - give one reference its relocation, or its entry in the runtime's table; false with @error set
 * @bias: how far the field is from where the processor counts from
 * @at: its place
 */
bool kgr_extract_rel(struct kgr_extracting *x, const struct kgr_rel *rel, int bias,
		     const struct kgr_rel_place *at, GError **error);

/* kgr_extract_rels() - all references of @size bytes of a section, which begin at @at now; as kgr_extract_rel() */
bool kgr_extract_rels(struct kgr_extracting *x, const struct kgr_sec *sec, uint64_t start,
		      uint64_t size, const struct kgr_rel_place *at, GError **error);

/* kgr_extract_find() - the kernel's symbol that one of the unit's means; NULL with @error set if there is none */
const struct kgr_ksym *kgr_extract_find(struct kgr_extracting *x, const struct kgr_sym *sym,
					GError **error);

/* kgr_extract_outside() - the same of a reference to what the kernel has, however the patch refers to that */
bool kgr_extract_outside(struct kgr_extracting *x, const struct kgr_rel *rel,
			 const struct kgr_sym *sym, int64_t addend, const struct kgr_rel_place *at,
			 GError **error);

/* kgr_extract_string() - a reference to a string, which gets its relocation when all of the unit's are known */
void kgr_extract_string(struct kgr_extracting *x, const struct kgr_rel *rel, int bias,
			const struct kgr_target *t, const struct kgr_rel_place *at);

/* kgr_extract_strings() - copy the strings that the unit refers to */
void kgr_extract_strings(struct kgr_extracting *x);

/* kgr_extract_string_refs_new() - none yet; g_array_unref() it */
GArray *kgr_extract_string_refs_new(void);

/* kgr_extract_data() - the values that the runtime writes to the kernel's data; false with @error set */
bool kgr_extract_data(struct kgr_extracting *x, GError **error);

/* kgr_extract_scan_tables() - make room for what tables say of the unit's functions that go along, and note which code will
 * be rewritten, before references are copied; false with @error set if a table cannot be read
 */
bool kgr_extract_scan_tables(struct kgr_extracting *x, GError **error);

/* kgr_extract_entry() - where the entry that @pos of a table is in has gone, with how far into it that is in @in; NULL if
 * @sec is no table whose entries go along as they are, or this one does not
 */
const struct kgr_place *kgr_extract_entry(const struct kgr_extracting *x, const struct kgr_sec *sec,
					  uint64_t pos, uint64_t *in);

/* kgr_extract_tables() - copy what tables say of the unit's functions that go along; false with @error set */
bool kgr_extract_tables(struct kgr_extracting *x, GError **error);

#endif
