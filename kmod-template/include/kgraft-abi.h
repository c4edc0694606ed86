/* SPDX-License-Identifier: (GPL-2.0-only OR GPL-3.0-or-later) */
/*
 * The tables of a patch module, as kgr-build writes them and the runtime reads them. Both include this, so
 * all fields have a fixed width, and each layout is asserted. A pointer is eight bytes: for the builder a
 * number that a relocation fills in, for the kernel an address. What the runtime fills in itself is zero in
 * the file.
 */
#ifndef KGRAFT_ABI_H
#define KGRAFT_ABI_H

#ifdef __KERNEL__
#include <linux/build_bug.h>
#include <linux/stddef.h>
#include <linux/types.h>

#define KGR_POINTER(type, name) type name
typedef u32 kgr_u32;
typedef u64 kgr_u64;
typedef s64 kgr_s64;
#else
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#define KGR_POINTER(type, name) uint64_t name
typedef uint32_t kgr_u32;
typedef uint64_t kgr_u64;
typedef int64_t kgr_s64;
#endif

/*
 * What a function of the graft is called besides: foo() is foo.kgr, its cold part foo.kgr.cold. So
 * the kernel's name stays unique, for who sets a kprobe by it, and a backtrace says which of the
 * two it was.
 */
#define KGR_NEW_SUFFIX ".kgr"

/* A part of an old function's text that nothing rewrites at run time; offsets from the function's start. */
struct kgr_span {
	kgr_u32 offset;
	kgr_u32 size;
};

/*
 * Where text is: a function's body or its cold part. The address is as linked; in a module's function it is
 * the index of a symbol in its object's syms. Size 0: there is no such part.
 */
struct kgr_text_range {
	kgr_u64 address;
	kgr_u64 size;
};

/* Code of the patch that runs before and after all tasks move (callbacks.c). */
enum kgr_callback_kind {
	KGR_PRE_PATCH,
	KGR_POST_PATCH,
	KGR_PRE_UNPATCH,
	KGR_POST_UNPATCH,
	KGR_CALLBACK_KINDS
};

/* A symbol of a module: the sympos-th of its name in kallsyms, counted from 0. */
struct kgr_module_sym {
	KGR_POINTER(const char *, name);
	kgr_u32 sympos;
	kgr_u32 padding;
};

/* A module that the patch needs something of; vmlinux is none of them. Their numbers start at 1. */
struct kgr_object {
	KGR_POINTER(const char *, name);
	KGR_POINTER(const struct kgr_module_sym *, syms);
	KGR_POINTER(kgr_u64 *, addresses); /* of the symbols; filled in when the module comes */
	KGR_POINTER(const unsigned char *, build_id);
	kgr_u32 nsyms;
	kgr_u32 build_id_size;
	KGR_POINTER(void *, callbacks[KGR_CALLBACK_KINDS]);
	/* Tables of the graft's code whose keys are the module's: start and end. */
	KGR_POINTER(char *, jumps[2]);
	KGR_POINTER(char *, calls[2]);

	/* Filled in while the module is there. */
	KGR_POINTER(struct module *, module);
	KGR_POINTER(struct kgr_saved_tables *, saved); /* jumps and calls as linked (tables.c) */
	kgr_u32 prepared; /* its pre-patch callback succeeded */
	kgr_u32 padding;
};

/* The stub of a function on x86: an instruction of any length, and a jump. */
#define KGR_X86_STUB_SIZE 32

/* An old function and the one that replaces it. */
struct kgr_func {
	KGR_POINTER(const char *, name);
	KGR_POINTER(void *, new_func);
	KGR_POINTER(const struct kgr_span *, spans); /* of the main part */
	kgr_u32 nspans;
	kgr_u32 digest; /* CRC-32 over the spans */
	kgr_u32 object; /* 0: vmlinux */
	kgr_u32 padding;
	KGR_POINTER(void *, stub); /* room for one (runtime/arch/), if it has no fentry */
	struct kgr_text_range old[2]; /* main and cold part */
	struct kgr_text_range new_text[2]; /* of new_func; relocations fill in the addresses */
};

/*
 * Relocation types of struct kgr_reloc besides the architecture's own: what a variable holds, for code whose
 * constants the kernel fills in at boot (asm/runtime-const.h). Far from every psABI's numbers.
 */
#define KGR_REL_VALUE 0x80000000u /* eight bytes */
#define KGR_REL_SHIFT 0x80000001u /* the lowest byte of it */

/* One reference of the graft to something that the kernel does not export. */
struct kgr_reloc {
	kgr_u64 where; /* filled in by a relocation */
	kgr_s64 addend;
	kgr_u32 type; /* the psABI's, or KGR_REL_* */
	kgr_u32 sym; /* index into kgr_syms */
};

/* What such a reference refers to. */
struct kgr_reloc_sym {
	kgr_u64 address; /* as linked; of a module: index into its object's syms */
	kgr_u32 fixed; /* per-CPU offset or absolute: no slide */
	kgr_u32 object; /* 0: vmlinux */
};

/*
 * A number or pointer in an object of the kernel's that has another value while all live in the new universe (data.c).
 * The two values are numbers of @size bytes; of a pointer into the kernel an entry of kgr_relocs fills in all eight.
 */
struct kgr_data {
	KGR_POINTER(const char *, name); /* "foo.bar[2]" */
	kgr_u64 address; /* of the object, as linked; of a module: index into its object's syms */
	kgr_u64 built, patched;
	kgr_u32 offset; /* in the object */
	kgr_u32 size; /* 1, 2, 4 or 8, and the address is a multiple of it */
	kgr_u32 object; /* 0: vmlinux */
	kgr_u32 padding;
};

struct kgr_patch {
	KGR_POINTER(const char *, name);
	KGR_POINTER(const char *, version); /* of kgraft */
	KGR_POINTER(const char *, build_id_text);
	KGR_POINTER(const unsigned char *, build_id);
	kgr_u64 build_id_address; /* as linked */
	KGR_POINTER(struct kgr_func *, funcs);
	KGR_POINTER(struct kgr_object *, objects);
	KGR_POINTER(void *, callbacks[KGR_CALLBACK_KINDS]); /* for vmlinux */
	KGR_POINTER(const char *, escapes); /* what may be pointed to later: names, or "" */
	KGR_POINTER(const char *, allowed_escapes); /* and what an unpatch callback sees to */
	KGR_POINTER(const struct kgr_data *, data);
	kgr_u32 build_id_size;
	kgr_u32 nfuncs;
	kgr_u32 nobjects;
	kgr_u32 ndata;

	kgr_u32 prepared; /* at run time: vmlinux's pre-patch callback succeeded */
	kgr_u32 padding;
};

static_assert(sizeof(struct kgr_span) == 8, "kgr_span");
static_assert(sizeof(struct kgr_text_range) == 16, "kgr_text_range");
static_assert(sizeof(struct kgr_module_sym) == 16, "kgr_module_sym");
static_assert(offsetof(struct kgr_object, callbacks) == 40, "kgr_object.callbacks");
static_assert(offsetof(struct kgr_object, module) == 104, "kgr_object.module");
static_assert(sizeof(struct kgr_object) == 128, "kgr_object");
static_assert(offsetof(struct kgr_func, nspans) == 24, "kgr_func.nspans");
static_assert(offsetof(struct kgr_func, old) == 48, "kgr_func.old");
static_assert(offsetof(struct kgr_func, new_text) == 80, "kgr_func.new_text");
static_assert(sizeof(struct kgr_func) == 112, "kgr_func");
static_assert(offsetof(struct kgr_reloc, type) == 16, "kgr_reloc.type");
static_assert(sizeof(struct kgr_reloc) == 24, "kgr_reloc");
static_assert(sizeof(struct kgr_reloc_sym) == 16, "kgr_reloc_sym");
static_assert(offsetof(struct kgr_patch, callbacks) == 56, "kgr_patch.callbacks");
static_assert(offsetof(struct kgr_data, built) == 16, "kgr_data.built");
static_assert(offsetof(struct kgr_data, patched) == 24, "kgr_data.patched");
static_assert(sizeof(struct kgr_data) == 48, "kgr_data");
static_assert(sizeof(struct kgr_patch) == 136, "kgr_patch");

#endif
