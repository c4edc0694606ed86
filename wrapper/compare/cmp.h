/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Do code and data of two objects mean the same, wherever compiler, assembler and linker put them? */
#ifndef KGR_CMP_H
#define KGR_CMP_H

#include "elf/object.h"
#include "elf/reloc.h"

/* What a reference is to. */
struct kgr_ref {
	struct kgr_sym *sym; /* a function or object, defined here or not; or NULL */
	int64_t offset; /* from its start */
	const struct kgr_sec *sec; /* where that is, if it is here */
	uint64_t pos;
	enum kgr_target_kind kind;
	bool value; /* what it holds is meant, see KGR_TYPE_VALUE */
	bool section_anchor; /* the code may reach other objects of the section from there */
};

/* Bits of an instruction, or of a table's entry, in which a reference is. */
struct kgr_field {
	uint8_t offset;
	bool relative; /* to where the processor is */
	uint64_t mask;
};

struct kgr_cmp_side {
	struct kgr_obj *obj;
	GHashTable *codes; /* struct kgr_sym -> its code, from kgr_decode() */
	GHashTable *places; /* struct kgr_sec -> places that are referred to and have no symbol */
	GHashTable *entries; /* struct kgr_sym -> GPtrArray of its table entries */
	GHashTable *orc; /* struct kgr_sec -> GArray of how to unwind its code */
	uint64_t orc_size; /* of one entry */
};

struct kgr_cmp {
	struct kgr_cmp_side a, b;
	GHashTable *
		literals; /* strings of b's that the function at hand refers to, by their bytes -> a's bytes */
	const char *other; /* what is said of b: "size 3, OTHER 2" */
	bool alike; /* both are compiled of one unit: what has no name is as long in both */
	GError *error; /* something cannot be understood: whatever was answered means nothing then */

	/* a is to a symbol, and b not to a constant, but perhaps to where no symbol is: is it the same symbol, and
	 * the same place in it? NULL, or what differs (g_free it). @depth: how many constants lie between a function
	 * and this
	 */
	char *(*symbol)(struct kgr_cmp *s, const struct kgr_ref *a, const struct kgr_ref *b,
			int depth);

	guint instructions, references, entries; /* how much was compared */
};

/*
 * All that compares answers with NULL for "the same", or with what differs, in words, to be g_free()d. What cannot
 * be decoded or read is an error, and sets @error of struct kgr_cmp, the first one stays; the answer is then that it
 * differs.
 */

/* kgr_cmp_init() - compare what @a has with what @b has; both outlive @s
 * @other: what words call b, see struct kgr_cmp
 */
void kgr_cmp_init(struct kgr_cmp *s, struct kgr_obj *a, struct kgr_obj *b, const char *other);

/* kgr_cmp_clear() - free what comparing has cached; what @a and @b are stays open */
void kgr_cmp_clear(struct kgr_cmp *s);
typedef struct kgr_cmp kgr_cmp;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(kgr_cmp, kgr_cmp_clear)

/* kgr_cmp_function() - compare two functions, instruction by instruction, target by target, and the
 * entries that tables have for them
 *
 * Returns NULL if they are the same, else what differs and where (g_free it).
 */
char *kgr_cmp_function(struct kgr_cmp *s, struct kgr_sym *a, struct kgr_sym *b);

/* kgr_cmp_region() - are @size bytes of two sections the same, with what they refer to? In code only
 * where a relative field is the last of its instruction. NULL, or what differs.
 */
char *kgr_cmp_region(struct kgr_cmp *s, const struct kgr_sec *as, uint64_t apos,
		     const struct kgr_sec *bs, uint64_t bpos, uint64_t size, int depth);

/* kgr_cmp_ref() - are both to the same thing? NULL, or what differs */
char *kgr_cmp_ref(struct kgr_cmp *s, const struct kgr_ref *a, const struct kgr_ref *b, int depth);

/* kgr_cmp_place() - are both to the same instruction of a function? False if one cannot be decoded, which is an
 * error as well.
 */
bool kgr_cmp_place(struct kgr_cmp *s, const struct kgr_ref *a, const struct kgr_ref *b);

/* kgr_cmp_entries() - have the kernel's tables the same entries for both functions? */
char *kgr_cmp_entries(struct kgr_cmp *s, struct kgr_sym *a, struct kgr_sym *b);

/* kgr_cmp_other_ref() - what to say of two that are not; g_free() it */
char *kgr_cmp_other_ref(const struct kgr_cmp *s, const struct kgr_ref *a, const struct kgr_ref *b);

/* kgr_cmp_code_of() - the code of a function of @side, which is one of @s's, decoded once; NULL if it cannot be, which
 * is an error. It belongs to @s.
 */
const GArray *kgr_cmp_code_of(struct kgr_cmp *s, struct kgr_cmp_side *side, struct kgr_sym *func);

/* kgr_cmp_undecided() - the answer after an error; g_free() it */
char *kgr_cmp_undecided(const struct kgr_cmp *s);

/* kgr_ref_of() - what a relocation refers to
 * @bias: as in kgr_target()
 */
void kgr_ref_of(const struct kgr_rel *rel, int bias, struct kgr_ref *out);

/* kgr_ref_within() - what a field without one refers to: @pos in its own section */
void kgr_ref_within(const struct kgr_sec *sec, uint64_t pos, struct kgr_ref *out);

/* kgr_within() - has the section these bytes? */
bool kgr_within(const struct kgr_sec *sec, uint64_t pos, uint64_t size);

/* kgr_cmp_bytes() - are @length bytes the same but for @n fields? */
bool kgr_cmp_bytes(const uint8_t *a, const uint8_t *b, unsigned int length,
		   const struct kgr_field *fields, int n);

#endif
