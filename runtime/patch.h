/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tables that kgr-build makes: patch.c, which is compiled for every patch and so includes little,
 * and the graft (wrapper/extract.c).
 */
#ifndef KGR_PATCH_H
#define KGR_PATCH_H

#include <linux/types.h>

/* A stretch of an old function's text that nothing rewrites at run time. */
struct kgr_span {
	u32 offset;
	u32 size;
};

/* A stretch of the kernel's text, as linked: a function's body or its cold part. */
struct kgr_text {
	unsigned long address;
	unsigned long size;
};

struct kgr_func {
	const char *name;
	void *new_func;
	void *trampoline; /* to be called at the old function's fentry: leads to new_func */
	struct kgr_text old[2]; /* main and cold part; size 0: no cold part */
	const struct kgr_span *spans; /* of the main part */
	unsigned int nspans;
	u32 digest; /* CRC-32 over the spans */

	unsigned long old_address; /* filled in at run time */
};

/* One reference of the graft to something that the kernel does not export (wrapper/extract.c). */
struct kgr_reloc {
	unsigned long where;
	s64 addend;
	u32 type; /* R_X86_64_* */
	u32 sym; /* index into kgr_syms */
};

struct kgr_sym {
	unsigned long address; /* as linked */
	u64 fixed; /* per-CPU offset or absolute: no slide */
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
};

#endif
