// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Reads the kernel's special sections by their rows. To which function an entry belongs is what its owner's
 * reference points into: of .smp_locks, whose entries are four bytes "where a lock prefix is - here",
 *
 *	offset 8: R_X86_64_PC32 .text+0x42		belongs to whatever function covers .text+0x42
 *
 * Where versions of the kernel differ in an entry's size, the one counts with which every entry begins with a
 * reference to code.
 */
#include <string.h>

#include "elf/arch.h"
#include "elf/special-sections.h"

const struct kgr_special *kgr_special_find(const struct kgr_arch *arch, const char *name)
{
	size_t i;

	for (i = 0; i < arch->nspecials; i++) {
		const struct kgr_special *row = &arch->specials[i];

		if (row->family ? g_str_has_prefix(name, row->name) : !strcmp(name, row->name))
			return row;
	}
	return NULL;
}

const struct kgr_special *kgr_special_unwind(const struct kgr_arch *arch)
{
	size_t i;

	for (i = 0; i < arch->nspecials; i++) {
		if (arch->specials[i].kind == KGR_SPECIAL_UNWIND)
			return &arch->specials[i];
	}
	return NULL;
}

const struct kgr_special *kgr_special_later(const struct kgr_arch *arch, const char *name)
{
	size_t i;

	for (i = 0; i < arch->nspecials; i++) {
		const struct kgr_special *row = &arch->specials[i];

		/* Those of a module's keys have its number behind. */
		if (row->kind == KGR_SPECIAL_LATER &&
		    (g_str_has_prefix(name, row->later_name) || !g_strcmp0(name, row->fixed_name)))
			return row;
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

	for (i = 0; i < G_N_ELEMENTS(special->layouts) && special->layouts[i].size; i++) {
		unsigned int size = special->layouts[i].size;

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

static const struct kgr_entry_layout *layout_of(const struct kgr_special *special,
						unsigned int size)
{
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(special->layouts); i++) {
		if (special->layouts[i].size == size)
			return &special->layouts[i];
	}
	return NULL;
}

unsigned int kgr_special_site_length(const struct kgr_special *special, const uint8_t *entry,
				     unsigned int size)
{
	const struct kgr_entry_layout *layout = layout_of(special, size);

	return layout && layout->site_length ? entry[layout->site_length] : 0;
}

unsigned int kgr_special_replacement_length(const struct kgr_special *special, const uint8_t *entry,
					    unsigned int size)
{
	const struct kgr_entry_layout *layout = layout_of(special, size);

	return layout && layout->replacement_length ? entry[layout->replacement_length] : 0;
}

unsigned int kgr_special_rewritten(const struct kgr_special *special, const uint8_t *entry,
				   unsigned int size)
{
	return special->rewrites ?: kgr_special_site_length(special, entry, size);
}

bool kgr_special_entry_at(const struct kgr_sec *sec, uint64_t pos, uint64_t *start, uint64_t *end)
{
	unsigned int size = sec->special ? kgr_special_entry_size(sec->special, sec) : 0;

	if (!size)
		return false;
	*start = pos - pos % size;
	*end = *start + size;
	return true;
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

struct kgr_special_walk kgr_special_walk(const struct kgr_sec *sec, const struct kgr_sym *sym)
{
	return (struct kgr_special_walk){
		.sec = sec,
		.first = kgr_sym_first_name(sym),
		.size = sec && sec->special && sec->data ?
				kgr_special_entry_size(sec->special, sec) :
				0,
	};
}

bool kgr_special_next(struct kgr_special_walk *walk)
{
	while (walk->size && walk->next < walk->sec->sh.sh_size) {
		walk->at = walk->next;
		walk->next += walk->size;
		if (kgr_special_owner(walk->sec->special, walk->sec, walk->at, &walk->in) ==
		    walk->first)
			return true;
	}
	return false;
}

const uint8_t *kgr_special_entry_of(const struct kgr_special *special, const struct kgr_obj *obj,
				    const struct kgr_sym *sym)
{
	const struct kgr_sec *sec = kgr_sec_named(obj, special->name);
	const struct kgr_sym *first = kgr_sym_first_name(sym);
	uint64_t at;

	for (at = 0; sec && sec->data && at < sec->sh.sh_size; at += special->layouts[0].size) {
		if (kgr_special_owner(special, sec, at, NULL) == first)
			return sec->data + at;
	}
	return NULL;
}
