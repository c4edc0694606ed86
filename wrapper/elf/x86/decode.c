// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Instructions of x86-64, which Zydis decodes. Of each is noted which bytes hold a distance, as in
 *
 *	e8 c7 ff ff ff		call -0x39	field: bytes 1 to 4, a branch
 *	8b 05 10 00 00 00	mov 0x10(%rip),%eax	field: bytes 2 to 5, not a branch
 */
#include <elf.h>
#include <string.h>
#include <Zydis/Zydis.h>

#include "elf/x86/x86.h"
#include "lib/error.h"

static void note_field(struct kgr_insn *to, uint8_t offset, uint8_t bits, int64_t value,
		       bool branch)
{
	to->field = offset;
	to->mask = bits == 64 ? UINT64_MAX : (1ULL << bits) - 1;
	to->target = to->offset + to->length + value;
	to->branch = to->any_length = branch;
	to->reltype = bits == 8 ? R_X86_64_PC8 : branch ? R_X86_64_PLT32 : R_X86_64_PC32;
}

static bool is_rip_relative(const ZydisDecodedInstruction *insn)
{
	return insn->attributes & ZYDIS_ATTRIB_HAS_MODRM && !insn->raw.modrm.mod &&
	       insn->raw.modrm.rm == 5;
}

bool kgr_x86_undecodable(const struct kgr_obj *obj, const char *name, uint64_t at, GError **error)
{
	return kgr_fail(
		error, KGR_REFUSED,
		"%s: %s+0x%" G_GINT64_MODIFIER
		"x: an instruction cannot be decoded; leave out of the diff what changes this "
		"code, or install a newer libzydis",
		obj->path, name, at);
}

GArray *kgr_x86_decode(const struct kgr_obj *obj, const struct kgr_sym *func, GError **error)
{
	g_autoptr(GArray) code = g_array_new(FALSE, FALSE, sizeof(struct kgr_insn));
	ZydisDecodedInstruction insn;
	ZydisDecoder decoder;
	uint64_t at;

	ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	for (at = 0; at < func->size; at += insn.length) {
		struct kgr_insn one = { .offset = (uint32_t)at };
		int i;

		if (!func->sec->data ||
		    ZYAN_FAILED(ZydisDecoderDecodeInstruction(&decoder, ZYAN_NULL,
							      func->sec->data + func->value + at,
							      func->size - at, &insn))) {
			kgr_x86_undecodable(obj, func->name, at, error);
			return NULL;
		}
		if (insn.mnemonic == ZYDIS_MNEMONIC_NOP)
			continue;
		one.kind = (uint16_t)insn.mnemonic;
		one.length = insn.length;
		for (i = 0; i < 2; i++) {
			if (insn.raw.imm[i].is_relative)
				note_field(&one, insn.raw.imm[i].offset, insn.raw.imm[i].size,
					   insn.raw.imm[i].value.s, true);
		}
		if (is_rip_relative(&insn))
			note_field(&one, insn.raw.disp.offset, insn.raw.disp.size,
				   insn.raw.disp.value, false);
		g_array_append_val(code, one);
	}
	return g_steal_pointer(&code);
}

int *kgr_x86_biases(const struct kgr_obj *obj, const struct kgr_sec *sec, uint64_t start,
		    uint64_t size, GError **error)
{
	size_t count, n = 0;
	const struct kgr_rel *rels = kgr_sec_rels(sec, start, start + size, &count);
	g_autofree int *biases = g_new0(int, count + 1);
	ZydisDecodedInstruction insn;
	uint64_t at = start;
	ZydisDecoder decoder;

	ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	while (sec->data && at < start + size && n < count) {
		if (ZYAN_FAILED(ZydisDecoderDecodeInstruction(&decoder, ZYAN_NULL, sec->data + at,
							      start + size - at, &insn)))
			break;
		at += insn.length;
		for (; n < count && rels[n].offset < at; n++)
			biases[n] = rels[n].howto->from_end ? (int)(at - rels[n].offset) : 0;
	}
	if (n < count) {
		kgr_x86_undecodable(obj, sec->name, at, error);
		return NULL;
	}
	return g_steal_pointer(&biases);
}

unsigned int kgr_x86_endbr(const uint8_t *code, uint64_t size)
{
	static const uint8_t endbr64[] = { 0xf3, 0x0f, 0x1e, 0xfa };

	return size >= sizeof(endbr64) && !memcmp(code, endbr64, sizeof(endbr64)) ?
		       sizeof(endbr64) :
		       0;
}

uint64_t kgr_x86_aux_part(const struct kgr_sec *sec, uint64_t start)
{
	ZydisDecodedInstruction insn;
	uint64_t at = start, size = sec->sh.sh_size;
	ZydisDecoder decoder;

	ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	while (at < size && ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(
				    &decoder, ZYAN_NULL, sec->data + at, size - at, &insn))) {
		at += insn.length;
		if (insn.mnemonic == ZYDIS_MNEMONIC_JMP)
			return at - start;
	}
	return 0;
}
