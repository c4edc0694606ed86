/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an architecture decides: relocation types, instructions, landing pads, where a function's fentry is
 * listed, the layouts of special sections, which directories hold boot code. One constant structure an
 * architecture, chosen by e_machine when a file is opened; all other code asks that structure.
 */
#ifndef KGR_ARCH_H
#define KGR_ARCH_H

#include <stdbool.h>
#include <stdint.h>
#include <glib.h>

struct kgr_obj;
struct kgr_rel;
struct kgr_sec;
struct kgr_sym;
struct kgr_special;

/* A reference may be of a kind that no psABI has a number for; these are above what r_info can hold in ELF64 of any
 * machine in use. The module's own numbers for them are another matter, see kgr_rel_abi_type().
 */
enum {
	KGR_TYPE_VALUE = 1 << 24, /* eight bytes: what the variable holds, not where it is */
	KGR_TYPE_SHIFT, /* the lowest byte of that */
};

/* What a relocation type does to its field. */
struct kgr_howto {
	uint32_t type; /* ELF's number, or one of the above */
	uint64_t mask; /* the field's bits, in a word that begins at r_offset */
	bool pcrel; /* relative to a place in the code */
	bool from_end; /* and that place is the end of the instruction, not the field */
	bool branch; /* of a call or jump: the address is not taken */
	bool value; /* what the variable holds is meant, not its address */
	bool section_anchor; /* the code may add a distance to it, and reach another object of the section */
};

/* One instruction. */
struct kgr_insn {
	uint32_t offset; /* from the function's start */
	uint16_t kind; /* two instructions of different kinds differ; others may */
	uint8_t length;
	uint8_t field; /* where in it the field is that is relative to its place */
	uint64_t mask; /* of that field; 0: it has none */
	int64_t target; /* what that refers to, from the function's start */
	uint32_t reltype; /* the relocation type that would say the same */
	bool branch; /* the field is that of a call or jump */
	bool any_length; /* kind and target say all of it: the assembler chose among its encodings */
};

/* A reference of linked code. */
struct kgr_code_ref {
	uint64_t place; /* of its field */
	bool branch; /* of a call or jump: the address is not taken */
};

/* An address that code writes to memory which is not its stack. */
struct kgr_store {
	const struct kgr_rel *address; /* the reference to what has that address */
	const struct kgr_rel
		*to; /* the reference to what is written to; NULL: a register points there */
	int address_bias, to_bias; /* see kgr_target() */
};

/* A file or directory of the kernel's source, "arch/..." first. */
struct kgr_arch_place {
	const char *prefix;
	const char *why; /* its code cannot be patched; NULL: it can, whatever a later row says */
	/*
	 * What Kbuild links there, relative to it, with a space between two: only so are its files
	 * compiled as they are.
	 */
	const char *goals;
};

struct kgr_arch {
	const char *name;
	uint16_t machine; /* e_machine */
	bool big_endian;

	const struct kgr_howto *howtos;
	size_t nhowtos;
	uint32_t pointer; /* the type of a pointer in data */

	/* Instructions of a function, padding (NOPs) left out: an array of struct kgr_insn, or NULL with @error set. */
	GArray *(*decode)(const struct kgr_obj *obj, const struct kgr_sym *func, GError **error);

	/* See kgr_insn_biases(); NULL: there are none. */
	int *(*biases)(const struct kgr_obj *obj, const struct kgr_sec *sec, uint64_t start,
		       uint64_t size, GError **error);

	/*
	 * Of linked bytes, which lie at @address: all places whose content may be a reference to
	 * @target, as it is written in code or in data, and by chance some others. @places: of
	 * uint64_t, added to. NULL: how that looks is not known.
	 */
	void (*scan)(const uint8_t *bytes, uint64_t size, uint64_t address, bool code,
		     uint64_t target, GArray *places);

	/* The references to @target of linked code that begins with an instruction. @refs: of
	 * struct kgr_code_ref, added to. False if it cannot be decoded up to its end.
	 */
	bool (*code_refs)(const uint8_t *code, uint64_t size, uint64_t address, uint64_t target,
			  GArray *refs);

	/* See kgr_find_stores(); NULL: how that looks is not known. */
	GArray *(*stores)(const struct kgr_obj *obj, const struct kgr_sym *func, GError **error);

	/* Bytes of the landing pad for indirect branches that code begins with; 0 if there is none. */
	unsigned int (*landing_pad)(const uint8_t *code, uint64_t size);
	const char *landing_pad_config; /* the option with which indirect branches must find one */
	const char *seal_list; /* the section that lists those which the kernel takes away, or NULL */

	/* References that the kernel fills in at boot, as relocations; NULL: there are none. */
	bool (*add_boot_references)(struct kgr_obj *obj, GError **error);

	/* What the image that boots says of itself: "6.1.0-56-cloud-amd64 (...) #1 SMP ..."; a part
	 * of it, or NULL if it says nothing. NULL: where that stands is not known.
	 */
	const char *(*boot_version)(const uint8_t *image, size_t size);

	const char *
		replacements; /* the section of code that alternatives may put in place of other code */

	/* A section of code that alternatives of functions elsewhere jump through, or NULL; and how many bytes from
	 * @start on belong to one of them, 0 if that is not understood.
	 */
	const char *aux_section;
	uint64_t (*aux_part)(const struct kgr_sec *sec, uint64_t start);

	unsigned int stub_size; /* bytes that the runtime writes a stub into (kgraft-abi.h) */
	const char *fentry_list; /* the section that lists where ftrace hooks functions */
	const struct kgr_special *specials; /* by name, then families by the beginning of it */
	size_t nspecials;

	const char *const *no_kprobes; /* beginnings of names of sections that take no kprobe */
	const char *const *
		no_breakpoints; /* of names of sources that may run where a breakpoint cannot be dealt with */
	const struct kgr_arch_place *places; /* where code is not the kernel's at run time */
	size_t nplaces;
	const char *source_dir; /* of its own code, in the kernel's source and in runtime/ */
	const char *boot_dir; /* what is below it is linked into no vmlinux */
};

extern const struct kgr_arch kgr_arch_x86, kgr_arch_arm64;

/* kgr_arch_find() - the architecture of a 64-bit ELF file, or NULL if it is not known */
const struct kgr_arch *kgr_arch_find(uint16_t machine, bool big_endian);

/* kgr_arch_supported() - the names of all that are known, for messages: "x86-64 (62), arm64 (183)"; g_free() it */
char *kgr_arch_supported(void);

/* kgr_arch_place() - the row, of any architecture, for a file of the source; NULL if there is none */
const struct kgr_arch_place *kgr_arch_place(const char *file);

/* kgr_arch_is_boot() - is a file of the source, or of the build, below a directory with boot code? */
bool kgr_arch_is_boot(const char *file);

/* kgr_boot_version() - what the image that boots says of itself, see struct kgr_arch; NULL if it says nothing */
const char *kgr_boot_version(const struct kgr_arch *arch, const uint8_t *image, size_t size);

/* kgr_howto() - what a relocation type means; one with an empty mask if it is not known */
const struct kgr_howto *kgr_howto(const struct kgr_arch *arch, uint32_t type);

/* kgr_arch_read() - a number of @bytes bytes, eight at most, in the architecture's byte order */
uint64_t kgr_arch_read(const struct kgr_arch *arch, const uint8_t *at, unsigned int bytes);

/* kgr_arch_write() - put the lowest @bytes bytes of @value there */
void kgr_arch_write(const struct kgr_arch *arch, uint8_t *at, unsigned int bytes, uint64_t value);

/* kgr_decode() - decode a function, padding (NOPs) left out
 *
 * Returns an array of struct kgr_insn, or NULL with @error set; g_array_unref() it.
 */
GArray *kgr_decode(const struct kgr_obj *obj, const struct kgr_sym *func, GError **error);

/* kgr_insn_index() - the number of the first instruction at or behind @offset */
guint kgr_insn_index(const GArray *code, uint64_t offset);

/* kgr_insn_biases() - what has to be added to the addends of the relocations of the code [start, start + size) of
 * @sec, so that symbol + addend is what they refer to
 *
 * On x86 a PC-relative field is relative to the end of its instruction, and its addend makes up for the distance.
 * Returns an array with one for each that kgr_sec_rels() finds there (g_free it), or NULL with @error set when the code
 * cannot be decoded.
 */
int *kgr_insn_biases(const struct kgr_obj *obj, const struct kgr_sec *sec, uint64_t start,
		     uint64_t size, GError **error);

/* kgr_find_stores() - the addresses that a function takes by relocations and writes to memory which is not its stack
 *
 * Returns an array of struct kgr_store, which may have one more than once, or NULL with @error set when the code cannot be
 * decoded; g_array_unref() it.
 */
GArray *kgr_find_stores(const struct kgr_obj *obj, const struct kgr_sym *func, GError **error);

/* kgr_landing_pad() - bytes of the landing pad that code begins with; 0 if it does not */
unsigned int kgr_landing_pad(const struct kgr_arch *arch, const uint8_t *code, uint64_t size);

/* kgr_sec_is_aux() - is this the section that alternatives jump through? */
bool kgr_sec_is_aux(const struct kgr_arch *arch, const struct kgr_sec *sec);

#endif
