// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Reads a relocatable object into arrays. Every index and offset of the file is checked here (a symbol lies within its
 * section, a relocation within the section it is for), and what is out of bounds is refused, so that no other file has
 * to check.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "lib/error.h"
#include "lib/fd.h"
#include "elf/arch.h"
#include "elf/branch-relocs.h"
#include "elf/reloc.h"
#include "elf/special-sections.h"
#include "elf/symbol-name.h"

#define MAX_ADDEND (1LL << 40)

static bool bad(const struct kgr_obj *obj, GError **error, const char *what)
{
	return kgr_fail(error, KGR_TROUBLE, "%s: %s", obj->path, what);
}

static bool damaged(const struct kgr_obj *obj, GError **error, const char *what)
{
	return kgr_fail(error, KGR_TROUBLE, "%s: %s: the object is damaged; compile it again",
			obj->path, what);
}

static bool check_header(struct kgr_obj *obj, GError **error)
{
	g_autofree char *known = NULL;
	GElf_Ehdr eh;

	if (elf_kind(obj->elf) != ELF_K_ELF || !gelf_getehdr(obj->elf, &eh))
		return bad(obj, error, "not an ELF file; give an object that gcc -c made");
	if (eh.e_ident[EI_CLASS] == ELFCLASS64)
		obj->arch = kgr_arch_find(eh.e_machine, eh.e_ident[EI_DATA] == ELFDATA2MSB);
	if (!obj->arch) {
		known = kgr_arch_supported();
		return kgr_fail(
			error, KGR_TROUBLE,
			"%s: a %s-bit, %s-endian object for machine %u; supported are 64-bit, "
			"little-endian ones for %s",
			obj->path, eh.e_ident[EI_CLASS] == ELFCLASS64 ? "64" : "32",
			eh.e_ident[EI_DATA] == ELFDATA2MSB ? "big" : "little", eh.e_machine, known);
	}
	if (eh.e_type != ET_REL)
		return bad(obj, error, "not a relocatable object (compile with -c)");
	return true;
}

/* ".debug_info" of ".zdebug_info" */
static const char *unpacked_name(struct kgr_obj *obj, const char *name)
{
	char *plain = g_strconcat(".", name + strlen(".z"), NULL);

	g_ptr_array_add(obj->names, plain);
	return plain;
}

static bool read_sections(struct kgr_obj *obj, GError **error)
{
	size_t shstr, i;

	if (elf_getshdrnum(obj->elf, &obj->nsecs) || elf_getshdrstrndx(obj->elf, &shstr))
		return damaged(obj, error, elf_errmsg(-1));
	obj->secs = g_new0(struct kgr_sec, obj->nsecs);
	for (i = 0; i < obj->nsecs; i++) {
		struct kgr_sec *sec = &obj->secs[i];
		Elf_Scn *scn = elf_getscn(obj->elf, i);
		Elf_Data *data;

		if (!scn || !gelf_getshdr(scn, &sec->sh))
			return damaged(obj, error, elf_errmsg(-1));
		sec->index = i;
		sec->syms = g_ptr_array_new();
		sec->name = elf_strptr(obj->elf, shstr, sec->sh.sh_name);
		if (!sec->name)
			return damaged(obj, error, "a section's name is out of bounds");
		/* Before there was a flag, the name said so: ".zdebug_info". */
		if (g_str_has_prefix(sec->name, ".zdebug_")) {
			if (elf_compress_gnu(scn, 0, 0) < 0)
				return damaged(obj, error,
					       "a compressed section cannot be unpacked");
			sec->name = unpacked_name(obj, sec->name);
			gelf_getshdr(scn, &sec->sh);
		}
		if (sec->sh.sh_flags & SHF_COMPRESSED && elf_compress(scn, 0, 0) < 0)
			return damaged(obj, error, "a compressed section cannot be unpacked");
		if (sec->sh.sh_flags & SHF_COMPRESSED && !gelf_getshdr(scn, &sec->sh))
			return damaged(obj, error, elf_errmsg(-1));
		sec->special = kgr_special_find(obj->arch, sec->name);
		if (sec->sh.sh_type == SHT_NULL || sec->sh.sh_type == SHT_NOBITS)
			continue;
		data = elf_getdata(scn, NULL);
		if (!data || data->d_size != sec->sh.sh_size || (!data->d_buf && data->d_size))
			return damaged(obj, error, "a section's data is out of bounds");
		sec->data = data->d_buf ? data->d_buf : (const uint8_t *)"";
	}
	return true;
}

static gint by_value(gconstpointer a, gconstpointer b)
{
	const struct kgr_sym *x = *(struct kgr_sym *const *)a, *y = *(struct kgr_sym *const *)b;

	if (x->value != y->value)
		return x->value < y->value ? -1 : 1;
	return (int)x->index - (int)y->index;
}

/* The sections of symbols whose number does not fit into st_shndx (gABI, SHT_SYMTAB_SHNDX), or NULL. */
static Elf_Data *section_indices(const struct kgr_obj *obj, const struct kgr_sec *symtab)
{
	int index = elf_scnshndx(elf_getscn(obj->elf, symtab->index));

	return index > 0 ? elf_getdata(elf_getscn(obj->elf, (size_t)index), NULL) : NULL;
}

static bool read_symbols(struct kgr_obj *obj, GError **error)
{
	struct kgr_sec *tab = NULL;
	Elf_Data *data, *indices;
	size_t i;

	for (i = 0; i < obj->nsecs; i++) {
		if (obj->secs[i].sh.sh_type == SHT_SYMTAB)
			tab = &obj->secs[i];
	}
	if (!tab)
		return bad(
			obj, error,
			"it has no symbol table; give the object as it was compiled, not stripped");
	data = elf_getdata(elf_getscn(obj->elf, tab->index), NULL);
	indices = section_indices(obj, tab);
	obj->nsyms = tab->sh.sh_size / sizeof(Elf64_Sym);
	obj->syms = g_new0(struct kgr_sym, obj->nsyms);
	for (i = 0; i < obj->nsyms; i++) {
		struct kgr_sym *sym = &obj->syms[i];
		Elf32_Word section = 0;
		GElf_Sym raw;

		if (!gelf_getsymshndx(data, indices, (int)i, &raw, &section))
			return damaged(obj, error, elf_errmsg(-1));
		if (raw.st_shndx == SHN_XINDEX && !indices)
			return damaged(obj, error, "a symbol's section is not in SHT_SYMTAB_SHNDX");
		sym->index = i;
		sym->name = elf_strptr(obj->elf, tab->sh.sh_link, raw.st_name);
		if (!sym->name)
			return damaged(obj, error, "a symbol's name is out of bounds");
		sym->value = raw.st_value;
		sym->size = raw.st_size;
		sym->type = GELF_ST_TYPE(raw.st_info);
		sym->bind = GELF_ST_BIND(raw.st_info);
		sym->undefined = raw.st_shndx == SHN_UNDEF;
		if (!strcmp(sym->name, "__gnu_lto_slim"))
			return bad(obj, error,
				   "it holds no machine code, it was compiled with -flto; compile "
				   "it without");
		if (raw.st_shndx < SHN_LORESERVE)
			section = raw.st_shndx;
		else if (raw.st_shndx != SHN_XINDEX)
			continue;
		if (section >= obj->nsecs)
			return damaged(obj, error, "a symbol's section is out of bounds");
		if (section == SHN_UNDEF)
			continue;
		sym->sec = &obj->secs[section];
		if (sym->value > sym->sec->sh.sh_size ||
		    sym->size > sym->sec->sh.sh_size - sym->value)
			return damaged(obj, error, "a symbol does not fit into its section");
		if (sym->type == STT_SECTION)
			sym->name = sym->sec->name;
		if (sym->type == STT_FUNC || sym->type == STT_OBJECT)
			g_ptr_array_add(sym->sec->syms, sym);
	}
	for (i = 0; i < obj->nsecs; i++)
		g_ptr_array_sort(obj->secs[i].syms, by_value);
	return true;
}

static int by_offset(const void *a, const void *b)
{
	const struct kgr_rel *x = a, *y = b;

	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static bool read_relocations(struct kgr_obj *obj, GError **error)
{
	size_t i, n;

	for (i = 0; i < obj->nsecs; i++) {
		struct kgr_sec *from = &obj->secs[i], *to;
		Elf_Data *data;

		if (from->sh.sh_type == SHT_REL)
			return damaged(
				obj, error,
				"it has SHT_REL relocations, compilers make SHT_RELA for this machine");
		if (from->sh.sh_type != SHT_RELA)
			continue;
		if (from->sh.sh_info >= obj->nsecs)
			return damaged(obj, error, "a relocation section is out of bounds");
		to = &obj->secs[from->sh.sh_info];
		if (to->rels)
			return damaged(obj, error, "two relocation sections for one section");
		data = elf_getdata(elf_getscn(obj->elf, i), NULL);
		to->nrels = from->sh.sh_size / sizeof(Elf64_Rela);
		to->rels = g_new0(struct kgr_rel, to->nrels + 1);
		for (n = 0; n < to->nrels; n++) {
			GElf_Rela raw;

			if (!gelf_getrela(data, (int)n, &raw))
				return damaged(obj, error, elf_errmsg(-1));
			if (GELF_R_SYM(raw.r_info) >= obj->nsyms || raw.r_offset >= to->sh.sh_size)
				return damaged(obj, error, "a relocation is out of bounds");
			/* No more than what any object needs: so sums with it do not overflow. */
			if (raw.r_addend > MAX_ADDEND || raw.r_addend < -MAX_ADDEND)
				return damaged(obj, error,
					       "a relocation's addend is out of bounds");
			to->rels[n].offset = raw.r_offset;
			kgr_rel_set_type(&to->rels[n], obj->arch, GELF_R_TYPE(raw.r_info));
			to->rels[n].addend = raw.r_addend;
			to->rels[n].sym = &obj->syms[GELF_R_SYM(raw.r_info)];
		}
		qsort(to->rels, to->nrels, sizeof(*to->rels), by_offset);
	}
	return true;
}

/* "foo.cold" is text of "foo", only elsewhere. */
static void find_parents(struct kgr_obj *obj)
{
	g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
	size_t i;

	for (i = 0; i < obj->nsyms; i++) {
		if (kgr_sym_is_func(&obj->syms[i]))
			g_hash_table_insert(names, (void *)obj->syms[i].name, &obj->syms[i]);
	}
	for (i = 0; i < obj->nsyms; i++) {
		struct kgr_sym *sym = &obj->syms[i];
		g_autofree char *whole = kgr_sym_is_func(sym) ? kgr_name_of_whole(sym->name) : NULL;

		if (whole)
			sym->parent = g_hash_table_lookup(names, whole);
	}
}

/* All of it, so that the file can be closed. */
static bool read_file(struct kgr_obj *obj, GError **error)
{
	g_auto(kgr_fd) fd = open(obj->path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return bad(obj, error, g_strerror(errno));
	elf_version(EV_CURRENT);
	obj->elf = elf_begin(fd, ELF_C_READ_MMAP_PRIVATE, NULL);
	return (obj->elf && !elf_cntl(obj->elf, ELF_C_FDREAD)) || bad(obj, error, elf_errmsg(-1));
}

struct kgr_obj *kgr_obj_open(const char *path, GError **error)
{
	g_autoptr(kgr_obj) obj = g_new0(struct kgr_obj, 1);

	obj->names = g_ptr_array_new_with_free_func(g_free);
	obj->added = g_ptr_array_new_with_free_func(g_free);
	obj->path = g_strdup(path);
	if (!read_file(obj, error) || !check_header(obj, error) || !read_sections(obj, error) ||
	    !read_symbols(obj, error) || !read_relocations(obj, error))
		return NULL;
	if (obj->arch->add_boot_references && !obj->arch->add_boot_references(obj, error))
		return NULL;
	kgr_find_branch_relocs(obj);
	find_parents(obj);
	return g_steal_pointer(&obj);
}

void kgr_obj_close(struct kgr_obj *obj)
{
	size_t i;

	if (!obj)
		return;
	for (i = 0; obj->secs && i < obj->nsecs; i++) {
		g_free(obj->secs[i].rels);
		if (obj->secs[i].syms)
			g_ptr_array_free(obj->secs[i].syms, TRUE);
	}
	for (i = 0; obj->syms && i < obj->nsyms; i++) {
		g_free(obj->syms[i].cause);
		g_free(obj->syms[i].unsettled);
	}
	g_free(obj->secs);
	g_free(obj->syms);
	g_ptr_array_unref(obj->names);
	g_ptr_array_unref(obj->added);
	elf_end(obj->elf);
	g_free(obj->path);
	g_free(obj);
}

void kgr_obj_forget_debug(struct kgr_obj *obj)
{
	size_t i;

	for (i = 0; i < obj->nsecs; i++) {
		if (obj->secs[i].sh.sh_flags & SHF_ALLOC)
			continue;
		g_clear_pointer(&obj->secs[i].rels, g_free);
		obj->secs[i].nrels = 0;
	}
}

struct kgr_sec *kgr_sec_named(const struct kgr_obj *obj, const char *name)
{
	size_t i;

	for (i = 1; i < obj->nsecs; i++) {
		if (!strcmp(obj->secs[i].name, name))
			return &obj->secs[i];
	}
	return NULL;
}

struct kgr_sec *kgr_sec_at(const struct kgr_obj *obj, uint64_t address)
{
	size_t i;

	for (i = 1; i < obj->nsecs; i++) {
		struct kgr_sec *sec = &obj->secs[i];

		if (sec->address && address >= sec->address &&
		    address - sec->address <= sec->sh.sh_size)
			return sec;
	}
	return NULL;
}

struct kgr_sym *kgr_obj_defined(const struct kgr_obj *obj, const char *name)
{
	size_t i;

	for (i = 1; i < obj->nsyms; i++) {
		if (obj->syms[i].sec && !strcmp(obj->syms[i].name, name))
			return &obj->syms[i];
	}
	return NULL;
}

struct kgr_sym *kgr_obj_undefined(const struct kgr_obj *obj, const char *name)
{
	size_t i;

	for (i = 1; i < obj->nsyms; i++) {
		if (obj->syms[i].undefined && !strcmp(obj->syms[i].name, name))
			return &obj->syms[i];
	}
	return NULL;
}

struct kgr_sym *kgr_obj_needed(const struct kgr_obj *obj, const char *name)
{
	struct kgr_sym *weak = kgr_obj_defined(obj, name);

	return weak && weak->bind == STB_WEAK ? weak : kgr_obj_undefined(obj, name);
}

struct kgr_sym *kgr_sec_sym_at(const struct kgr_sec *sec, uint64_t offset)
{
	struct kgr_sym *sym, *end = NULL;
	guint i;

	for (i = 0; i < sec->syms->len; i++) {
		sym = g_ptr_array_index(sec->syms, i);
		if (offset >= sym->value && offset < sym->value + MAX(sym->size, 1))
			return sym;
		/* One past the end is still a pointer to the object, if nothing else is there. */
		if (offset == sym->value + sym->size)
			end = sym;
	}
	return end;
}

uint64_t kgr_sec_literal(const struct kgr_sec *sec, uint64_t pos)
{
	if (pos && pos == sec->sh.sh_size)
		pos--;
	while (pos && sec->data[pos - 1])
		pos--;
	return pos;
}

const struct kgr_sym *kgr_sym_first_name(const struct kgr_sym *sym)
{
	guint i;

	for (i = 0; kgr_sym_is_func(sym) && sym->sec && i < sym->sec->syms->len; i++) {
		const struct kgr_sym *other = g_ptr_array_index(sym->sec->syms, i);

		if (other->value == sym->value && other->size == sym->size &&
		    kgr_sym_is_func(other))
			return other;
	}
	return sym;
}

struct kgr_rel *kgr_sec_rels(const struct kgr_sec *sec, uint64_t start, uint64_t end, size_t *count)
{
	size_t lo = 0, hi = sec->nrels, first;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (sec->rels[mid].offset < start)
			lo = mid + 1;
		else
			hi = mid;
	}
	first = lo;
	while (lo < sec->nrels && sec->rels[lo].offset < end)
		lo++;
	*count = lo - first;
	return *count ? sec->rels + first : NULL;
}

bool kgr_begins_with(const char *name, const char *const *prefixes)
{
	for (; *prefixes; prefixes++) {
		if (g_str_has_prefix(name, *prefixes))
			return true;
	}
	return false;
}

bool kgr_sec_is_init(const struct kgr_sec *sec)
{
	static const char *const prefixes[] = { ".init",    ".exit",	".meminit",
						".cpuinit", ".devinit", NULL };

	return kgr_begins_with(sec->name, prefixes);
}

bool kgr_sec_has_run(const struct kgr_sec *sec)
{
	return kgr_sec_is_init(sec) && !g_str_has_prefix(sec->name, ".exit");
}

enum kgr_storage kgr_sec_storage(const struct kgr_sec *sec)
{
	if (g_str_has_prefix(sec->name, ".data..percpu"))
		return KGR_STORAGE_PERCPU;
	if (g_str_has_prefix(sec->name, ".data..ro_after_init"))
		return KGR_STORAGE_SEALED;
	if (g_str_has_prefix(sec->name, ".data..decrypted") ||
	    g_str_has_prefix(sec->name, ".bss..decrypted"))
		return KGR_STORAGE_SHARED;
	return KGR_STORAGE_PLAIN;
}

bool kgr_sec_stands_for(const struct kgr_sec *was, const struct kgr_sec *is)
{
	enum kgr_storage old = kgr_sec_storage(was), new = kgr_sec_storage(is);

	/* Who does not write it does not mind that it can be written. */
	return old == new || (old == KGR_STORAGE_PLAIN && new == KGR_STORAGE_SEALED);
}

void kgr_sec_add_rels(struct kgr_sec *sec, const struct kgr_rel *rels, size_t count)
{
	sec->rels = g_renew(struct kgr_rel, sec->rels, sec->nrels + count);
	memcpy(sec->rels + sec->nrels, rels, count * sizeof(*rels));
	sec->nrels += count;
	qsort(sec->rels, sec->nrels, sizeof(*sec->rels), by_offset);
}
