// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * libdwarf asks for sections by number, and for the few things that it has to know of an ELF file,
 * by functions that it is given. Here these answer from a list of sections: entry 0 is ELF's null
 * section, and entry N the one added as the Nth.
 */
#include <gelf.h>
#include <string.h>

#include "dwarf/dwarf-access.h"

/* Errors come back as return codes; without a handler libdwarf would abort the program. */
static void ignore_error(Dwarf_Error error, Dwarf_Ptr arg)
{
	(void)error;
	(void)arg;
}

static const struct kgr_dwarf_section *section(const struct kgr_dwarf_access *a,
					       kgr_section_index index)
{
	return index && index <= a->sections->len ?
		     &g_array_index(a->sections, struct kgr_dwarf_section, index - 1) :
		     NULL;
}

static int view_section_info(void *arg, kgr_section_index index, Dwarf_Obj_Access_Section_a *out,
			     int *err)
{
	const struct kgr_dwarf_section *s = section(arg, index);

	(void)err;
	memset(out, 0, sizeof(*out));
	out->as_name = "";
	if (!s)
		return index ? DW_DLV_NO_ENTRY : DW_DLV_OK;
	out->as_name = s->name;
	out->as_size = s->size;
	out->as_type = SHT_PROGBITS;
	return DW_DLV_OK;
}

static kgr_byte_order view_order(void *arg)
{
	return ((struct kgr_dwarf_access *)arg)->big_endian ? KGR_BIG_ENDIAN : KGR_LITTLE_ENDIAN;
}

static Dwarf_Small view_length_size(void *arg)
{
	(void)arg;
	return 4;
}

static Dwarf_Small view_pointer_size(void *arg)
{
	(void)arg;
	return 8;
}

static Dwarf_Unsigned view_count(void *arg)
{
	return ((struct kgr_dwarf_access *)arg)->sections->len + 1;
}

static int view_load(void *arg, kgr_section_index index, Dwarf_Small **data, int *err)
{
	const struct kgr_dwarf_section *s = section(arg, index);

	(void)err;
	if (!s)
		return DW_DLV_NO_ENTRY;
	*data = (Dwarf_Small *)s->bytes;
	return DW_DLV_OK;
}

#ifdef KGR_LIBDWARF_0
static Dwarf_Unsigned view_file_size(void *arg)
{
	return ((struct kgr_dwarf_access *)arg)->file_size;
}
#endif

static const Dwarf_Obj_Access_Methods_a view_methods = {
	.om_get_section_info = view_section_info,
	.om_get_byte_order = view_order,
	.om_get_length_size = view_length_size,
	.om_get_pointer_size = view_pointer_size,
	.om_get_section_count = view_count,
	.om_load_section = view_load,
#ifdef KGR_LIBDWARF_0
	.om_get_filesize = view_file_size,
#endif
};

void kgr_dwarf_access_init(struct kgr_dwarf_access *a, bool big_endian, uint64_t file_size)
{
	*a = (struct kgr_dwarf_access){
		.sections = g_array_new(FALSE, FALSE, sizeof(struct kgr_dwarf_section)),
		.big_endian = big_endian,
		.file_size = file_size,
	};
}

void kgr_dwarf_access_add(struct kgr_dwarf_access *a, const char *name, const void *bytes,
			  uint64_t size)
{
	struct kgr_dwarf_section s = { name, bytes, size };

	g_array_append_val(a->sections, s);
}

bool kgr_dwarf_access_open(struct kgr_dwarf_access *a)
{
	Dwarf_Error problem = NULL; /* libdwarf 0.5 wants a place for it here */

	a->interface =
		(Dwarf_Obj_Access_Interface_a){ .ai_object = a, .ai_methods = &view_methods };
	if (dwarf_object_init_b(&a->interface, ignore_error, NULL, DW_GROUPNUMBER_ANY, &a->dbg,
				&problem) == DW_DLV_OK)
		return true;
	dwarf_dealloc_error(NULL, problem);
	return false;
}

void kgr_dwarf_access_close(struct kgr_dwarf_access *a)
{
	if (a->dbg)
		dwarf_object_finish(a->dbg);
	a->dbg = NULL;
	g_clear_pointer(&a->sections, g_array_unref);
}
