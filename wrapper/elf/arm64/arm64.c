// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What arm64 decides, as one structure: as much as comparing objects needs. Patches are built for x86-64 only, so what
 * only they ask for has never been used or tested, and is to be checked against the headers named below first.
 */
#include <elf.h>

#include "elf/arm64/arm64.h"
#include "elf/special-sections.h"

#define IMM12 0x003ffc00ULL
#define IMM16 0x001fffe0ULL

static const struct kgr_howto howtos[] = {
	{ .type = R_AARCH64_ABS64, .mask = UINT64_MAX },
	{ .type = R_AARCH64_ABS32, .mask = 0xffffffff },
	{ .type = R_AARCH64_ABS16, .mask = 0xffff },
	{ .type = R_AARCH64_PREL64, .mask = UINT64_MAX, .pcrel = true },
	{ .type = R_AARCH64_PREL32, .mask = 0xffffffff, .pcrel = true },
	{ .type = R_AARCH64_PREL16, .mask = 0xffff, .pcrel = true },
	{ .type = R_AARCH64_MOVW_UABS_G0, .mask = IMM16 },
	{ .type = R_AARCH64_MOVW_UABS_G0_NC, .mask = IMM16 },
	{ .type = R_AARCH64_MOVW_UABS_G1, .mask = IMM16 },
	{ .type = R_AARCH64_MOVW_UABS_G1_NC, .mask = IMM16 },
	{ .type = R_AARCH64_MOVW_UABS_G2, .mask = IMM16 },
	{ .type = R_AARCH64_MOVW_UABS_G2_NC, .mask = IMM16 },
	{ .type = R_AARCH64_MOVW_UABS_G3, .mask = IMM16 },
	{ .type = R_AARCH64_LD_PREL_LO19, .mask = ARM64_IMM19, .pcrel = true },
	{ .type = R_AARCH64_ADR_PREL_LO21,
	  .mask = ARM64_ADR,
	  .pcrel = true,
	  .section_anchor = true },
	{ .type = R_AARCH64_ADR_PREL_PG_HI21,
	  .mask = ARM64_ADR,
	  .pcrel = true,
	  .section_anchor = true },
	{ .type = R_AARCH64_ADR_PREL_PG_HI21_NC,
	  .mask = ARM64_ADR,
	  .pcrel = true,
	  .section_anchor = true },
	{ .type = R_AARCH64_ADD_ABS_LO12_NC, .mask = IMM12, .section_anchor = true },
	{ .type = R_AARCH64_LDST8_ABS_LO12_NC, .mask = IMM12, .section_anchor = true },
	{ .type = R_AARCH64_LDST16_ABS_LO12_NC, .mask = IMM12, .section_anchor = true },
	{ .type = R_AARCH64_LDST32_ABS_LO12_NC, .mask = IMM12, .section_anchor = true },
	{ .type = R_AARCH64_LDST64_ABS_LO12_NC, .mask = IMM12, .section_anchor = true },
	{ .type = R_AARCH64_LDST128_ABS_LO12_NC, .mask = IMM12, .section_anchor = true },
	{ .type = R_AARCH64_ADR_GOT_PAGE, .mask = ARM64_ADR, .pcrel = true },
	{ .type = R_AARCH64_LD64_GOT_LO12_NC, .mask = IMM12 },
	{ .type = R_AARCH64_TSTBR14, .mask = ARM64_IMM14, .pcrel = true, .branch = true },
	{ .type = R_AARCH64_CONDBR19, .mask = ARM64_IMM19, .pcrel = true, .branch = true },
	{ .type = R_AARCH64_JUMP26, .mask = ARM64_IMM26, .pcrel = true, .branch = true },
	{ .type = R_AARCH64_CALL26, .mask = ARM64_IMM26, .pcrel = true, .branch = true },
};

/* Layouts: include/linux/{jump_label,bug}.h, include/asm-generic/{kprobes,error-injection}.h,
 * arch/arm64/include/asm/{alternative,asm-extable}.h of 6.1 and 6.12.
 */
static const struct kgr_special specials[] = {
	{ .name = "__bug_table",
	  .kind = KGR_SPECIAL_COPY,
	  .layouts = { { 12 }, { 8 } },
	  .forbids_breakpoint = true },
	{ .name = "__ex_table",
	  .kind = KGR_SPECIAL_COPY,
	  .layouts = { { 12 } },
	  .forbids_breakpoint = true },
	/* struct alt_instr: two offsets, the capability, orig_len, alt_len */
	{ .name = ".altinstructions",
	  .kind = KGR_SPECIAL_COPY,
	  .layouts = { { 12, 10, 11 } },
	  .replacement = 4 },
	/* Where ftrace hooks functions: two NOPs. */
	{ .name = "__patchable_function_entries",
	  .kind = KGR_SPECIAL_COPY,
	  .layouts = { { 8 } },
	  .rewrites = 8 },
	{ .name = "_kprobe_blacklist", .kind = KGR_SPECIAL_COPY, .layouts = { { 8 } } },
	{ .name = "_error_injection_whitelist", .kind = KGR_SPECIAL_COPY, .layouts = { { 16 } } },
	{ .name = "__jump_table",
	  .kind = KGR_SPECIAL_LATER,
	  .layouts = { { 16 } },
	  .rewrites = 4,
	  .forbids_breakpoint = true,
	  .later_name = ".kgr.jump_table",
	  .fixed_name = ".kgr.fixed_jumps",
	  .key = 8 },
	{ .name = ".discard.", .family = true, .kind = KGR_SPECIAL_DROP },
};

static const char *const no_breakpoints[] = { "arch/arm64/kernel/", NULL };

static const char *const no_kprobes[] = { ".noinstr.text",	  ".kprobes.text",
					  ".entry.text",	  ".cpuidle.text",
					  ".idmap.text",	  ".hyp.text",
					  ".hibernate_exit.text", NULL };

static const struct kgr_arch_place places[] = {
	{ .prefix = "arch/arm64/boot/", .why = "boot code has run long ago" },
	{ .prefix = "arch/arm64/kernel/pi/",
	  .why = "code that runs before relocation has run long ago" },
	{ .prefix = "arch/arm64/kernel/vdso",
	  .why = "vdso code runs in user space, in processes that exist already" },
	{ .prefix = "arch/arm64/kvm/hyp/nvhe/",
	  .why = "code of the hypervisor's own level is not the kernel's" },
};

const struct kgr_arch kgr_arch_arm64 = {
	.name = "arm64",
	.machine = EM_AARCH64,
	.howtos = howtos,
	.nhowtos = G_N_ELEMENTS(howtos),
	.pointer = R_AARCH64_ABS64,
	.decode = kgr_arm64_decode,
	.landing_pad = kgr_arm64_bti,
	.landing_pad_config = "ARM64_BTI_KERNEL",
	.replacements = ".altinstr_replacement",
	.fentry_list = "__patchable_function_entries",
	.specials = specials,
	.nspecials = G_N_ELEMENTS(specials),
	.no_kprobes = no_kprobes,
	.no_breakpoints = no_breakpoints,
	.places = places,
	.nplaces = G_N_ELEMENTS(places),
	.source_dir = "arch/arm64/",
	.boot_dir = "arch/arm64/boot/",
};
