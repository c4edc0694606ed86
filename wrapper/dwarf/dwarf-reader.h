/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An object's DWARF for libdwarf, and what its entries (DIEs) are asked for. */
#ifndef KGR_DWARF_READER_H
#define KGR_DWARF_READER_H

#include "dwarf/dwarf-access.h"
#include "elf/object.h"

typedef struct kgr_dwarf_reader kgr_dwarf_reader;

struct kgr_dwarf_reader {
	struct kgr_obj *obj;
	GPtrArray *copies; /* relocated bytes of its debug sections */
	struct kgr_dwarf_access access;
	Dwarf_Debug dbg; /* what that has open */
};

/* kgr_dwarf_open() - give the object's sections addresses that differ, which DWARF then speaks of, and open
 * its DWARF; false if libdwarf cannot read it. Close it in any case; it must not be moved meanwhile.
 */
bool kgr_dwarf_open(struct kgr_dwarf_reader *reader, struct kgr_obj *obj);

/* kgr_dwarf_close() - free what was opened; names and DIEs of it are gone then */
void kgr_dwarf_close(struct kgr_dwarf_reader *reader);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(kgr_dwarf_reader, kgr_dwarf_close)

/* kgr_on_unit - called with the DIE of a compilation unit and the version of its DWARF */
typedef void (*kgr_on_unit)(void *arg, Dwarf_Die cu, unsigned int version);

/* kgr_dwarf_each_cu() - call @on_unit for each compilation unit; false if the DWARF is damaged
 * @dbg: of a reader, or any other that libdwarf has open
 */
bool kgr_dwarf_each_cu(Dwarf_Debug dbg, kgr_on_unit on_unit, void *arg);

/* kgr_die_sibling() - the DIE behind one, in @next. It lies further on, so that following siblings comes to an end.
 *
 * Returns what dwarf_siblingof_b() does, which it stands in for: DW_DLV_OK, DW_DLV_NO_ENTRY, or DW_DLV_ERROR for damage.
 */
int kgr_die_sibling(const struct kgr_dwarf_reader *reader, Dwarf_Die die, Dwarf_Die *next);

/* kgr_die_files() - the names in a unit's line table, in @files, which lives as long as @reader;
 * how many there are, none if they cannot be read
 */
Dwarf_Signed kgr_die_files(const struct kgr_dwarf_reader *reader, Dwarf_Die cu, char ***files);

/* kgr_on_die - called for a DIE before what is below it
 * @outer: what was said of the DIE that it is below
 * @inner: a copy of that, to be changed for what is below this one
 *
 * Returns whether to go on below it.
 */
typedef bool (*kgr_on_die)(void *arg, Dwarf_Die die, Dwarf_Half tag, const void *outer,
			   void *inner);

/* kgr_die_walk() - call @on_die for a unit and all that is below it
 * @outer: what is said of the unit's own surroundings, @size bytes
 *
 * Returns false if the DWARF is damaged.
 */
bool kgr_die_walk(const struct kgr_dwarf_reader *reader, Dwarf_Die cu, kgr_on_die on_die, void *arg,
		  const void *outer, size_t size);

/* Of a DIE's attributes most are optional, so that one is missing is no error. */

/* kgr_die_unsigned() - a number, in @value; false if there is none */
bool kgr_die_unsigned(Dwarf_Die die, Dwarf_Half which, uint64_t *value);

/* kgr_die_has() - is there such an attribute? */
bool kgr_die_has(Dwarf_Die die, Dwarf_Half which);

/* kgr_die_ref() - the DIE that an attribute refers to, in @target; false if there is none */
bool kgr_die_ref(const struct kgr_dwarf_reader *reader, Dwarf_Die die, Dwarf_Half which,
		 Dwarf_Die *target);

/* kgr_die_name() - its own name, or NULL; it lives as long as the reader */
const char *kgr_die_name(Dwarf_Die die);

/* kgr_die_is() - is that its tag? */
bool kgr_die_is(Dwarf_Die die, Dwarf_Half tag);

/* kgr_die_naming() - the DIE that names an entity: itself, its abstract origin, or its specification */
Dwarf_Die kgr_die_naming(const struct kgr_dwarf_reader *reader, Dwarf_Die die);

/* kgr_die_type_name() - what a type is called: "struct file *"; g_free() it */
char *kgr_die_type_name(const struct kgr_dwarf_reader *reader, Dwarf_Die die);

/* kgr_die_is_compound() - a structure, union or enumeration */
bool kgr_die_is_compound(Dwarf_Die die);

/* kgr_die_address() - where a variable is, if that is always the same place */
bool kgr_die_address(const struct kgr_dwarf_reader *reader, Dwarf_Die die, uint64_t *address);

/* kgr_same_file() - are these two ways to spell the name of one file? By its last part. */
bool kgr_same_file(const char *a, const char *b);

#endif
