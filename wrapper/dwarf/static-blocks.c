// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A static local is declared once, in its function's block in the source, and the code of that block may be in many
 * places: wherever the function was inlined, and in its clones. Each of these has a DIE with DW_AT_abstract_origin
 * (DWARF 5, 3.3.8.2), so that the block in the source is the name under which all are found:
 *
 *	0x98 lexical_block			in net_secret_init(), inline: no code here
 *	0xa5   variable ___done			declared in block 0x98
 *	0xff lexical_block, origin 0x98		inlined into f(): f+0x63..f+0x6d
 *	0x166 lexical_block, origin 0x98	inlined into g(): g+0x10..g+0x1a
 *
 * Ranges are read of those blocks only that have a static local, and of those around these that say
 * nothing of what it is for: WARN_ONCE() declares its __already_done in a block of its own within
 * the one that has the message.
 */
#include "dwarf/die-ranges.h"
#include "dwarf/static-blocks.h"
#include "elf/reloc.h"

struct declared {
	struct kgr_sym *sym;
	Dwarf_Off block;
};

struct kgr_static_blocks {
	const struct kgr_dwarf_reader *reader;
	GHashTable *places; /* block in the source -> GArray of Dwarf_Off: the DIEs of its code */
	GHashTable *
		outer; /* block in the source, not a function's outermost one -> the one around it */
	GArray *declared;
};

static void free_offsets(gpointer offsets)
{
	g_array_free(offsets, TRUE);
}

struct kgr_static_blocks *kgr_static_blocks_new(const struct kgr_dwarf_reader *reader)
{
	struct kgr_static_blocks *blocks = g_new0(struct kgr_static_blocks, 1);

	blocks->reader = reader;
	blocks->places = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, free_offsets);
	blocks->outer = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
	blocks->declared = g_array_new(FALSE, FALSE, sizeof(struct declared));
	return blocks;
}

void kgr_static_blocks_free(struct kgr_static_blocks *blocks)
{
	if (!blocks)
		return;
	g_hash_table_destroy(blocks->places);
	g_hash_table_destroy(blocks->outer);
	g_array_free(blocks->declared, TRUE);
	g_free(blocks);
}

static Dwarf_Off in_source(Dwarf_Die die, Dwarf_Off offset)
{
	Dwarf_Attribute attr;
	Dwarf_Off origin;

	return dwarf_attr(die, DW_AT_abstract_origin, &attr, NULL) == DW_DLV_OK &&
			       dwarf_global_formref(attr, &origin, NULL) == DW_DLV_OK ?
		       origin :
		       offset;
}

Dwarf_Off kgr_static_blocks_enter(struct kgr_static_blocks *blocks, Dwarf_Die die, Dwarf_Off outer)
{
	Dwarf_Off offset, block;
	GArray *places;

	if (dwarf_dieoffset(die, &offset, NULL) != DW_DLV_OK)
		return 0;
	block = in_source(die, offset);
	if (block == offset && outer)
		g_hash_table_insert(blocks->outer, g_memdup2(&block, sizeof(block)),
				    g_memdup2(&outer, sizeof(outer)));
	if (!kgr_die_has(die, DW_AT_low_pc) && !kgr_die_has(die, DW_AT_ranges))
		return block;
	places = g_hash_table_lookup(blocks->places, &block);
	if (!places) {
		places = g_array_new(FALSE, FALSE, sizeof(Dwarf_Off));
		g_hash_table_insert(blocks->places, g_memdup2(&block, sizeof(block)), places);
	}
	g_array_append_val(places, offset);
	return block;
}

void kgr_static_blocks_declare(struct kgr_static_blocks *blocks, struct kgr_sym *sym,
			       Dwarf_Off block)
{
	struct declared declared = { sym, block };

	g_array_append_val(blocks->declared, declared);
}

static GArray *read_ranges(const struct kgr_static_blocks *blocks, Dwarf_Die cu, Dwarf_Off block)
{
	const GArray *places = g_hash_table_lookup(blocks->places, &block);
	GArray *ranges = g_array_new(FALSE, FALSE, sizeof(struct kgr_code_range));
	Dwarf_Die die;
	guint i;

	for (i = 0; places && i < places->len; i++) {
		if (dwarf_offdie_b(blocks->reader->dbg, g_array_index(places, Dwarf_Off, i), TRUE,
				   &die, NULL) == DW_DLV_OK)
			kgr_die_ranges(blocks->reader, cu, die, ranges);
	}
	return ranges;
}

struct reading {
	const struct kgr_static_blocks *blocks;
	Dwarf_Die cu;
	GHashTable *read; /* block in the source -> GArray of struct kgr_code_range */
	GPtrArray *arrays; /* owns these */
};

static GArray *ranges_of(const struct reading *r, const Dwarf_Off *block)
{
	GArray *ranges = g_hash_table_lookup(r->read, block);

	if (!ranges) {
		ranges = read_ranges(r->blocks, r->cu, *block);
		g_ptr_array_add(r->arrays, ranges);
		g_hash_table_insert(r->read, (gpointer)block, ranges);
	}
	return ranges;
}

/*
 * Does this code refer to a literal, or to something of this file? Static locals do not count:
 * "movb $1, flag" counts from behind its constant, and seems to be of the one before.
 */
static bool tells(const GArray *ranges)
{
	size_t count, n;
	guint i;

	for (i = 0; i < ranges->len; i++) {
		const struct kgr_code_range *code =
			&g_array_index(ranges, struct kgr_code_range, i);
		const struct kgr_rel *rels =
			kgr_sec_rels(code->sec, code->start, code->end, &count);

		for (n = 0; n < count; n++) {
			struct kgr_target t;

			kgr_target(&rels[n], kgr_rel_usual_bias(&rels[n]), &t);
			if (t.kind == KGR_TARGET_STRING ||
			    (t.kind == KGR_TARGET_SYMBOL && t.sym->sec && !t.sym->block &&
			     !kgr_target_is_jump(&t)))
				return true;
		}
	}
	return false;
}

void kgr_static_blocks_end(struct kgr_static_blocks *blocks, Dwarf_Die cu, GPtrArray *arrays)
{
	g_autoptr(GHashTable) read = g_hash_table_new(g_int64_hash, g_int64_equal);
	const struct reading r = { blocks, cu, read, arrays };
	guint i;

	for (i = 0; i < blocks->declared->len; i++) {
		struct declared *d = &g_array_index(blocks->declared, struct declared, i);

		d->sym->block = ranges_of(&r, &d->block);
	}
	for (i = 0; i < blocks->declared->len; i++) {
		const struct declared *d = &g_array_index(blocks->declared, struct declared, i);
		const Dwarf_Off *outer = g_hash_table_lookup(blocks->outer, &d->block);

		d->sym->around = d->sym->block;
		for (; outer && !tells(d->sym->around);
		     outer = g_hash_table_lookup(blocks->outer, outer))
			d->sym->around = ranges_of(&r, outer);
	}
	g_array_set_size(blocks->declared, 0);
	g_hash_table_remove_all(blocks->places);
	g_hash_table_remove_all(blocks->outer);
}
