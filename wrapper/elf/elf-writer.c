// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Collects sections, symbols and relocations, and writes them as a relocatable object with libelf.
 *
 * ELF wants a symbol table with local symbols first, so a symbol's number while the object is made
 * is not its number in the file: "global f" (0), "local v" (1) become 2 and 1, behind the null
 * symbol, and relocations are written with those.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "lib/error.h"
#include "lib/fd.h"
#include "elf/arch.h"
#include "elf/elf-writer.h"

static void free_sec(gpointer data)
{
	struct kgr_out_sec *sec = data;

	g_free(sec->name);
	g_byte_array_free(sec->data, TRUE);
	g_array_free(sec->rels, TRUE);
	g_free(sec);
}

static void free_sym(gpointer data)
{
	g_free(((struct kgr_out_sym *)data)->name);
	g_free(data);
}

struct kgr_out_obj *kgr_out_new(const struct kgr_arch *arch)
{
	struct kgr_out_obj *obj = g_new0(struct kgr_out_obj, 1);

	obj->arch = arch;
	obj->secs = g_ptr_array_new_with_free_func(free_sec);
	obj->syms = g_ptr_array_new_with_free_func(free_sym);
	obj->undefined = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	return obj;
}

void kgr_out_free(struct kgr_out_obj *obj)
{
	if (!obj)
		return;
	g_ptr_array_free(obj->secs, TRUE);
	g_ptr_array_free(obj->syms, TRUE);
	g_hash_table_destroy(obj->undefined);
	g_free(obj);
}

struct kgr_out_sec *kgr_out_section(struct kgr_out_obj *obj, const char *name, uint32_t type,
				    uint64_t flags, uint64_t align)
{
	struct kgr_out_sec *sec;
	guint i;

	for (i = 0; i < obj->secs->len; i++) {
		sec = g_ptr_array_index(obj->secs, i);
		if (!strcmp(sec->name, name)) {
			sec->align = MAX(sec->align, align);
			return sec;
		}
	}
	sec = g_new0(struct kgr_out_sec, 1);
	sec->name = g_strdup(name);
	sec->type = type;
	sec->flags = flags;
	sec->align = MAX(align, 1);
	sec->data = g_byte_array_new();
	sec->rels = g_array_new(FALSE, FALSE, sizeof(struct kgr_out_rel));
	g_ptr_array_add(obj->secs, sec);
	sec->symbol = kgr_out_symbol(obj, "", ELF64_ST_INFO(STB_LOCAL, STT_SECTION), sec, 0, 0);
	return sec;
}

guint kgr_out_symbol(struct kgr_out_obj *obj, const char *name, unsigned char info,
		     struct kgr_out_sec *sec, uint64_t value, uint64_t size)
{
	struct kgr_out_sym *sym = g_new0(struct kgr_out_sym, 1);

	sym->name = g_strdup(name);
	sym->info = info;
	sym->sec = sec;
	sym->value = value;
	sym->size = size;
	g_ptr_array_add(obj->syms, sym);
	return obj->syms->len - 1;
}

guint kgr_out_undefined(struct kgr_out_obj *obj, const char *name)
{
	guint have = GPOINTER_TO_UINT(g_hash_table_lookup(obj->undefined, name));

	if (have)
		return have - 1;
	have = kgr_out_symbol(obj, name, ELF64_ST_INFO(STB_GLOBAL, STT_NOTYPE), NULL, 0, 0);
	g_hash_table_insert(obj->undefined, g_strdup(name), GUINT_TO_POINTER(have + 1));
	return have;
}

uint64_t kgr_out_append(struct kgr_out_sec *sec, const void *data, uint64_t size, uint64_t align)
{
	guint old = sec->data->len, start;

	align = MAX(align, 1);
	start = (guint)((old + align - 1) / align * align);
	sec->align = MAX(sec->align, align);
	g_byte_array_set_size(sec->data, start + (guint)size);
	memset(sec->data->data + old, 0, sec->data->len - old);
	if (data && size)
		memcpy(sec->data->data + start, data, size);
	return start;
}

void kgr_out_reloc(struct kgr_out_sec *sec, uint64_t offset, uint32_t type, guint symbol,
		   int64_t addend)
{
	struct kgr_out_rel rel = { offset, type, symbol, addend };

	g_array_append_val(sec->rels, rel);
}

/* Everything below turns the model into what libelf wants. */

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Elf, elf_end)

struct writer {
	struct kgr_out_obj *obj;
	Elf *elf;
	GString *shstr, *str;
	GPtrArray *buffers; /* what libelf reads when the file is written */
	guint *number; /* of a symbol in the file */
	guint first_global;
};

static uint32_t add_name(GString *table, const char *name)
{
	uint32_t at = (uint32_t)table->len;

	if (!*name)
		return 0;
	g_string_append_len(table, name, (gssize)strlen(name) + 1);
	return at;
}

/* @header: all of it but its name and what libelf finds out: offset and size */
static Elf_Scn *add_section(struct writer *w, const char *name, const Elf64_Shdr *header, void *buf,
			    size_t size, Elf_Type type)
{
	Elf_Scn *scn = elf_newscn(w->elf);
	Elf_Data *data = scn ? elf_newdata(scn) : NULL;
	Elf64_Shdr *sh = scn ? elf64_getshdr(scn) : NULL;

	if (!data || !sh)
		return NULL;
	data->d_align = header->sh_addralign;
	data->d_buf = buf;
	data->d_size = size;
	data->d_type = type;
	data->d_version = EV_CURRENT;
	*sh = *header;
	sh->sh_name = add_name(w->shstr, name);
	return scn;
}

/* ELF wants local symbols first; symbol 0 is the null symbol (gABI, Symbol Table). */
static Elf64_Sym *make_symbols(struct writer *w)
{
	Elf64_Sym *out = g_new0(Elf64_Sym, w->obj->syms->len + 1);
	guint i, pass, next = 1, s;

	g_ptr_array_add(w->buffers, out);
	w->number = g_new0(guint, w->obj->syms->len + 1);
	g_ptr_array_add(w->buffers, w->number);
	for (pass = 0; pass < 2; pass++) {
		if (pass)
			w->first_global = next;
		for (i = 0; i < w->obj->syms->len; i++) {
			struct kgr_out_sym *sym = g_ptr_array_index(w->obj->syms, i);

			if ((ELF64_ST_BIND(sym->info) == STB_LOCAL) != (pass == 0))
				continue;
			out[next].st_name = add_name(w->str, sym->name);
			out[next].st_value = sym->value;
			out[next].st_size = sym->size;
			out[next].st_info = sym->info;
			for (s = 0; sym->sec && s < w->obj->secs->len; s++) {
				if (g_ptr_array_index(w->obj->secs, s) == sym->sec)
					out[next].st_shndx = (Elf64_Half)(s + 1);
			}
			w->number[i] = next++;
		}
	}
	return out;
}

/* The sections in their order, so that the n-th has the index n + 1. */
static bool write_contents(struct writer *w)
{
	guint i;

	for (i = 0; i < w->obj->secs->len; i++) {
		struct kgr_out_sec *sec = g_ptr_array_index(w->obj->secs, i);
		Elf64_Shdr header = { .sh_type = sec->type,
				      .sh_flags = sec->flags,
				      .sh_addralign = sec->align,
				      .sh_entsize = sec->entsize };

		if (!add_section(w, sec->name, &header,
				 sec->type == SHT_NOBITS ? NULL : sec->data->data, sec->data->len,
				 ELF_T_BYTE))
			return false;
	}
	return true;
}

static bool write_symbols(struct writer *w)
{
	static const Elf64_Shdr strings = { .sh_type = SHT_STRTAB, .sh_addralign = 1 };
	Elf64_Sym *syms = make_symbols(w);
	Elf64_Shdr header = { .sh_type = SHT_SYMTAB,
			      .sh_addralign = 8,
			      .sh_entsize = sizeof(Elf64_Sym),
			      .sh_info = w->first_global };
	Elf_Scn *scn = add_section(w, ".symtab", &header, syms,
				   (w->obj->syms->len + 1) * sizeof(Elf64_Sym), ELF_T_SYM);

	if (!scn)
		return false;
	elf64_getshdr(scn)->sh_link = (Elf64_Word)elf_ndxscn(scn) + 1;
	return add_section(w, ".strtab", &strings, w->str->str, w->str->len, ELF_T_BYTE);
}

/* @index, @symtab: of the section that they are for, and of the symbol table */
static bool write_relocations(struct writer *w, const struct kgr_out_sec *sec, guint index,
			      guint symtab)
{
	g_autofree char *name = g_strconcat(".rela", sec->name, NULL);
	Elf64_Rela *rels = g_new0(Elf64_Rela, sec->rels->len);
	Elf64_Shdr header = { .sh_type = SHT_RELA,
			      .sh_flags = SHF_INFO_LINK,
			      .sh_link = symtab,
			      .sh_info = index,
			      .sh_addralign = 8,
			      .sh_entsize = sizeof(Elf64_Rela) };
	guint r;

	g_ptr_array_add(w->buffers, rels);
	for (r = 0; r < sec->rels->len; r++) {
		const struct kgr_out_rel *rel = &g_array_index(sec->rels, struct kgr_out_rel, r);

		rels[r].r_offset = rel->offset;
		rels[r].r_info = ELF64_R_INFO((uint64_t)w->number[rel->symbol], rel->type);
		rels[r].r_addend = rel->addend;
	}
	return add_section(w, name, &header, rels, sec->rels->len * sizeof(Elf64_Rela), ELF_T_RELA);
}

/* The names of the sections come last, when all are known. */
static bool write_names(struct writer *w)
{
	static const Elf64_Shdr header = { .sh_type = SHT_STRTAB, .sh_addralign = 1 };
	/* Its own name has to be in it before its data is handed over. */
	uint32_t name = add_name(w->shstr, ".shstrtab");
	Elf_Scn *scn = add_section(w, "", &header, w->shstr->str, w->shstr->len, ELF_T_BYTE);

	if (!scn)
		return false;
	elf64_getshdr(scn)->sh_name = name;
	elf64_getehdr(w->elf)->e_shstrndx = (Elf64_Half)elf_ndxscn(scn);
	return true;
}

static bool write_sections(struct writer *w)
{
	guint i, symtab = w->obj->secs->len + 1;

	if (!write_contents(w) || !write_symbols(w))
		return false;
	for (i = 0; i < w->obj->secs->len; i++) {
		const struct kgr_out_sec *sec = g_ptr_array_index(w->obj->secs, i);

		if (sec->rels->len && !write_relocations(w, sec, i + 1, symtab))
			return false;
	}
	return write_names(w);
}

static bool write_header(const struct writer *w)
{
	Elf64_Ehdr *eh = elf64_newehdr(w->elf);

	if (!eh)
		return false;
	eh->e_ident[EI_DATA] = w->obj->arch->big_endian ? ELFDATA2MSB : ELFDATA2LSB;
	eh->e_machine = w->obj->arch->machine;
	eh->e_type = ET_REL;
	eh->e_version = EV_CURRENT;
	return true;
}

static bool write_elf(struct kgr_out_obj *obj, int fd)
{
	g_autoptr(GPtrArray) buffers = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GString) shstr = g_string_new_len("", 1), str = g_string_new_len("", 1);
	g_autoptr(Elf) elf = elf_begin(fd, ELF_C_WRITE, NULL);
	struct writer w = { obj, elf, shstr, str, .buffers = buffers };

	return elf && write_header(&w) && write_sections(&w) && elf_update(elf, ELF_C_WRITE) >= 0;
}

bool kgr_out_write(struct kgr_out_obj *obj, const char *path, GError **error)
{
	g_auto(kgr_fd) fd = -1;

	/* Each section may have another one of relocations; the null section and three tables are the writer's. */
	if (2 * obj->secs->len + 4 > SHN_LORESERVE)
		return kgr_fail(error, KGR_REFUSED,
				"%s: a patch of %u sections is more than one module can hold; make "
				"several patches of it",
				path, obj->secs->len);
	fd = open(path, O_CREAT | O_TRUNC | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0)
		return kgr_fail(error, KGR_TROUBLE, "%s: %s", path, g_strerror(errno));
	elf_version(EV_CURRENT);
	return write_elf(obj, fd) ||
	       kgr_fail(error, KGR_TROUBLE, "%s: cannot be written: %s", path, elf_errmsg(-1));
}
