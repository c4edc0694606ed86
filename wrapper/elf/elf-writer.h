/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The object that is being made: sections, symbols, relocations, and writing them with libelf. */
#ifndef KGR_ELF_WRITER_H
#define KGR_ELF_WRITER_H

#include <stdbool.h>
#include <stdint.h>
#include <gelf.h>
#include <glib.h>

struct kgr_arch;

struct kgr_out_sec {
	char *name;
	uint32_t type;
	uint64_t flags, align, entsize;
	GByteArray *data;
	GArray *rels; /* of struct kgr_out_rel */
	guint symbol; /* its section symbol */
};

struct kgr_out_rel {
	uint64_t offset;
	uint32_t type;
	guint symbol;
	int64_t addend;
};

struct kgr_out_sym {
	char *name;
	struct kgr_out_sec *sec; /* NULL: undefined */
	uint64_t value, size;
	unsigned char info; /* type and binding, as st_info has them */
};

typedef struct kgr_out_obj kgr_out_obj;

struct kgr_out_obj {
	const struct kgr_arch *arch;
	GPtrArray *secs; /* of struct kgr_out_sec */
	GPtrArray *syms; /* of struct kgr_out_sym; their order is the order of making */
	GHashTable *undefined; /* name -> number + 1 */
};

/* kgr_out_new() - an object without anything in it; kgr_out_free() it */
struct kgr_out_obj *kgr_out_new(const struct kgr_arch *arch);

/* kgr_out_free() - free an object, with its sections and symbols; NULL is none */
void kgr_out_free(struct kgr_out_obj *obj);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kgr_out_obj, kgr_out_free)

/* kgr_out_section() - the section of that name, made if there is none yet */
struct kgr_out_sec *kgr_out_section(struct kgr_out_obj *obj, const char *name, uint32_t type,
				    uint64_t flags, uint64_t align);

/* kgr_out_symbol() - a new symbol; returns its number
 * @info: ELF64_ST_INFO(binding, type)
 */
guint kgr_out_symbol(struct kgr_out_obj *obj, const char *name, unsigned char info,
		     struct kgr_out_sec *sec, uint64_t value, uint64_t size);

/* kgr_out_undefined() - the number of the undefined symbol of that name */
guint kgr_out_undefined(struct kgr_out_obj *obj, const char *name);

/* kgr_out_append() - add @size bytes (zeros if @data is NULL); returns where they went */
uint64_t kgr_out_append(struct kgr_out_sec *sec, const void *data, uint64_t size, uint64_t align);

/* kgr_out_reloc() - add a relocation to @symbol, a number from kgr_out_symbol() or kgr_out_undefined() */
void kgr_out_reloc(struct kgr_out_sec *sec, uint64_t offset, uint32_t type, guint symbol,
		   int64_t addend);

/* kgr_out_write() - write the object to a file, which is made or emptied; false with @error set */
bool kgr_out_write(struct kgr_out_obj *obj, const char *path, GError **error);

#endif
