// SPDX-License-Identifier: GPL-3.0-or-later
#include <Zydis/Zydis.h>

#include "elf/x86/decode.h"
#include "lib/error.h"

static void note_field(struct kgr_insn *to, uint8_t offset, uint8_t bits, int64_t value,
		       bool branch)
{
	to->field = offset;
	to->field_size = bits / 8;
	to->distance = value;
	to->branch = branch;
}

static bool is_rip_relative(const ZydisDecodedInstruction *insn)
{
	return insn->attributes & ZYDIS_ATTRIB_HAS_MODRM && !insn->raw.modrm.mod &&
	       insn->raw.modrm.rm == 5;
}

GArray *kgr_decode(const struct kgr_obj *obj, const struct kgr_sym *func, GError **error)
{
	GArray *code = g_array_new(FALSE, FALSE, sizeof(struct kgr_insn));
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
			kgr_fail(error, KGR_REFUSED,
				 "%s: %s+0x%" G_GINT64_MODIFIER
				 "x: an instruction cannot be decoded",
				 obj->path, func->name, at);
			g_array_free(code, TRUE);
			return NULL;
		}
		if (insn.mnemonic == ZYDIS_MNEMONIC_NOP)
			continue;
		one.mnemonic = (uint16_t)insn.mnemonic;
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
	return code;
}

guint kgr_insn_index(const GArray *code, uint64_t offset)
{
	guint low = 0, high = code->len;

	while (low < high) {
		guint mid = (low + high) / 2;

		if (g_array_index(code, struct kgr_insn, mid).offset < offset)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}
