/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Instruction boundaries of x86-64 code, as far as relocations need them. Decoding is Zydis's. */
#ifndef KGR_INSN_H
#define KGR_INSN_H

#include "elf/object.h"

/* kgr_insn_biases() - for each of @count relocations of [start, start + size) in @sec, how many bytes
 * lie between the relocated field's start and the end of its instruction
 *
 * A PC-relative field is relative to the instruction's end, which is this far away, so the target
 * is symbol + addend + bias. Returns an array of @count (g_free it), or NULL with @error set when
 * the code cannot be decoded.
 */
int *kgr_insn_biases(const struct kgr_obj *obj, const struct kgr_sec *sec, uint64_t start,
		     uint64_t size, const struct kgr_rel *rels, size_t count, GError **error);

/* kgr_insn_endbr() - bytes of the endbr64 that code begins with; 0 if it does not */
unsigned int kgr_insn_endbr(const uint8_t *code, uint64_t size);

/* kgr_insn_aux() - how many bytes of .altinstr_aux belong to the one static_cpu_has() whose part there
 * begins at @start (arch/x86/include/asm/cpufeature.h): a test and two jumps, the last of which always
 * jumps. 0 if there is no such thing.
 */
uint64_t kgr_insn_aux(const struct kgr_sec *sec, uint64_t start);

/* kgr_sec_is_aux() - is this where these parts are? */
bool kgr_sec_is_aux(const struct kgr_sec *sec);

#endif
