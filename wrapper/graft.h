/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The object that is being made: sections, symbols, relocations, and writing them with libelf. */
#ifndef KGR_GRAFT_H
#define KGR_GRAFT_H

#include <stdbool.h>
#include <stdint.h>
#include <gelf.h>
#include <glib.h>

struct kgr_gsec {
	char *name;
	uint32_t type;
	uint64_t flags, align, entsize;
	GByteArray *data;
	GArray *rels; /* of struct kgr_grel */
	guint symbol; /* its section symbol */
};

struct kgr_grel {
	uint64_t offset;
	uint32_t type;
	guint symbol;
	int64_t addend;
};

struct kgr_gsym {
	char *name;
	struct kgr_gsec *sec; /* NULL: undefined */
	uint64_t value, size;
	unsigned char type, bind;
};

struct kgr_graft {
	GPtrArray *secs; /* of struct kgr_gsec */
	GPtrArray *syms; /* of struct kgr_gsym; their order is the order of making */
	GHashTable *undefined; /* name -> number + 1 */
};

struct kgr_graft *kgr_graft_new(void);
void kgr_graft_free(struct kgr_graft *graft);

/* kgr_graft_section() - the section of that name, made if there is none yet */
struct kgr_gsec *kgr_graft_section(struct kgr_graft *graft, const char *name, uint32_t type,
				   uint64_t flags, uint64_t align);

/* kgr_graft_symbol() - a new symbol; returns its number */
guint kgr_graft_symbol(struct kgr_graft *graft, const char *name, struct kgr_gsec *sec,
		       uint64_t value, uint64_t size, unsigned char type, unsigned char bind);

/* kgr_graft_undefined() - the number of the undefined symbol of that name */
guint kgr_graft_undefined(struct kgr_graft *graft, const char *name);

/* kgr_gsec_append() - add @size bytes (zeros if @data is NULL); returns where they went */
uint64_t kgr_gsec_append(struct kgr_gsec *sec, const void *data, uint64_t size, uint64_t align);

void kgr_gsec_rel(struct kgr_gsec *sec, uint64_t offset, uint32_t type, guint symbol,
		  int64_t addend);

bool kgr_graft_write(struct kgr_graft *graft, const char *path, GError **error);

#endif
