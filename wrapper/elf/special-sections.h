/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kernel's special sections: tables whose entries belong to functions. One row a section says
 * how its entries look and what becomes of them in a patch module. Each architecture has its rows (arch.h).
 */
#ifndef KGR_SPECIAL_SECTIONS_H
#define KGR_SPECIAL_SECTIONS_H

#include "elf/object.h"

enum kgr_special_kind {
	KGR_SPECIAL_COPY, /* entries of included functions go along under the same name */
	KGR_SPECIAL_LATER, /* they go along under a name that the module loader does not know; the
			    * runtime registers them after it has resolved their references */
	KGR_SPECIAL_DROP, /* not needed in the module */
	KGR_SPECIAL_UNWIND, /* places; how to unwind from there is the entry of that number in unwind_data */
};

/* How an entry may look; the kernel's versions and options differ. */
struct kgr_entry_layout {
	unsigned int size;
	/* Where in it, in one byte each, it says how long the code is that it is about, and the code that
	 * may replace it; 0: it does not (the owner's reference is there)
	 */
	unsigned int site_length, replacement_length;
};

struct kgr_special {
	const char *name;
	bool family; /* all whose names begin so */
	enum kgr_special_kind kind;
	struct kgr_entry_layout layouts[4]; /* up to one of size 0 */
	unsigned int owner; /* offset in the entry of the reference to the owning function */
	unsigned int
		rewrites; /* bytes that the kernel may rewrite there, if it does not say how many */
	/* The kernel rewrites the instruction that an entry is about, or that is a trap, or may fault. */
	bool forbids_breakpoint;
	const char *unwind_data; /* the section that KGR_SPECIAL_UNWIND goes with */
	const char *later_name; /* of what is registered later */
	/* Of entries whose key is read-only by then, so that the runtime sets the code once; NULL: not supported */
	const char *fixed_name;
	unsigned int key; /* offset of the reference to the key, in what is registered later */
	unsigned int replacement; /* offset of the reference to the replacement; 0: there is none */
};

/* kgr_special_find() - an architecture's row for a section of that name, or NULL */
const struct kgr_special *kgr_special_find(const struct kgr_arch *arch, const char *name);

/* kgr_special_unwind() - an architecture's row of kind KGR_SPECIAL_UNWIND, or NULL */
const struct kgr_special *kgr_special_unwind(const struct kgr_arch *arch);

/* kgr_special_later() - the row whose entries go along in a section of that name (later_name, fixed_name), or NULL */
const struct kgr_special *kgr_special_later(const struct kgr_arch *arch, const char *name);

/* kgr_special_entry_size() - the entry size that fits every entry of @sec, or 0 if none does */
unsigned int kgr_special_entry_size(const struct kgr_special *special, const struct kgr_sec *sec);

/* kgr_special_site_length() - the bytes of code that an entry of @size bytes says it is about; 0 if it does not say */
unsigned int kgr_special_site_length(const struct kgr_special *special, const uint8_t *entry,
				     unsigned int size);

/* kgr_special_replacement_length() - the bytes of code that an entry says may replace it; 0 if it does not say */
unsigned int kgr_special_replacement_length(const struct kgr_special *special, const uint8_t *entry,
					    unsigned int size);

/* kgr_special_rewritten() - how many bytes the kernel may rewrite where an entry points; the most where it depends */
unsigned int kgr_special_rewritten(const struct kgr_special *special, const uint8_t *entry,
				   unsigned int size);

/* kgr_special_entry_at() - the entry of a special section that @pos is in, from *@start to *@end;
 * if it is no such section, or of unknown layout, false, and both stay as they are
 */
bool kgr_special_entry_at(const struct kgr_sec *sec, uint64_t pos, uint64_t *start, uint64_t *end);

/* kgr_special_owner() - the function, by the first of its names, that the entry at @offset belongs to, and where in it
 * (@at may be NULL); NULL if it belongs to none
 */
struct kgr_sym *kgr_special_owner(const struct kgr_special *special, const struct kgr_sec *sec,
				  uint64_t offset, uint64_t *at);

/* The entries of a table that belong to one function. */
struct kgr_special_walk {
	const struct kgr_sec *sec;
	const struct kgr_sym *first; /* the function, by the first of its names */
	unsigned int size; /* of an entry; 0: there are none, or of unknown layout */
	uint64_t at; /* the entry, in the section */
	uint64_t in; /* its place in the function */
	uint64_t next;
};

/* kgr_special_walk() - begin a walk over the entries of the function @sym, under any of its names
 * @sec: the table; NULL, or a section that is none, has no entries
 */
struct kgr_special_walk kgr_special_walk(const struct kgr_sec *sec, const struct kgr_sym *sym);

/* kgr_special_next() - go to the next entry; false: there is none */
bool kgr_special_next(struct kgr_special_walk *walk);

/* kgr_special_entry_of() - the first entry that belongs to the function @sym of @obj, under any of
 * its names, in a table whose entries are all of one size; NULL if there is none
 */
const uint8_t *kgr_special_entry_of(const struct kgr_special *special, const struct kgr_obj *obj,
				    const struct kgr_sym *sym);

#endif
