// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "elf/special-sections.h"

/* Layouts: include/linux/{jump_label,bug,static_call_types}.h, include/asm-generic/{kprobes,error-injection}.h,
 * arch/x86/include/asm/{alternative,extable,paravirt_types,orc_types}.h of 6.1 and 6.12.
 */
static const struct kgr_special table[] = {
	{ "__bug_table", KGR_SPECIAL_COPY, { 12, 8 }, 0, NULL, 0 },
	{ "__ex_table", KGR_SPECIAL_COPY, { 12 }, 0, NULL, 0 },
	{ ".altinstructions", KGR_SPECIAL_COPY, { 12, 14 }, 0, NULL, 0 },
	{ ".parainstructions", KGR_SPECIAL_COPY, { 16 }, 0, NULL, 0 },
	{ ".smp_locks", KGR_SPECIAL_COPY, { 4 }, 0, NULL, 0 },
	{ ".retpoline_sites", KGR_SPECIAL_COPY, { 4 }, 0, NULL, 0 },
	{ ".return_sites", KGR_SPECIAL_COPY, { 4 }, 0, NULL, 0 },
	{ "__mcount_loc", KGR_SPECIAL_COPY, { 8 }, 0, NULL, 0 },
	{ "_kprobe_blacklist", KGR_SPECIAL_COPY, { 8 }, 0, NULL, 0 },
	{ "_error_injection_whitelist", KGR_SPECIAL_COPY, { 16 }, 0, NULL, 0 },
	{ "__jump_table", KGR_SPECIAL_LATER, { 16 }, 0, ".kgr.jump_table", 8 },
	{ ".static_call_sites", KGR_SPECIAL_LATER, { 8 }, 0, ".kgr.static_call_sites", 4 },
	{ ".orc_unwind_ip", KGR_SPECIAL_ORC, { 4 }, 0, NULL, 0 },
	/*
	 * Left out because nothing is lost: a function whose ENDBR stays may still be called, and a
	 * call that is not counted for the return stack only has it refilled sooner
	 * (arch/x86/kernel/callthunks.c; the loader would patch it before its target is known). On
	 * x86 the patchable entries are padding.
	 */
	{ ".ibt_endbr_seal", KGR_SPECIAL_DROP, { 4 }, 0, NULL, 0 },
	{ ".call_sites", KGR_SPECIAL_DROP, { 4 }, 0, NULL, 0 },
	{ "__patchable_function_entries", KGR_SPECIAL_DROP, { 8 }, 0, NULL, 0 },
	{ ".orc_header", KGR_SPECIAL_DROP, { 0 }, 0, NULL, 0 },
};

/* By prefix. The runtime constants are relocations by now (runtime-const.c). */
static const struct kgr_special families[] = {
	{ ".discard.", KGR_SPECIAL_DROP, { 0 }, 0, NULL, 0 },
	{ "runtime_ptr_", KGR_SPECIAL_DROP, { 4 }, 0, NULL, 0 },
	{ "runtime_shift_", KGR_SPECIAL_DROP, { 4 }, 0, NULL, 0 },
};

const struct kgr_special *kgr_special_find(const char *name)
{
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(table); i++) {
		if (!strcmp(table[i].name, name))
			return &table[i];
	}
	for (i = 0; i < G_N_ELEMENTS(families); i++) {
		if (g_str_has_prefix(name, families[i].name))
			return &families[i];
	}
	return NULL;
}

static struct kgr_rel *rel_at(const struct kgr_sec *sec, uint64_t offset)
{
	size_t count;
	struct kgr_rel *rel = kgr_sec_rels(sec, offset, offset + 1, &count);

	return count == 1 ? rel : NULL;
}

unsigned int kgr_special_entry_size(const struct kgr_special *special, const struct kgr_sec *sec)
{
	size_t i;
	uint64_t at;

	for (i = 0; i < G_N_ELEMENTS(special->sizes) && special->sizes[i]; i++) {
		unsigned int size = special->sizes[i];

		if (sec->sh.sh_size % size)
			continue;
		for (at = 0; at < sec->sh.sh_size; at += size) {
			struct kgr_rel *rel = rel_at(sec, at + special->owner);

			if (!rel || !rel->sym->sec || !kgr_sec_is_text(rel->sym->sec))
				break;
		}
		if (at == sec->sh.sh_size)
			return size;
	}
	return 0;
}

struct kgr_sym *kgr_special_owner(const struct kgr_special *special, const struct kgr_sec *sec,
				  uint64_t offset, uint64_t *at)
{
	struct kgr_rel *rel = rel_at(sec, offset + special->owner);
	struct kgr_sym *sym;
	uint64_t pos;

	if (!rel || !rel->sym->sec)
		return NULL;
	pos = rel->sym->value + (uint64_t)rel->addend;
	sym = kgr_sec_sym_at(rel->sym->sec, pos);
	if (sym && at)
		*at = pos - sym->value;
	return sym;
}

const uint8_t *kgr_special_entry_of(const struct kgr_special *special, const struct kgr_obj *obj,
				    const struct kgr_sym *sym)
{
	const struct kgr_sec *sec = kgr_sec_named(obj, special->name);
	uint64_t at;

	for (at = 0; sec && sec->data && at < sec->sh.sh_size; at += special->sizes[0]) {
		if (kgr_special_owner(special, sec, at, NULL) == sym)
			return sec->data + at;
	}
	return NULL;
}
