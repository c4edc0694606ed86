// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>
#include <Zydis/Zydis.h>

#include "lib/error.h"
#include "elf/x86/insn.h"

int *kgr_insn_biases(const struct kgr_obj *obj, const struct kgr_sec *sec, uint64_t start,
		     uint64_t size, const struct kgr_rel *rels, size_t count, GError **error)
{
	int *biases = g_new0(int, count + 1);
	ZydisDecodedInstruction insn;
	uint64_t at = start;
	ZydisDecoder decoder;
	size_t n = 0;

	ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	while (sec->data && at < start + size && n < count) {
		if (ZYAN_FAILED(ZydisDecoderDecodeInstruction(&decoder, ZYAN_NULL, sec->data + at,
							      start + size - at, &insn)))
			break;
		at += insn.length;
		for (; n < count && rels[n].offset < at; n++)
			biases[n] = (int)(at - rels[n].offset);
	}
	if (n < count) {
		kgr_fail(error, KGR_REFUSED,
			 "%s: %s+0x%" G_GINT64_MODIFIER "x: an instruction cannot be decoded",
			 obj->path, sec->name, at);
		g_free(biases);
		return NULL;
	}
	return biases;
}

unsigned int kgr_insn_endbr(const uint8_t *code, uint64_t size)
{
	static const uint8_t endbr64[] = { 0xf3, 0x0f, 0x1e, 0xfa };

	return size >= sizeof(endbr64) && !memcmp(code, endbr64, sizeof(endbr64)) ?
		       sizeof(endbr64) :
		       0;
}

bool kgr_sec_is_aux(const struct kgr_sec *sec)
{
	return !strcmp(sec->name, ".altinstr_aux") && kgr_sec_is_text(sec) && sec->data;
}

uint64_t kgr_insn_aux(const struct kgr_sec *sec, uint64_t start)
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
