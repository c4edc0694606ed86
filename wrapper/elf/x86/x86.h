/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of this folder have for its structure in x86.c; only they include this. */
#ifndef KGR_X86_H
#define KGR_X86_H

#include "elf/arch.h"
#include "elf/object.h"

/* kgr_x86_decode() - decode of struct kgr_arch: the instructions of @func without NOPs
 *
 * An array of struct kgr_insn, g_array_unref() it. NULL with @error set, a refusal, if Zydis cannot
 * decode one.
 */
GArray *kgr_x86_decode(const struct kgr_obj *obj, const struct kgr_sym *func, GError **error);

/* kgr_x86_biases() - biases of struct kgr_arch: for each relocation of the code the distance from
 * its field to the end of its instruction, or 0 if its type does not count from there
 * @start, @size: the code in @sec, which begins with an instruction
 *
 * An array with an element for each of them, in their order; g_free() it. NULL with @error set, a
 * refusal, if Zydis cannot decode an instruction.
 */
int *kgr_x86_biases(const struct kgr_obj *obj, const struct kgr_sec *sec, uint64_t start,
		    uint64_t size, GError **error);

/* kgr_x86_endbr() - landing_pad of struct kgr_arch: 4 if @code begins with ENDBR64, else 0 */
unsigned int kgr_x86_endbr(const uint8_t *code, uint64_t size);

/* kgr_x86_scan() - scan of struct kgr_arch: append every place of @bytes whose content may be a
 * reference to @target
 * @bytes: @size bytes, which lie at @address
 * @code: are they code? Then a distance counts from the end of the instruction, in data from the
 *	field itself
 * @places: of uint64_t, addresses of the fields; some are not references, but look like one by
 *	chance
 */
void kgr_x86_scan(const uint8_t *bytes, uint64_t size, uint64_t address, bool code, uint64_t target,
		  GArray *places);

/* kgr_x86_code_refs() - code_refs of struct kgr_arch: append the fields of instructions that refer
 * to @target
 * @code: @size bytes, which lie at @address and begin with an instruction
 * @refs: of struct kgr_code_ref
 *
 * False if Zydis cannot decode an instruction; those before it have been looked at.
 */
bool kgr_x86_code_refs(const uint8_t *code, uint64_t size, uint64_t address, uint64_t target,
		       GArray *refs);

/* kgr_x86_boot_version() - boot_version of struct kgr_arch */
const char *kgr_x86_boot_version(const uint8_t *image, size_t size);

/* kgr_x86_stores() - stores of struct kgr_arch */
GArray *kgr_x86_stores(const struct kgr_obj *obj, const struct kgr_sym *func, GError **error);

/* kgr_x86_undecodable() - set @error, as an instruction at @at of what is called @name cannot be decoded; false */
bool kgr_x86_undecodable(const struct kgr_obj *obj, const char *name, uint64_t at, GError **error);

/* kgr_x86_aux_part() - how many bytes of .altinstr_aux belong to the one static_cpu_has() whose part there
 * begins at @start (arch/x86/include/asm/cpufeature.h): a test and two jumps, the last of which always
 * jumps. 0 if there is no such thing.
 */
uint64_t kgr_x86_aux_part(const struct kgr_sec *sec, uint64_t start);

/* kgr_x86_runtime_constants() - give each immediate that the kernel fills in at boot a relocation to the variable whose
 * value it is (arch/x86/include/asm/runtime-const.h, since 6.11)
 *
 * Section runtime_TYPE_VARIABLE lists the places. From then on they are references like any other, of the
 * types KGR_TYPE_VALUE and KGR_TYPE_SHIFT. Returns false with @error set for entries that refer to no code.
 */
bool kgr_x86_runtime_constants(struct kgr_obj *obj, GError **error);

#endif
