/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One relocatable object, made plain: sections, symbols and relocations as arrays of structures
 * that everything behind this file is written against. libelf reads the file.
 */
#ifndef KGR_OBJECT_H
#define KGR_OBJECT_H

#include <stdbool.h>
#include <stdint.h>
#include <gelf.h>
#include <glib.h>

struct kgr_arch;
struct kgr_howto;
struct kgr_special;
struct kgr_sym;

struct kgr_rel {
	uint64_t offset;
	const struct kgr_howto *howto; /* what the type means (arch.h) */
	uint32_t type;
	bool branch; /* of a call or jump, by its type or by the instruction (branch-relocs.h) */
	int64_t addend;
	struct kgr_sym *sym;
};

struct kgr_sec {
	unsigned int index;
	const char *name;
	const struct kgr_special *special; /* its row, if it is a table of the kernel's; else NULL */
	GElf_Shdr sh;
	const uint8_t *data; /* NULL for SHT_NOBITS */
	struct kgr_rel *rels; /* sorted by offset */
	size_t nrels;
	GPtrArray *syms; /* functions and objects defined here, sorted by value */
	uint64_t address; /* a made-up distinct one, for DWARF (see dwarf-reader.c) */
};

/* Code, from @start up to @end of a section. */
struct kgr_code_range {
	const struct kgr_sec *sec;
	uint64_t start, end;
};

/* What comparing found out about a symbol. */
enum kgr_verdict {
	KGR_SAME,
	KGR_CHANGED,
	KGR_NEW,
	KGR_GONE
};

struct kgr_sym {
	unsigned int index;
	const char *name;
	uint64_t value, size;
	unsigned char type, bind;
	bool undefined;
	struct kgr_sec *sec; /* NULL if undefined, absolute or common */

	/* From DWARF; NULL or 0 where it says nothing. */
	const char *source_name, *decl_file, *scope;
	unsigned int decl_line;
	bool in_source; /* declared in the unit's own source, whatever that is called */
	const char *signature; /* of a function: "int (struct file *, ...)" */
	const char *type_name; /* of an object: "bool", "struct file *" */
	const GArray *block; /* of a static local: struct kgr_code_range, the code of its block */
	const GArray
		*around; /* the code of the first block from there outwards that refers to more */
	bool in_inner_block; /* the declaring block is not the function's outermost one */
	bool links; /* of an object: others may point to it for longer, see kgr_type_links() */
	bool points; /* of an object: it has a pointer or a lock in it, see kgr_type_points() */

	/* From matching and comparing. */
	struct kgr_sym *twin; /* the counterpart in the other object */
	struct kgr_sym *parent; /* of "foo.cold": "foo" */
	enum kgr_verdict verdict;
	char *cause;
	char *unsettled; /* of a static local: why it may be neither the kernel's own nor a new one */
	bool by_name; /* a static local that was paired by its name alone, though its block is another */
};

struct kgr_obj {
	char *path;
	const struct kgr_arch *arch;
	Elf *elf; /* all of the file is in memory: no descriptor is held */
	struct kgr_sec *secs;
	size_t nsecs;
	struct kgr_sym *syms;
	size_t nsyms;
	GPtrArray *names; /* of sections, where the file has another */
	GPtrArray *
		added; /* of struct kgr_sym that the file has not, see add_boot_references in arch.h */
};

typedef struct kgr_obj kgr_obj;

/* kgr_obj_open() - read a relocatable object of an architecture that is known; NULL and @error if it is not one */
struct kgr_obj *kgr_obj_open(const char *path, GError **error);

/* kgr_obj_close() - free an object and all that was read of it, what sections and symbols point to included; NULL is
 * none
 */
void kgr_obj_close(struct kgr_obj *obj);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kgr_obj, kgr_obj_close)

/* kgr_obj_forget_debug() - free the relocations of debug sections, when its DWARF has been read */
void kgr_obj_forget_debug(struct kgr_obj *obj);

/* kgr_obj_defined() - the symbol of that name in one of the object's sections, or NULL */
struct kgr_sym *kgr_obj_defined(const struct kgr_obj *obj, const char *name);

/* kgr_obj_undefined() - the symbol of that name that the object needs from elsewhere, or NULL */
struct kgr_sym *kgr_obj_undefined(const struct kgr_obj *obj, const char *name);

/* kgr_obj_needed() - the symbol by which the object refers to what another file may define, or
 * NULL: an undefined one, or its own if that is weak
 */
struct kgr_sym *kgr_obj_needed(const struct kgr_obj *obj, const char *name);

/* kgr_sec_named() - the section of that name, or NULL */
struct kgr_sec *kgr_sec_named(const struct kgr_obj *obj, const char *name);

/* kgr_sec_at() - the section that a made-up address is in, or NULL; one past its end is in it, too, for there are gaps
 * between them
 */
struct kgr_sec *kgr_sec_at(const struct kgr_obj *obj, uint64_t address);

/* kgr_sym_first_name() - of the names that @sym has as a function, the one that kgr_sec_sym_at()
 * gives for its places: aliases, and functions that gcc has made one (-fipa-icf), are in one place;
 * @sym itself if it has no other
 */
const struct kgr_sym *kgr_sym_first_name(const struct kgr_sym *sym);

/* kgr_sec_literal() - where the string literal begins that @pos of a section of strings is in, or
 * at the NUL of; what is at the section's end is behind the last one, and of that
 */
uint64_t kgr_sec_literal(const struct kgr_sec *sec, uint64_t pos);

/* kgr_sec_sym_at() - the function or object that covers @offset of @sec, or NULL */
struct kgr_sym *kgr_sec_sym_at(const struct kgr_sec *sec, uint64_t offset);

/* kgr_sec_rels() - the relocations in [start, end); their number in @count */
struct kgr_rel *kgr_sec_rels(const struct kgr_sec *sec, uint64_t start, uint64_t end,
			     size_t *count);

/* kgr_sec_add_rels() - add relocations to those of a section */
void kgr_sec_add_rels(struct kgr_sec *sec, const struct kgr_rel *rels, size_t count);

/* kgr_begins_with() - does a name begin with one of @prefixes, of which the last is NULL? */
bool kgr_begins_with(const char *name, const char *const *prefixes);

/* What memory a section's objects are in, besides the ordinary kind. */
enum kgr_storage {
	KGR_STORAGE_PLAIN,
	KGR_STORAGE_PERCPU, /* one for each CPU, referred to by an offset */
	KGR_STORAGE_SEALED, /* read-only once the kernel has booted */
	KGR_STORAGE_SHARED, /* not encrypted (AMD SEV) */
};

/* kgr_sec_storage() - by the section's name (include/linux/percpu-defs.h, cache.h, mem_encrypt.h) */
enum kgr_storage kgr_sec_storage(const struct kgr_sec *sec);

/* kgr_sec_stands_for() - is an object of @was as good for code that was compiled for one of @is? */
bool kgr_sec_stands_for(const struct kgr_sec *was, const struct kgr_sec *is);

/* kgr_sec_has_run() - has its code run, or its data been used, for the last time, once the kernel
 * has booted or the module is there? A module's exit is still to come.
 */
bool kgr_sec_has_run(const struct kgr_sec *sec);

/* kgr_sec_is_init() - is this section gone once the kernel has booted, or the module is there? */
bool kgr_sec_is_init(const struct kgr_sec *sec);

/* kgr_sym_is_func() - a function that is defined in this object */
static inline bool kgr_sym_is_func(const struct kgr_sym *sym)
{
	return sym->type == STT_FUNC && sym->sec;
}

/* kgr_sym_is_constructor() - the compiler's own, which tells KASAN of a unit's variables when the kernel boots or the
 * module comes, and its counterpart, which is never called
 */
static inline bool kgr_sym_is_constructor(const struct kgr_sym *sym)
{
	return kgr_sym_is_func(sym) &&
	       (g_str_has_prefix(sym->name, "_sub_I_") || g_str_has_prefix(sym->name, "_sub_D_"));
}

/* kgr_sym_is_object() - a data object that is defined in this object */
static inline bool kgr_sym_is_object(const struct kgr_sym *sym)
{
	return sym->type == STT_OBJECT && sym->sec;
}

/* kgr_sec_is_text() - code that is loaded */
static inline bool kgr_sec_is_text(const struct kgr_sec *sec)
{
	return (sec->sh.sh_flags & (SHF_ALLOC | SHF_EXECINSTR)) == (SHF_ALLOC | SHF_EXECINSTR);
}

/* kgr_sec_is_strings() - string literals, which the linker may merge */
static inline bool kgr_sec_is_strings(const struct kgr_sec *sec)
{
	return (sec->sh.sh_flags & (SHF_MERGE | SHF_STRINGS)) == (SHF_MERGE | SHF_STRINGS) &&
	       sec->sh.sh_entsize == 1;
}

#endif
