/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of this folder have for its structure in arm64.c; only they include this. */
#ifndef KGR_ARM64_H
#define KGR_ARM64_H

#include "elf/arch.h"
#include "elf/object.h"

/* Bits of an instruction that hold a distance: of a branch, or of what it reads. */
#define ARM64_IMM26 0x03ffffffULL
#define ARM64_IMM19 0x00ffffe0ULL
#define ARM64_IMM14 0x0007ffe0ULL
#define ARM64_ADR 0x60ffffe0ULL /* the lowest two are at the other end */

/* kgr_arm64_decode() - decode of struct kgr_arch: the instructions of @func without NOPs
 *
 * A word of data among the code counts as an instruction. An array of struct kgr_insn,
 * g_array_unref() it. NULL with @error set, a refusal, if an instruction is not known, the function
 * is not made of whole words, or an address stands among its code.
 */
GArray *kgr_arm64_decode(const struct kgr_obj *obj, const struct kgr_sym *func, GError **error);

/* kgr_arm64_bti() - landing_pad of struct kgr_arch: 4 if @code begins with BTI c, BTI jc, PACIASP
 * or PACIBSP, else 0
 */
unsigned int kgr_arm64_bti(const uint8_t *code, uint64_t size);

#endif
