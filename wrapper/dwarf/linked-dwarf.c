// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Gives libdwarf the debug sections of a linked file as libelf has them. libdwarf can open a file
 * by itself, but once it has done so, that of Debian 12 takes every object that is handed to it
 * (dwarf-access.c) for one of its own.
 */
#include <gelf.h>

#include "dwarf/linked-dwarf.h"

static const char *name_of(Elf *elf, const GElf_Shdr *sh)
{
	size_t names;

	return elf_getshdrstrndx(elf, &names) ? NULL : elf_strptr(elf, names, sh->sh_name);
}

/* False if it is one of DWARF that cannot be read. */
static bool add(struct kgr_dwarf_access *access, Elf *elf, Elf_Scn *scn)
{
	GElf_Shdr sh;
	const char *name = gelf_getshdr(scn, &sh) ? name_of(elf, &sh) : NULL;
	const Elf_Data *raw;

	if (!name || !g_str_has_prefix(name, ".debug_") || sh.sh_type != SHT_PROGBITS ||
	    !sh.sh_size)
		return true;
	raw = elf_rawdata(scn, NULL);
	if (raw)
		kgr_dwarf_access_add(access, name, raw->d_buf, sh.sh_size);
	return raw;
}

bool kgr_linked_dwarf_open(struct kgr_dwarf_access *access, Elf *elf, bool big_endian)
{
	Elf_Scn *scn = NULL;
	size_t size = 0;

	elf_rawfile(elf, &size);
	kgr_dwarf_access_init(access, big_endian, size);
	while ((scn = elf_nextscn(elf, scn))) {
		if (!add(access, elf, scn))
			return false;
	}
	return kgr_dwarf_access_open(access);
}
