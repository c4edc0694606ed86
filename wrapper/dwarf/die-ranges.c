// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Reads where a DIE's code is: from DW_AT_low_pc to DW_AT_high_pc, or in the list that DW_AT_ranges names, which is in
 * .debug_rnglists since DWARF 5 and in .debug_ranges before (DWARF 5, 2.17.3; DWARF 4, 2.17.3).
 */
#include "dwarf/die-ranges.h"

static void add(const struct kgr_dwarf_reader *reader, GArray *out, uint64_t low, uint64_t high)
{
	const struct kgr_sec *sec = low < high ? kgr_sec_at(reader->obj, low) : NULL;
	struct kgr_code_range range;

	if (!sec || high - sec->address > sec->sh.sh_size)
		return;
	range = (struct kgr_code_range){ sec, low - sec->address, high - sec->address };
	g_array_append_val(out, range);
}

static void from_list(const struct kgr_dwarf_reader *reader, Dwarf_Attribute attr, Dwarf_Off at,
		      GArray *out)
{
	Dwarf_Unsigned count, i, where, raw1, raw2, low, high;
	Dwarf_Rnglists_Head head;
	Dwarf_Bool unavailable;
	unsigned int length, kind;
	Dwarf_Half form;

	if (dwarf_whatform(attr, &form, NULL) != DW_DLV_OK ||
	    dwarf_rnglists_get_rle_head(attr, form, at, &head, &count, &where, NULL) != DW_DLV_OK)
		return;
	for (i = 0; i < count; i++) {
		if (dwarf_get_rnglists_entry_fields_a(head, i, &length, &kind, &raw1, &raw2,
						      &unavailable, &low, &high, NULL) != DW_DLV_OK)
			break;
		if (kind != DW_RLE_base_address && kind != DW_RLE_base_addressx && !unavailable)
			add(reader, out, low, high);
	}
	dwarf_dealloc_rnglists_head(head);
}

/* What is in .debug_ranges counts from the unit's start, or from what was selected last. */
static void from_old_list(const struct kgr_dwarf_reader *reader, Dwarf_Die cu, Dwarf_Die die,
			  Dwarf_Off at, GArray *out)
{
	Dwarf_Addr base = 0;
	Dwarf_Ranges *ranges;
	Dwarf_Unsigned bytes;
	Dwarf_Signed count, i;
	Dwarf_Off real;

	dwarf_lowpc(cu, &base, NULL);
	if (dwarf_get_ranges_b(reader->dbg, at, die, &real, &ranges, &count, &bytes, NULL) !=
	    DW_DLV_OK)
		return;
	for (i = 0; i < count; i++) {
		if (ranges[i].dwr_type == DW_RANGES_ADDRESS_SELECTION)
			base = ranges[i].dwr_addr2;
		else if (ranges[i].dwr_type == DW_RANGES_ENTRY)
			add(reader, out, base + ranges[i].dwr_addr1, base + ranges[i].dwr_addr2);
	}
	dwarf_dealloc_ranges(reader->dbg, ranges, count);
}

void kgr_die_ranges(const struct kgr_dwarf_reader *reader, Dwarf_Die cu, Dwarf_Die die, GArray *out)
{
	enum Dwarf_Form_Class class;
	Dwarf_Half form, version, offset_size;
	Dwarf_Addr low, high;
	Dwarf_Attribute attr;
	Dwarf_Off at;

	if (dwarf_lowpc(die, &low, NULL) == DW_DLV_OK &&
	    dwarf_highpc_b(die, &high, &form, &class, NULL) == DW_DLV_OK) {
		add(reader, out, low, class == DW_FORM_CLASS_CONSTANT ? low + high : high);
		return;
	}
	if (dwarf_attr(die, DW_AT_ranges, &attr, NULL) != DW_DLV_OK ||
	    dwarf_global_formref(attr, &at, NULL) != DW_DLV_OK ||
	    dwarf_get_version_of_die(die, &version, &offset_size) != DW_DLV_OK)
		return;
	if (version >= 5)
		from_list(reader, attr, at, out);
	else
		from_old_list(reader, cu, die, at, out);
}
