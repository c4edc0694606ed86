// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Gives libdwarf the debug sections of a linked file as libelf has them. libdwarf can open a file by itself, but once it has
 * done so, that of Debian 12 takes every object that is handed to it (dwarf-reader.c) for one of its own.
 */
#include <gelf.h>
#include <string.h>

#include "dwarf/linked-dwarf.h"

static void ignore_error(Dwarf_Error error, Dwarf_Ptr arg)
{
	(void)error;
	(void)arg;
}

static const char *name_of(Elf *elf, const GElf_Shdr *sh)
{
	size_t names;

	return elf_getshdrstrndx(elf, &names) ? NULL : elf_strptr(elf, names, sh->sh_name);
}

/* Entry 0 is ELF's null section. */
static int section_info(void *arg, kgr_section_index index, Dwarf_Obj_Access_Section_a *out,
			int *err)
{
	const struct kgr_linked_dwarf *reader = arg;
	GElf_Shdr sh;

	(void)err;
	memset(out, 0, sizeof(*out));
	out->as_name = "";
	if (index > reader->sections->len)
		return DW_DLV_NO_ENTRY;
	if (index == 0)
		return DW_DLV_OK;
	if (!gelf_getshdr(reader->sections->pdata[index - 1], &sh))
		return DW_DLV_ERROR;
	out->as_name = name_of(reader->elf, &sh);
	out->as_size = sh.sh_size;
	out->as_type = SHT_PROGBITS;
	return DW_DLV_OK;
}

static kgr_byte_order order(void *arg)
{
	return ((struct kgr_linked_dwarf *)arg)->big_endian ? KGR_BIG_ENDIAN : KGR_LITTLE_ENDIAN;
}

static Dwarf_Small length_size(void *arg)
{
	(void)arg;
	return 4;
}

static Dwarf_Small pointer_size(void *arg)
{
	(void)arg;
	return 8;
}

static Dwarf_Unsigned count(void *arg)
{
	return ((struct kgr_linked_dwarf *)arg)->sections->len + 1;
}

static int load(void *arg, kgr_section_index index, Dwarf_Small **data, int *err)
{
	const struct kgr_linked_dwarf *reader = arg;
	const Elf_Data *raw;

	(void)err;
	if (index == 0 || index > reader->sections->len)
		return DW_DLV_NO_ENTRY;
	raw = elf_rawdata(reader->sections->pdata[index - 1], NULL);
	if (!raw)
		return DW_DLV_ERROR;
	*data = raw->d_buf;
	return DW_DLV_OK;
}

#ifdef KGR_LIBDWARF_0
static Dwarf_Unsigned file_size(void *arg)
{
	size_t size = 0;

	elf_rawfile(((struct kgr_linked_dwarf *)arg)->elf, &size);
	return size;
}
#endif

static const Dwarf_Obj_Access_Methods_a methods = {
	.om_get_section_info = section_info,
	.om_get_byte_order = order,
	.om_get_length_size = length_size,
	.om_get_pointer_size = pointer_size,
	.om_get_section_count = count,
	.om_load_section = load,
#ifdef KGR_LIBDWARF_0
	.om_get_filesize = file_size,
#endif
};

bool kgr_linked_dwarf_open(struct kgr_linked_dwarf *reader, Elf *elf, bool big_endian)
{
	Dwarf_Error problem = NULL;
	Elf_Scn *scn = NULL;
	GElf_Shdr sh;

	*reader = (struct kgr_linked_dwarf){
		.elf = elf,
		.big_endian = big_endian,
		.sections = g_ptr_array_new(),
	};
	while ((scn = elf_nextscn(elf, scn))) {
		const char *name = gelf_getshdr(scn, &sh) ? name_of(elf, &sh) : NULL;

		if (name && g_str_has_prefix(name, ".debug_") && sh.sh_type == SHT_PROGBITS &&
		    sh.sh_size)
			g_ptr_array_add(reader->sections, scn);
	}
	reader->access =
		(Dwarf_Obj_Access_Interface_a){ .ai_object = reader, .ai_methods = &methods };
	if (dwarf_object_init_b(&reader->access, ignore_error, NULL, DW_GROUPNUMBER_ANY,
				&reader->dbg, &problem) == DW_DLV_OK)
		return true;
	dwarf_dealloc_error(NULL, problem);
	return false;
}

void kgr_linked_dwarf_close(struct kgr_linked_dwarf *reader)
{
	if (reader->dbg)
		dwarf_object_finish(reader->dbg);
	g_clear_pointer(&reader->sections, g_ptr_array_unref);
	reader->dbg = NULL;
}
