// SPDX-License-Identifier: GPL-3.0-or-later
/* Collects sections, symbols and relocations, and writes them as a relocatable object with libelf. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/error.h"
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
	struct kgr_out_obj *g = g_new0(struct kgr_out_obj, 1);

	g->arch = arch;
	g->secs = g_ptr_array_new_with_free_func(free_sec);
	g->syms = g_ptr_array_new_with_free_func(free_sym);
	g->undefined = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	return g;
}

void kgr_out_free(struct kgr_out_obj *g)
{
	if (!g)
		return;
	g_ptr_array_free(g->secs, TRUE);
	g_ptr_array_free(g->syms, TRUE);
	g_hash_table_destroy(g->undefined);
	g_free(g);
}

struct kgr_out_sec *kgr_out_section(struct kgr_out_obj *g, const char *name, uint32_t type,
				    uint64_t flags, uint64_t align)
{
	struct kgr_out_sec *sec;
	guint i;

	for (i = 0; i < g->secs->len; i++) {
		sec = g_ptr_array_index(g->secs, i);
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
	g_ptr_array_add(g->secs, sec);
	sec->symbol = kgr_out_symbol(g, "", sec, 0, 0, STT_SECTION, STB_LOCAL);
	return sec;
}

guint kgr_out_symbol(struct kgr_out_obj *g, const char *name, struct kgr_out_sec *sec,
		     uint64_t value, uint64_t size, unsigned char type, unsigned char bind)
{
	struct kgr_out_sym *sym = g_new0(struct kgr_out_sym, 1);

	sym->name = g_strdup(name);
	sym->sec = sec;
	sym->value = value;
	sym->size = size;
	sym->type = type;
	sym->bind = bind;
	g_ptr_array_add(g->syms, sym);
	return g->syms->len - 1;
}

guint kgr_out_undefined(struct kgr_out_obj *g, const char *name)
{
	guint have = GPOINTER_TO_UINT(g_hash_table_lookup(g->undefined, name));

	if (have)
		return have - 1;
	have = kgr_out_symbol(g, name, NULL, 0, 0, STT_NOTYPE, STB_GLOBAL);
	g_hash_table_insert(g->undefined, g_strdup(name), GUINT_TO_POINTER(have + 1));
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

struct writer {
	struct kgr_out_obj *g;
	Elf *elf;
	GString *shstr, *str;
	GPtrArray *keep; /* buffers that must live until the file is written */
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

static Elf_Scn *add_section(struct writer *w, const char *name, uint32_t type, uint64_t flags,
			    uint64_t align, uint64_t entsize, void *buf, size_t size,
			    Elf_Type data_type)
{
	Elf_Scn *scn = elf_newscn(w->elf);
	Elf_Data *data = scn ? elf_newdata(scn) : NULL;
	Elf64_Shdr *sh = scn ? elf64_getshdr(scn) : NULL;

	if (!data || !sh)
		return NULL;
	data->d_align = align;
	data->d_buf = buf;
	data->d_size = size;
	data->d_type = data_type;
	data->d_version = EV_CURRENT;
	sh->sh_name = add_name(w->shstr, name);
	sh->sh_type = type;
	sh->sh_flags = flags;
	sh->sh_addralign = align;
	sh->sh_entsize = entsize;
	return scn;
}

/* ELF wants local symbols first; symbol 0 is the null symbol (gABI, Symbol Table). */
static Elf64_Sym *make_symbols(struct writer *w)
{
	Elf64_Sym *out = g_new0(Elf64_Sym, w->g->syms->len + 1);
	guint i, pass, next = 1, s;

	w->number = g_new0(guint, w->g->syms->len + 1);
	for (pass = 0; pass < 2; pass++) {
		if (pass)
			w->first_global = next;
		for (i = 0; i < w->g->syms->len; i++) {
			struct kgr_out_sym *sym = g_ptr_array_index(w->g->syms, i);

			if ((sym->bind == STB_LOCAL) != (pass == 0))
				continue;
			out[next].st_name = add_name(w->str, sym->name);
			out[next].st_value = sym->value;
			out[next].st_size = sym->size;
			out[next].st_info = ELF64_ST_INFO(sym->bind, sym->type);
			for (s = 0; sym->sec && s < w->g->secs->len; s++) {
				if (g_ptr_array_index(w->g->secs, s) == sym->sec)
					out[next].st_shndx = (Elf64_Half)(s + 1);
			}
			w->number[i] = next++;
		}
	}
	return out;
}

static bool write_sections(struct writer *w)
{
	guint nsecs = w->g->secs->len, i, r, symtab;
	Elf64_Sym *syms = make_symbols(w);
	Elf_Scn *scn;

	g_ptr_array_add(w->keep, syms);
	for (i = 0; i < nsecs; i++) {
		struct kgr_out_sec *sec = g_ptr_array_index(w->g->secs, i);

		if (!add_section(w, sec->name, sec->type, sec->flags, sec->align, sec->entsize,
				 sec->type == SHT_NOBITS ? NULL : sec->data->data, sec->data->len,
				 ELF_T_BYTE))
			return false;
	}
	symtab = nsecs + 1;
	scn = add_section(w, ".symtab", SHT_SYMTAB, 0, 8, sizeof(Elf64_Sym), syms,
			  (w->g->syms->len + 1) * sizeof(Elf64_Sym), ELF_T_SYM);
	if (!scn)
		return false;
	elf64_getshdr(scn)->sh_link = symtab + 1;
	elf64_getshdr(scn)->sh_info = w->first_global;
	if (!add_section(w, ".strtab", SHT_STRTAB, 0, 1, 0, w->str->str, w->str->len, ELF_T_BYTE))
		return false;
	for (i = 0; i < nsecs; i++) {
		struct kgr_out_sec *sec = g_ptr_array_index(w->g->secs, i);
		g_autofree char *name = g_strconcat(".rela", sec->name, NULL);
		Elf64_Rela *rels;

		if (!sec->rels->len)
			continue;
		rels = g_new0(Elf64_Rela, sec->rels->len);
		g_ptr_array_add(w->keep, rels);
		for (r = 0; r < sec->rels->len; r++) {
			const struct kgr_out_rel *rel =
				&g_array_index(sec->rels, struct kgr_out_rel, r);

			rels[r].r_offset = rel->offset;
			rels[r].r_info = ELF64_R_INFO((uint64_t)w->number[rel->symbol], rel->type);
			rels[r].r_addend = rel->addend;
		}
		scn = add_section(w, name, SHT_RELA, SHF_INFO_LINK, 8, sizeof(Elf64_Rela), rels,
				  sec->rels->len * sizeof(Elf64_Rela), ELF_T_RELA);
		if (!scn)
			return false;
		elf64_getshdr(scn)->sh_link = symtab;
		elf64_getshdr(scn)->sh_info = i + 1;
	}
	/* Its own name has to be in it before its data is handed over. */
	i = add_name(w->shstr, ".shstrtab");
	scn = add_section(w, "", SHT_STRTAB, 0, 1, 0, w->shstr->str, w->shstr->len, ELF_T_BYTE);
	if (!scn)
		return false;
	elf64_getshdr(scn)->sh_name = i;
	elf64_getehdr(w->elf)->e_shstrndx = (Elf64_Half)elf_ndxscn(scn);
	return true;
}

bool kgr_out_write(struct kgr_out_obj *g, const char *path, GError **error)
{
	struct writer w = { .g = g };
	Elf64_Ehdr *eh;
	bool ok = false;
	int fd;

	/* Each section may have another one of relocations; the null section and three tables are the writer's. */
	if (2 * g->secs->len + 4 > SHN_LORESERVE)
		return kgr_fail(error, KGR_REFUSED,
				"%s: a patch of %u sections is more than one module can hold; make "
				"several patches of it",
				path, g->secs->len);
	fd = open(path, O_CREAT | O_TRUNC | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0)
		return kgr_fail(error, KGR_TROUBLE, "%s: %s", path, g_strerror(errno));
	w.shstr = g_string_new_len("", 1);
	w.str = g_string_new_len("", 1);
	w.keep = g_ptr_array_new_with_free_func(g_free);
	elf_version(EV_CURRENT);
	w.elf = elf_begin(fd, ELF_C_WRITE, NULL);
	eh = w.elf ? elf64_newehdr(w.elf) : NULL;
	if (eh) {
		eh->e_ident[EI_DATA] = g->arch->big_endian ? ELFDATA2MSB : ELFDATA2LSB;
		eh->e_machine = g->arch->machine;
		eh->e_type = ET_REL;
		eh->e_version = EV_CURRENT;
		ok = write_sections(&w) && elf_update(w.elf, ELF_C_WRITE) >= 0;
	}
	if (!ok)
		kgr_fail(error, KGR_TROUBLE, "%s: cannot be written: %s", path, elf_errmsg(-1));
	if (w.elf)
		elf_end(w.elf);
	close(fd);
	g_string_free(w.shstr, TRUE);
	g_string_free(w.str, TRUE);
	g_ptr_array_free(w.keep, TRUE);
	g_free(w.number);
	return ok;
}
