/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the parts of extracting share: code and data (extract.c), strings (extract-strings.c), what
 * tables say (extract-tables.c), and values of the kernel's data (extract-data.c).
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

/* kgr_extract_find() - the kernel's symbol that a symbol of the unit at hand stands for
 *
 * It stays its image's. NULL with @error set, a refusal, if vmlinux and the modules that the unit
 * may use have none, or if its size or alignment is another one.
 */
const struct kgr_ksym *kgr_extract_find(struct kgr_extracting *x, const struct kgr_sym *sym,
					GError **error);

/* kgr_extract_outside() - give a reference to a symbol of the kernel its relocation, or its entry
 * in the runtime's table
 * @rel: the relocation in the patched object, for its type
 * @sym, @addend: what the new relocation has as symbol and addend: kgr_target()'s, less the bias
 * @at: the place of the field in the graft
 *
 * What is exported stays an undefined symbol for the module loader; all else becomes an entry of
 * .kgr.relocs. False with @error set, a refusal, if the kernel has no such symbol, has no ENDBR
 * where its address is taken, or rewrites the field before the runtime runs.
 */
bool kgr_extract_outside(struct kgr_extracting *x, const struct kgr_rel *rel,
			 const struct kgr_sym *sym, int64_t addend, const struct kgr_rel_place *at,
			 GError **error);

/* kgr_extract_string() - note a reference to a string; kgr_extract_strings() gives it its
 * relocation
 * @rel, @bias, @at: as for kgr_extract_rel()
 * @t: what it refers to, a KGR_TARGET_STRING of the unit at hand
 */
void kgr_extract_string(struct kgr_extracting *x, const struct kgr_rel *rel, int bias,
			const struct kgr_target *t, const struct kgr_rel_place *at);

/* kgr_extract_strings() - copy the strings that the unit refers to */
void kgr_extract_strings(struct kgr_extracting *x);

/* kgr_extract_string_refs_new() - none yet; g_array_unref() it */
GArray *kgr_extract_string_refs_new(void);

/* kgr_extract_data() - the values that the runtime writes to the kernel's data; false with @error set */
bool kgr_extract_data(struct kgr_extracting *x, GError **error);

/* kgr_extract_scan_tables() - make room for what tables say of the unit's functions that go along,
 * and note which code will be rewritten, before references are copied; false with @error set if a
 * table cannot be read
 */
bool kgr_extract_scan_tables(struct kgr_extracting *x, GError **error);

/* kgr_extract_entry() - where an entry of a table is in the graft
 * @sec: the table, a section of the unit's patched object
 * @pos: a place in it; the entry that this is in is meant
 * @in: gets how many bytes into the entry @pos is
 *
 * NULL if @sec is no table whose entries are copied (KGR_SPECIAL_COPY), or this entry is not. It
 * stays @x's.
 */
const struct kgr_place *kgr_extract_entry(const struct kgr_extracting *x, const struct kgr_sec *sec,
					  uint64_t pos, uint64_t *in);

/* kgr_extract_tables() - copy what tables say of the unit's functions that go along; false with @error set */
bool kgr_extract_tables(struct kgr_extracting *x, GError **error);

#endif
