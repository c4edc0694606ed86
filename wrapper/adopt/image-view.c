// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Reads what was linked, place by place. A reference of vmlinux is read from the bytes, for not all have kept their
 * relocations; one of a module is its relocation:
 *
 *   vmlinux   e8 14 42 00 00 at ffffffff81000010   refers to ffffffff81004229, less the 4 that the
 *                                                  addend is: symbol + addend
 *   xfs.ko    R_X86_64_PLT32 kfree - 4             the name, and the addend
 *   xfs.ko    R_X86_64_PC32 .rodata + 20           the section's number and 20
 */
#include <string.h>

#include "adopt/image-view.h"
#include "elf/reloc.h"

#define SECTION_SHIFT 40 /* no section of a module is that large */

bool kgr_view_open(struct kgr_view *v, struct kgr_image *image, GError **error)
{
	v->image = image;
	v->module = image->module ? kgr_obj_open(image->path, error) : NULL;
	if (!image->module)
		return true;
	if (v->module)
		kgr_obj_forget_debug(v->module);
	return v->module;
}

void kgr_view_close(struct kgr_view *v)
{
	kgr_obj_close(v->module);
	v->module = NULL;
}

static uint64_t in_section(uint64_t index, uint64_t offset)
{
	return (index << SECTION_SHIFT) + offset;
}

uint64_t kgr_view_address(const struct kgr_view *v, const struct kgr_ksym *sym)
{
	return v->module && sym->shndx < SHN_LORESERVE ? in_section(sym->shndx, sym->address) :
							 sym->address;
}

static const struct kgr_sec *module_section(const struct kgr_view *v, uint64_t address)
{
	uint64_t index = address >> SECTION_SHIFT;

	return index && index < v->module->nsecs ? &v->module->secs[index] : NULL;
}

static uint64_t offset_of(uint64_t address)
{
	return address & ((1ULL << SECTION_SHIFT) - 1);
}

static const uint8_t *module_bytes(const struct kgr_view *v, uint64_t address, uint64_t *room,
				   bool *zero)
{
	const struct kgr_sec *sec = module_section(v, address);
	uint64_t offset = offset_of(address);

	if (!sec || offset > sec->sh.sh_size)
		return NULL;
	*room = sec->sh.sh_size - offset;
	*zero = sec->sh.sh_type == SHT_NOBITS;
	return sec->data ? sec->data + offset : NULL;
}

static const uint8_t *vmlinux_bytes(const struct kgr_view *v, uint64_t address, uint64_t *room,
				    bool *zero)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr sh;

	while ((scn = elf_nextscn(v->image->elf, scn))) {
		Elf_Data *data;

		if (!gelf_getshdr(scn, &sh) || !(sh.sh_flags & SHF_ALLOC) || address < sh.sh_addr ||
		    address - sh.sh_addr >= sh.sh_size)
			continue;
		*room = sh.sh_size - (address - sh.sh_addr);
		*zero = sh.sh_type == SHT_NOBITS;
		data = *zero ? NULL : elf_rawdata(scn, NULL);
		return data && data->d_buf && data->d_size == sh.sh_size ?
			       (const uint8_t *)data->d_buf + (address - sh.sh_addr) :
			       NULL;
	}
	return NULL;
}

static const uint8_t *bytes_at(const struct kgr_view *v, uint64_t address, uint64_t *room,
			       bool *zero)
{
	*zero = false;
	*room = 0;
	return v->module ? module_bytes(v, address, room, zero) :
			   vmlinux_bytes(v, address, room, zero);
}

const uint8_t *kgr_view_bytes(const struct kgr_view *v, uint64_t address, uint64_t size, bool *zero)
{
	uint64_t room;
	const uint8_t *bytes = bytes_at(v, address, &room, zero);

	*zero = *zero && size <= room;
	return bytes && size <= room ? bytes : NULL;
}

const char *kgr_view_string(const struct kgr_view *v, uint64_t address)
{
	uint64_t room;
	bool zero;
	const uint8_t *bytes = bytes_at(v, address, &room, &zero);

	return bytes && memchr(bytes, 0, room) ? (const char *)bytes : NULL;
}

static bool module_ref(const struct kgr_view *v, const struct kgr_rel *rel, uint64_t address,
		       struct kgr_view_ref *out)
{
	const struct kgr_sec *sec = module_section(v, address);
	const struct kgr_rel *there;
	size_t count;

	if (!sec)
		return false;
	there = kgr_sec_rels(sec, offset_of(address), offset_of(address) + 1, &count);
	if (count != 1 || there->type != rel->type)
		return false;
	out->name = there->sym->undefined ? there->sym->name : NULL;
	out->place = (uint64_t)there->addend;
	if (there->sym->sec)
		out->place += in_section(there->sym->sec->index, there->sym->value);
	return out->name || there->sym->sec;
}

static bool vmlinux_ref(const struct kgr_view *v, const struct kgr_rel *rel, uint64_t address,
			struct kgr_view_ref *out)
{
	unsigned int width = kgr_rel_width(rel);
	bool zero;
	const uint8_t *bytes = kgr_view_bytes(v, address, width, &zero);
	uint64_t field;

	if (!bytes || !width || width > sizeof(field))
		return false;
	field = kgr_arch_read(v->image->arch, bytes, width);
	/* The kernel lies at the top, and distances go both ways. */
	if (width == sizeof(int32_t))
		field = (uint64_t)(int64_t)(int32_t)field;
	out->name = NULL;
	out->place = rel->howto->pcrel ? field + address : field;
	return true;
}

bool kgr_view_ref(const struct kgr_view *v, const struct kgr_rel *rel, uint64_t address,
		  struct kgr_view_ref *out)
{
	return v->module ? module_ref(v, rel, address, out) : vmlinux_ref(v, rel, address, out);
}

size_t kgr_view_count_refs(const struct kgr_view *v, uint64_t address, uint64_t size)
{
	const struct kgr_sec *sec = v->module ? module_section(v, address) : NULL;
	size_t count = 0;

	if (sec)
		kgr_sec_rels(sec, offset_of(address), offset_of(address) + size, &count);
	return count;
}

/* "__start_X" and "__stop_X" are around what the linker has collected in a larger section. */
static bool between_symbols(const struct kgr_view *v, const char *name, uint64_t *address,
			    uint64_t *size)
{
	g_autofree char *start = g_strconcat("__start_", name, NULL);
	g_autofree char *stop = g_strconcat("__stop_", name, NULL);
	const struct kgr_ksym *a = kgr_image_global(v->image, start);
	const struct kgr_ksym *b = kgr_image_global(v->image, stop);

	if (!a || !b || b->address < a->address)
		return false;
	*address = a->address;
	*size = b->address - a->address;
	return true;
}

static bool section_of_vmlinux(const struct kgr_view *v, const char *name, uint64_t *address,
			       uint64_t *size)
{
	GElf_Shdr sh;

	if (!kgr_image_section(v->image, name, &sh))
		return false;
	*address = sh.sh_addr;
	*size = sh.sh_size;
	return true;
}

bool kgr_view_table(const struct kgr_view *v, const char *name, uint64_t *address, uint64_t *size)
{
	const struct kgr_sec *sec = v->module ? kgr_sec_named(v->module, name) : NULL;

	if (v->module) {
		*address = sec ? in_section(sec->index, 0) : 0;
		*size = sec ? sec->sh.sh_size : 0;
		return sec;
	}
	return section_of_vmlinux(v, name, address, size) ||
	       between_symbols(v, name, address, size) ||
	       between_symbols(v, name + strspn(name, "._"), address, size);
}
