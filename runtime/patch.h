/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tables that kgr-build makes: patch.c, which is compiled for every patch and so includes little,
 * and the graft (wrapper/extract/extract.c).
 */
#ifndef KGR_PATCH_H
#define KGR_PATCH_H

#include <linux/types.h>

struct module;

/* A stretch of an old function's text that nothing rewrites at run time. */
struct kgr_span {
	u32 offset;
	u32 size;
};

/*
 * A stretch of the kernel's text: a function's body or its cold part. The address is as linked; in a
 * module's function the number of the symbol among its object's.
 */
struct kgr_text {
	unsigned long address;
	unsigned long size;
};

/* Code of the patch that runs before and after everybody moves (callbacks.c). */
enum kgr_callback_kind {
	KGR_PRE_PATCH,
	KGR_POST_PATCH,
	KGR_PRE_UNPATCH,
	KGR_POST_UNPATCH,
	KGR_CALLBACK_KINDS
};

/* A symbol of a module: the position-th of its name in kallsyms. */
struct kgr_module_sym {
	const char *name;
	unsigned int position;
};

/* A module that the patch needs something of; vmlinux is none of them. Numbers start at 1. */
struct kgr_object {
	const char *name;
	const struct kgr_module_sym *syms;
	unsigned int nsyms;
	const u8 *build_id;
	unsigned int build_id_size;
	void *callbacks[KGR_CALLBACK_KINDS];
	char *jumps[2], *calls[2]; /* tables of the graft's code whose keys are the module's */

	/* Filled in while the module is there. */
	unsigned long *addresses; /* of the symbols */
	struct module *module;
	bool prepared; /* its pre-patch callback had no objection */
	struct kgr_loan *loan; /* what makes the kernel take those tables (tables.c) */
};

struct kgr_func {
	const char *name;
	void *new_func;
	void *trampoline; /* to be called at the old function's fentry: leads to new_func */
	unsigned int object; /* 0: vmlinux */
	bool by_kprobe; /* it has no fentry */
	struct kgr_text old[2]; /* main and cold part; size 0: no cold part */
	const struct kgr_span *spans; /* of the main part */
	unsigned int nspans;
	u32 digest; /* CRC-32 over the spans */

	unsigned long old_address; /* filled in at run time */
};

/* Besides the psABI's types: what a variable holds, for code that the kernel fills in at boot. */
#define KGR_REL_VALUE 0x100 /* eight bytes */
#define KGR_REL_SHIFT 0x101 /* the lowest byte of it (arch/x86/include/asm/runtime-const.h) */

/* One reference of the graft to something that the kernel does not export (wrapper/extract/extract.c). */
struct kgr_reloc {
	unsigned long where;
	s64 addend;
	u32 type; /* R_X86_64_*, KGR_REL_* */
	u32 sym; /* index into kgr_syms */
};

struct kgr_sym {
	unsigned long address; /* as linked; of a module: the number of its symbol */
	u32 fixed; /* per-CPU offset or absolute: no slide */
	u32 object; /* 0: vmlinux */
};

struct kgr_patch {
	const char *name;
	const char *version; /* of kgraft */
	const char *build_id_text;
	const u8 *build_id;
	unsigned int build_id_size;
	unsigned long build_id_address; /* as linked */
	struct kgr_func *funcs;
	unsigned int nfuncs;
	struct kgr_object *objects;
	unsigned int nobjects;
	void *callbacks[KGR_CALLBACK_KINDS]; /* for vmlinux */
	bool prepared;
};

#endif
