/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * libdwarf under one set of names, the newer one's. Up to 0.5 (Debian 12) its headers lie in libdwarf/, and what tells
 * it of an object's sections has other names than since 0.6 (Debian 13 has 0.11). configure says which it is.
 */
#ifndef KGR_LIBDWARF_COMPAT_H
#define KGR_LIBDWARF_COMPAT_H

#ifdef KGR_LIBDWARF_0

/* pkg-config has the folder with the version in its name. */
#include <dwarf.h>
#include <libdwarf.h>

typedef Dwarf_Unsigned kgr_section_index;
typedef Dwarf_Small kgr_byte_order;

#define kgr_libdwarf_open(path, dbg, error)                                                        \
	dwarf_init_path(path, NULL, 0, DW_GROUPNUMBER_ANY, NULL, NULL, dbg, error)
#define kgr_libdwarf_close(dbg) dwarf_finish(dbg)

#define KGR_LITTLE_ENDIAN DW_END_little
#define KGR_BIG_ENDIAN DW_END_big

#else

#include <libdwarf/dwarf.h>
#include <libdwarf/libdwarf.h>

typedef Dwarf_Obj_Access_Interface Dwarf_Obj_Access_Interface_a;
typedef Dwarf_Obj_Access_Methods Dwarf_Obj_Access_Methods_a;
typedef Dwarf_Obj_Access_Section Dwarf_Obj_Access_Section_a;

typedef Dwarf_Half kgr_section_index;
typedef Dwarf_Endianness kgr_byte_order;

#define kgr_libdwarf_open(path, dbg, error)                                                        \
	dwarf_init_path(path, NULL, 0, DW_DLC_READ, DW_GROUPNUMBER_ANY, NULL, NULL, dbg, NULL, 0,  \
			NULL, error)
#define kgr_libdwarf_close(dbg) dwarf_finish(dbg, NULL)

#define KGR_LITTLE_ENDIAN DW_OBJECT_LSB
#define KGR_BIG_ENDIAN DW_OBJECT_MSB
#define ai_object object
#define ai_methods methods
#define om_get_section_info get_section_info
#define om_get_byte_order get_byte_order
#define om_get_length_size get_length_size
#define om_get_pointer_size get_pointer_size
#define om_get_section_count get_section_count
#define om_load_section load_section
#define as_name name
#define as_size size
#define as_type type
#define dwarf_dealloc_ranges dwarf_ranges_dealloc
#define dwarf_object_finish(dbg) dwarf_object_finish(dbg, NULL)

/* It follows DW_AT_sibling backwards, allocates for whatever a line table's header counts, and
 * takes names there that are numbers for places in memory: debug-line-check.c and kgr_die_sibling()
 * look first.
 */
#define KGR_LIBDWARF_TRUSTS_INPUT 1

#endif

#ifndef KGR_LIBDWARF_TRUSTS_INPUT
#define KGR_LIBDWARF_TRUSTS_INPUT 0
#endif

#endif
