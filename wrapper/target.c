// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "target.h"

bool kgr_rel_is_pcrel(const struct kgr_rel *rel)
{
	return rel->type == R_X86_64_PC32 || rel->type == R_X86_64_PLT32 ||
	       rel->type == R_X86_64_PC64 || rel->type == R_X86_64_PC8;
}

unsigned int kgr_rel_width(const struct kgr_rel *rel)
{
	switch (rel->type) {
	case R_X86_64_64:
	case R_X86_64_PC64:
		return 8;
	case R_X86_64_32:
	case R_X86_64_32S:
	case R_X86_64_PC32:
	case R_X86_64_PLT32:
		return 4;
	case R_X86_64_PC8:
		return 1;
	default:
		return 0;
	}
}

bool kgr_sym_is_constant(const struct kgr_sym *sym)
{
	static const char *const made[] = {
		"__func__.", "__FUNCTION__.", "__PRETTY_FUNCTION__.", "CSWTCH.", "C.",
		".LC",	     "__msg."
	};
	size_t i;

	if (!sym->sec || sym->bind != STB_LOCAL || sym->sec->sh.sh_flags & SHF_WRITE)
		return false;
	for (i = 0; i < G_N_ELEMENTS(made); i++) {
		if (g_str_has_prefix(sym->name, made[i]))
			return true;
	}
	return false;
}

void kgr_target(const struct kgr_rel *rel, int tail, struct kgr_target *out)
{
	struct kgr_sym *sym = rel->sym;
	bool label = sym->sec && (sym->type == STT_SECTION ||
				  (sym->type == STT_NOTYPE && sym->bind == STB_LOCAL));

	memset(out, 0, sizeof(*out));
	if (!label) {
		out->kind = KGR_TARGET_SYMBOL;
		out->sym = sym;
		out->offset = rel->addend + tail;
		return;
	}
	out->sec = sym->sec;
	out->pos = sym->value + (uint64_t)(rel->addend + tail);
	if (kgr_sec_is_strings(out->sec)) {
		out->kind = KGR_TARGET_STRING;
		return;
	}
	out->sym = kgr_sec_sym_at(out->sec, out->pos);
	if (out->sym) {
		out->kind = KGR_TARGET_SYMBOL;
		out->offset = (int64_t)(out->pos - out->sym->value);
	} else if (out->sec->sh.sh_flags & SHF_MERGE && out->sec->sh.sh_entsize) {
		out->kind = KGR_TARGET_CONST;
	} else {
		out->kind = KGR_TARGET_SECTION;
	}
}
