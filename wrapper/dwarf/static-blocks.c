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
 * Ranges are read of those blocks only that have a static local.
 */
#include "dwarf/die-ranges.h"
#include "dwarf/static-blocks.h"

struct declared {
	struct kgr_sym *sym;
	Dwarf_Off block;
};

struct kgr_static_blocks {
	const struct kgr_dwarf_reader *reader;
	GHashTable *places; /* block in the source -> GArray of Dwarf_Off: the DIEs of its code */
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
	blocks->declared = g_array_new(FALSE, FALSE, sizeof(struct declared));
	return blocks;
}

void kgr_static_blocks_free(struct kgr_static_blocks *blocks)
{
	if (!blocks)
		return;
	g_hash_table_destroy(blocks->places);
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

Dwarf_Off kgr_static_blocks_enter(struct kgr_static_blocks *blocks, Dwarf_Die die)
{
	Dwarf_Off offset, block;
	GArray *places;

	if (dwarf_dieoffset(die, &offset, NULL) != DW_DLV_OK)
		return 0;
	block = in_source(die, offset);
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

void kgr_static_blocks_end(struct kgr_static_blocks *blocks, Dwarf_Die cu, GPtrArray *arrays)
{
	g_autoptr(GHashTable) read = g_hash_table_new(g_int64_hash, g_int64_equal);
	guint i;

	for (i = 0; i < blocks->declared->len; i++) {
		struct declared *d = &g_array_index(blocks->declared, struct declared, i);
		GArray *ranges = g_hash_table_lookup(read, &d->block);

		if (!ranges) {
			ranges = read_ranges(blocks, cu, d->block);
			g_ptr_array_add(arrays, ranges);
			g_hash_table_insert(read, &d->block, ranges);
		}
		d->sym->block = ranges;
	}
	g_array_set_size(blocks->declared, 0);
	g_hash_table_remove_all(blocks->places);
}
