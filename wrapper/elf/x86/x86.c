// SPDX-License-Identifier: GPL-3.0-or-later
/* What x86-64 decides, as one structure. */
#include <elf.h>
#include <kgraft-abi.h>

#include "elf/special-sections.h"
#include "elf/x86/x86.h"

#define BYTE 0xffULL
#define WORD32 0xffffffffULL
#define WORD64 UINT64_MAX

static const struct kgr_howto howtos[] = {
	{ .type = R_X86_64_64, .mask = WORD64 },
	{ .type = R_X86_64_32, .mask = WORD32 },
	{ .type = R_X86_64_32S, .mask = WORD32 },
	{ .type = R_X86_64_PC64, .mask = WORD64, .pcrel = true, .from_end = true },
	{ .type = R_X86_64_PC32, .mask = WORD32, .pcrel = true, .from_end = true },
	{ .type = R_X86_64_PLT32, .mask = WORD32, .pcrel = true, .from_end = true, .branch = true },
	{ .type = R_X86_64_PC8, .mask = BYTE, .pcrel = true, .from_end = true, .branch = true },
	{ .type = KGR_TYPE_VALUE, .mask = WORD64, .value = true },
	{ .type = KGR_TYPE_SHIFT, .mask = BYTE, .value = true },
};

/* Layouts: include/linux/{jump_label,bug,static_call_types}.h, include/asm-generic/{kprobes,error-injection}.h,
 * arch/x86/include/asm/{alternative,extable,paravirt_types,orc_types}.h of 6.1, 6.12 and 7.2.
 */
static const struct kgr_special specials[] = {
	/* struct bug_entry: 7.2 has a format in it. */
	{ .name = "__bug_table",
	  .kind = KGR_SPECIAL_COPY,
	  .layouts = { { 12 }, { 8 }, { 16 } },
	  .forbids_breakpoint = true },
	{ .name = "__ex_table",
	  .kind = KGR_SPECIAL_COPY,
	  .layouts = { { 12 } },
	  .forbids_breakpoint = true },
	/* struct alt_instr: its flags became four bytes in 6.3; instrlen and replacementlen end it. */
	{ .name = ".altinstructions",
	  .kind = KGR_SPECIAL_COPY,
	  .layouts = { { 12, 10, 11 }, { 14, 12, 13 } },
	  .replacement = 4 },
	/* struct paravirt_patch_site: a pointer, the type, the length. */
	{ .name = ".parainstructions", .kind = KGR_SPECIAL_COPY, .layouts = { { 16, 9 } } },
	{ .name = ".smp_locks", .kind = KGR_SPECIAL_COPY, .layouts = { { 4 } }, .rewrites = 1 },
	{ .name = ".retpoline_sites",
	  .kind = KGR_SPECIAL_COPY,
	  .layouts = { { 4 } },
	  .rewrites = 6 },
	{ .name = ".return_sites", .kind = KGR_SPECIAL_COPY, .layouts = { { 4 } }, .rewrites = 5 },
	{ .name = "__mcount_loc", .kind = KGR_SPECIAL_COPY, .layouts = { { 8 } }, .rewrites = 5 },
	{ .name = "_kprobe_blacklist", .kind = KGR_SPECIAL_COPY, .layouts = { { 8 } } },
	{ .name = "_error_injection_whitelist", .kind = KGR_SPECIAL_COPY, .layouts = { { 16 } } },
	{ .name = "__jump_table",
	  .kind = KGR_SPECIAL_LATER,
	  .layouts = { { 16 } },
	  .rewrites = 5,
	  .forbids_breakpoint = true,
	  .later_name = ".kgr.jump_table",
	  .fixed_name = ".kgr.fixed_jumps",
	  .key = 8 },
	{ .name = ".static_call_sites",
	  .kind = KGR_SPECIAL_LATER,
	  .layouts = { { 8 } },
	  .rewrites = 5,
	  .forbids_breakpoint = true,
	  .later_name = ".kgr.static_call_sites",
	  .key = 4 },
	{ .name = ".orc_unwind_ip",
	  .kind = KGR_SPECIAL_UNWIND,
	  .layouts = { { 4 } },
	  .unwind_data = ".orc_unwind" },
	/*
	 * Left out because nothing is lost: a function whose ENDBR stays may still be called, and a
	 * call that is not counted for the return stack only has it refilled sooner
	 * (arch/x86/kernel/callthunks.c; the loader would patch it before its target is known). On
	 * x86 the patchable entries are padding.
	 */
	{ .name = ".ibt_endbr_seal", .kind = KGR_SPECIAL_DROP, .layouts = { { 4 } }, .rewrites = 4 },
	{ .name = ".call_sites", .kind = KGR_SPECIAL_DROP, .layouts = { { 4 } }, .rewrites = 5 },
	{ .name = "__patchable_function_entries", .kind = KGR_SPECIAL_DROP, .layouts = { { 8 } } },
	{ .name = ".orc_header", .kind = KGR_SPECIAL_DROP },
	{ .name = ".discard.", .family = true, .kind = KGR_SPECIAL_DROP },
	/* Names of the tracepoints that are used, for the build to look at (scripts/tracepoint-update.c). */
	{ .name = "__tracepoint_check", .kind = KGR_SPECIAL_DROP },
	/* The runtime constants are relocations by now (runtime-const.c). */
	{ .name = "runtime_ptr_", .family = true, .kind = KGR_SPECIAL_DROP, .layouts = { { 4 } } },
	{ .name = "runtime_shift_", .family = true, .kind = KGR_SPECIAL_DROP, .layouts = { { 4 } } },
};

static const char *const no_kprobes[] = { ".noinstr.text", ".kprobes.text", ".entry.text",
					  ".cpuidle.text", NULL };

/* A CPU that comes has no handler for them yet; and what is on the way to it. */
static const char *const no_breakpoints[] = {
	"arch/x86/kernel/alternative.", "arch/x86/kernel/cpu/",	    "arch/x86/kernel/head64.",
	"arch/x86/kernel/idt.",		"arch/x86/kernel/kprobes/", "arch/x86/kernel/nmi.",
	"arch/x86/kernel/smpboot.",	"arch/x86/kernel/traps.",   NULL
};

static const struct kgr_arch_place places[] = {
	{ .prefix = "arch/x86/boot/", .why = "boot code has run long ago" },
	{ .prefix = "arch/x86/realmode/rm/",
	  .why = "real mode code cannot be redirected",
	  .goals = "realmode.bin" },
	{ .prefix = "arch/x86/purgatory/",
	  .why = "purgatory code is no part of the running kernel",
	  .goals = "purgatory.ro" },
	{ .prefix = "arch/x86/lib/x86-opcode-map.txt",
	  .why = "the instruction decoder is generated from it" },
	/* The kernel's side of it. */
	{ .prefix = "arch/x86/entry/vdso/vma.", .why = NULL },
	{ .prefix = "arch/x86/entry/vdso/extable.", .why = NULL },
	{ .prefix = "arch/x86/entry/vdso/vdso32-setup.", .why = NULL },
	{ .prefix = "arch/x86/entry/vdso/",
	  .why = "vdso code runs in user space, in processes that exist already",
	  .goals = "vdso64.so.dbg vdso32.so.dbg" },
};

const struct kgr_arch kgr_arch_x86 = {
	.name = "x86-64",
	.machine = EM_X86_64,
	.howtos = howtos,
	.nhowtos = G_N_ELEMENTS(howtos),
	.pointer = R_X86_64_64,
	.decode = kgr_x86_decode,
	.biases = kgr_x86_biases,
	.scan = kgr_x86_scan,
	.code_refs = kgr_x86_code_refs,
	.stores = kgr_x86_stores,
	.landing_pad = kgr_x86_endbr,
	.landing_pad_config = "X86_KERNEL_IBT",
	.seal_list = ".ibt_endbr_seal",
	.add_boot_references = kgr_x86_runtime_constants,
	.boot_version = kgr_x86_boot_version,
	.replacements = ".altinstr_replacement",
	.aux_section = ".altinstr_aux",
	.aux_part = kgr_x86_aux_part,
	.stub_size = KGR_X86_STUB_SIZE,
	.fentry_list = "__mcount_loc",
	.specials = specials,
	.nspecials = G_N_ELEMENTS(specials),
	.no_kprobes = no_kprobes,
	.no_breakpoints = no_breakpoints,
	.places = places,
	.nplaces = G_N_ELEMENTS(places),
	.source_dir = "arch/x86/",
	.boot_dir = "arch/x86/boot/",
};
