// SPDX-License-Identifier: GPL-3.0-or-later
#include <capstone/capstone.h>

#include "error.h"
#include "insn.h"

static csh decoder(void)
{
	static csh handle;

	if (!handle && cs_open(CS_ARCH_X86, CS_MODE_64, &handle) != CS_ERR_OK)
		g_error("capstone cannot decode x86-64");
	return handle;
}

int *kgr_insn_tails(const struct kgr_obj *obj, const struct kgr_sec *sec, uint64_t start,
		    uint64_t size, const struct kgr_rel *rels, size_t count, GError **error)
{
	const uint8_t *code = sec->data + start;
	int *tails = g_new0(int, count + 1);
	uint64_t at = start;
	size_t left = size, n = 0;
	cs_insn *insn;

	if (!count)
		return tails;
	insn = cs_malloc(decoder());
	while (left && n < count) {
		if (!cs_disasm_iter(decoder(), &code, &left, &at, insn))
			break;
		for (; n < count && rels[n].offset < at; n++)
			tails[n] = (int)(at - rels[n].offset);
	}
	cs_free(insn, 1);
	if (n < count) {
		kgr_fail(error, KGR_REFUSED,
			 "%s: %s+0x%" G_GINT64_MODIFIER "x: an instruction cannot be decoded",
			 obj->path, sec->name, at);
		g_free(tails);
		return NULL;
	}
	return tails;
}
