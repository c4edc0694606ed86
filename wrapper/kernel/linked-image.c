// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What was linked, vmlinux or a module: its symbols by name, and by the file they come from.
 *
 * Local symbols of one name may be many, so the file decides. The linker writes each object's local symbols
 * behind a symbol of type FILE:
 *
 *   FILE   core.c          file 17
 *   LOCAL  init, reset
 *   FILE   core.c          file 18: another core.c
 *   LOCAL  init, probe
 *
 * Which of two core.c an object is, image-file.c finds out. File 0 (KGR_NO_FILE) is what stands before the first of
 * them, which no object of the kernel's does.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/error.h"
#include "kernel/linked-image.h"
#include "elf/arch.h"

/* Where a module's init leaves nothing (kernel/module/main.c, module_init_section()). */
static bool outlives_init(Elf *elf, size_t shstr, uint16_t shndx)
{
	Elf_Scn *scn = shndx < SHN_LORESERVE ? elf_getscn(elf, shndx) : NULL;
	const char *name;
	GElf_Shdr sh;

	if (!scn || !gelf_getshdr(scn, &sh) || !(sh.sh_flags & SHF_ALLOC))
		return false;
	name = elf_strptr(elf, shstr, sh.sh_name);
	return name && !g_str_has_prefix(name, ".init");
}

static bool is_damaged(const struct kgr_image *im, GError **error)
{
	return kgr_fail(error, KGR_TROUBLE, "%s: it is damaged: %s; build the kernel again",
			im->path, elf_errmsg(-1));
}

/* @tab: gets the header of the symbol table; @percpu: gets the number of the section of per-CPU data */
static Elf_Data *find_symtab(Elf *elf, size_t shstr, GElf_Shdr *tab, size_t *percpu)
{
	Elf_Data *data = NULL;
	Elf_Scn *scn = NULL;
	GElf_Shdr sh;

	*percpu = SHN_UNDEF;
	while ((scn = elf_nextscn(elf, scn))) {
		if (!gelf_getshdr(scn, &sh))
			continue;
		if (!g_strcmp0(elf_strptr(elf, shstr, sh.sh_name), ".data..percpu"))
			*percpu = elf_ndxscn(scn);
		if (sh.sh_type == SHT_SYMTAB) {
			*tab = sh;
			data = elf_getdata(scn, NULL);
		}
	}
	return data;
}

/* In the list of its name, if it is a definition. */
static void add_by_name(struct kgr_image *im, struct kgr_ksym *sym)
{
	GSList *same;

	if (sym->shndx == SHN_UNDEF || sym->type == STT_FILE || sym->type == STT_SECTION ||
	    !*sym->name)
		return;
	same = g_hash_table_lookup(im->by_name, sym->name);
	g_hash_table_insert(im->by_name, (void *)sym->name, g_slist_prepend(same, sym));
}

static bool read_symbols(struct kgr_image *im, GError **error)
{
	size_t percpu, shstr, i;
	GElf_Shdr tab = { 0 };
	Elf_Data *data;

	if (elf_getshdrstrndx(im->elf, &shstr))
		return is_damaged(im, error);
	data = find_symtab(im->elf, shstr, &tab, &percpu);
	if (!data || !tab.sh_entsize)
		return kgr_fail(error, KGR_TROUBLE,
				"%s: it has no symbol table; a patch needs the unstripped %s of "
				"the build",
				im->path, im->module ? "module" : "vmlinux");
	im->nsyms = tab.sh_size / tab.sh_entsize;
	im->syms = g_new0(struct kgr_ksym, im->nsyms);
	for (i = 0; i < im->nsyms; i++) {
		struct kgr_ksym *sym = &im->syms[i];
		GElf_Sym raw;

		if (!gelf_getsym(data, (int)i, &raw))
			return is_damaged(im, error);
		sym->image = im;
		sym->name = elf_strptr(im->elf, tab.sh_link, raw.st_name) ?: "";
		sym->address = raw.st_value;
		sym->size = raw.st_size;
		sym->type = GELF_ST_TYPE(raw.st_info);
		sym->bind = GELF_ST_BIND(raw.st_info);
		sym->shndx = raw.st_shndx;
		sym->fixed = raw.st_shndx == SHN_ABS || (percpu && raw.st_shndx == percpu);
		sym->outlives_init = im->module && outlives_init(im->elf, shstr, raw.st_shndx);
		if (sym->type == STT_FILE)
			g_ptr_array_add(im->files, (void *)sym->name);
		sym->file = im->files->len - 1;
		add_by_name(im, sym);
	}
	return true;
}

/* Kbuild replaces what cannot stand in an identifier (scripts/Makefile.lib, name-fix). */
char *kgr_module_name(const char *path)
{
	char *name = g_path_get_basename(path);

	if (g_str_has_suffix(name, ".ko") || g_str_has_suffix(name, ".o"))
		*strrchr(name, '.') = 0;
	return g_strdelimit(name, "-,", '_');
}

static bool open_elf(struct kgr_image *im, GError **error)
{
	GElf_Ehdr eh = { 0 };

	im->fd = open(im->path, O_RDONLY | O_CLOEXEC);
	if (im->fd < 0)
		return kgr_fail(error, KGR_TROUBLE, "%s: %s; build the kernel%s first", im->path,
				g_strerror(errno), im->module ? " and its modules" : "");
	elf_version(EV_CURRENT);
	im->elf = elf_begin(im->fd, ELF_C_READ_MMAP, NULL);
	if (!im->elf || elf_kind(im->elf) != ELF_K_ELF)
		return kgr_fail(error, KGR_TROUBLE, "%s: not an ELF file; build the kernel again",
				im->path);
	if (gelf_getehdr(im->elf, &eh) && eh.e_ident[EI_CLASS] == ELFCLASS64)
		im->arch = kgr_arch_find(eh.e_machine, eh.e_ident[EI_DATA] == ELFDATA2MSB);
	return im->arch ||
	       kgr_fail(error, KGR_TROUBLE,
			"%s: a file for machine %u, which is not supported; was it built "
			"for another architecture?",
			im->path, eh.e_machine);
}

struct kgr_image *kgr_image_open(const char *path, bool module, GError **error)
{
	g_autoptr(kgr_image) im = g_new0(struct kgr_image, 1);

	im->path = g_strdup(path);
	im->module = module ? kgr_module_name(path) : NULL;
	im->files = g_ptr_array_new();
	g_ptr_array_add(im->files, (void *)"");
	im->by_name = g_hash_table_new(g_str_hash, g_str_equal);
	return open_elf(im, error) && read_symbols(im, error) ? g_steal_pointer(&im) : NULL;
}

void kgr_image_close(struct kgr_image *im)
{
	GHashTableIter it;
	gpointer list;

	if (!im)
		return;
	g_hash_table_iter_init(&it, im->by_name);
	while (g_hash_table_iter_next(&it, NULL, &list))
		g_slist_free(list);
	g_hash_table_unref(im->by_name);
	g_ptr_array_unref(im->files);
	if (im->elf)
		elf_end(im->elf);
	if (im->fd >= 0)
		close(im->fd);
	g_free(im->syms);
	g_free(im->module);
	g_free(im->path);
	g_free(im);
}

const struct kgr_ksym *kgr_image_in_file(struct kgr_image *im, unsigned int file, const char *name)
{
	GSList *it;

	for (it = g_hash_table_lookup(im->by_name, name); it; it = it->next) {
		const struct kgr_ksym *sym = it->data;

		if (sym->file == file && sym->bind == STB_LOCAL)
			return sym;
	}
	return NULL;
}

const struct kgr_ksym *kgr_image_global(const struct kgr_image *im, const char *name)
{
	const struct kgr_ksym *found = NULL;
	GSList *it;

	for (it = g_hash_table_lookup(im->by_name, name); it; it = it->next) {
		const struct kgr_ksym *sym = it->data;

		if (sym->bind != STB_LOCAL)
			found = sym;
	}
	return found;
}

const struct kgr_ksym *kgr_image_find(struct kgr_image *im, unsigned int file_idx, const char *name,
				      bool local, GError **error)
{
	const struct kgr_ksym *found = NULL;

	if (!local)
		found = kgr_image_global(im, name);
	else if (file_idx != KGR_NO_FILE)
		found = kgr_image_in_file(im, file_idx, name);
	if (!found && local && file_idx == KGR_NO_FILE)
		kgr_fail(
			error, KGR_REFUSED,
			"local symbol %s: it is not known which of several files of one name in %s "
			"it is from; give its file a static function with a name of its own, rebuild "
			"the kernel and boot that",
			name, im->path);
	else if (!found)
		kgr_fail(error, KGR_REFUSED,
			 "%s symbol %s is not in %s; let the fix do without it, or rebuild the "
			 "kernel so that it is there, and boot that",
			 local ? "local" : "global", name, im->path);
	return found;
}

bool kgr_image_overrides(const struct kgr_image *im, const struct kgr_sym *sym)
{
	const struct kgr_ksym *linked =
		sym->bind == STB_WEAK ? kgr_image_global(im, sym->name) : NULL;

	return linked && linked->bind != STB_WEAK;
}

bool kgr_image_has_global(const struct kgr_image *im, const char *name)
{
	return kgr_image_global(im, name);
}

const struct kgr_ksym *kgr_image_unique(struct kgr_image *im, const char *name, bool *several)
{
	GSList *found = g_hash_table_lookup(im->by_name, name);

	*several = found && found->next;
	return found && !found->next ? found->data : NULL;
}

unsigned int kgr_image_sympos(const struct kgr_ksym *sym)
{
	const struct kgr_ksym *it;
	unsigned int sympos = 0;

	for (it = sym->image->syms; it < sym; it++)
		sympos += it->outlives_init && !strcmp(it->name, sym->name);
	return sympos;
}

/* In vmlinux symbols have addresses, in a module offsets. */
static uint64_t section_start(const struct kgr_image *im, const GElf_Shdr *sh)
{
	return im->module ? 0 : sh->sh_addr;
}

const uint8_t *kgr_image_bytes(const struct kgr_ksym *sym)
{
	Elf_Scn *scn = sym->shndx < SHN_LORESERVE ? elf_getscn(sym->image->elf, sym->shndx) : NULL;
	uint64_t at;
	Elf_Data *data;
	GElf_Shdr sh;

	if (!scn || !gelf_getshdr(scn, &sh) || sh.sh_type == SHT_NOBITS)
		return NULL;
	at = sym->address - section_start(sym->image, &sh);
	data = elf_getdata(scn, NULL);
	if (!data || at > data->d_size || sym->size > data->d_size - at)
		return NULL;
	return (const uint8_t *)data->d_buf + at;
}

Elf_Scn *kgr_image_section(const struct kgr_image *im, const char *name, GElf_Shdr *sh)
{
	Elf_Scn *scn = NULL;
	size_t shstr;

	if (elf_getshdrstrndx(im->elf, &shstr))
		return NULL;
	while ((scn = elf_nextscn(im->elf, scn))) {
		if (gelf_getshdr(scn, sh) &&
		    !g_strcmp0(elf_strptr(im->elf, shstr, sh->sh_name), name))
			return scn;
	}
	return NULL;
}

bool kgr_image_in_section(const struct kgr_ksym *sym, const char *name)
{
	GElf_Shdr sh;
	Elf_Scn *scn = kgr_image_section(sym->image, name, &sh);

	return scn && elf_ndxscn(scn) == sym->shndx;
}

/* A list of 32-bit offsets to functions, each from its own place. */
static bool sealed_in_vmlinux(const struct kgr_ksym *sym)
{
	GElf_Shdr sh;
	Elf_Scn *scn = kgr_image_section(sym->image, sym->image->arch->seal_list, &sh);
	Elf_Data *data = scn ? elf_getdata(scn, NULL) : NULL;
	const size_t size = sizeof(int32_t);
	size_t at;

	for (at = 0; data && at + size <= data->d_size; at += size) {
		int32_t entry = (int32_t)kgr_arch_read(sym->image->arch,
						       (const uint8_t *)data->d_buf + at, size);

		if (sh.sh_addr + at + (uint64_t)(int64_t)entry == sym->address)
			return true;
	}
	return false;
}

/* In a module the list is made of relocations, against functions or their section. */
static bool sealed_in_module(const struct kgr_ksym *sym)
{
	const struct kgr_image *im = sym->image;
	g_autofree char *list = g_strconcat(".rela", im->arch->seal_list, NULL);
	GElf_Shdr sh;
	Elf_Scn *scn = kgr_image_section(im, list, &sh);
	Elf_Data *data = scn ? elf_getdata(scn, NULL) : NULL;
	GElf_Rela rel;
	int i;

	for (i = 0; data && gelf_getrela(data, i, &rel); i++) {
		size_t target = GELF_R_SYM(rel.r_info);

		if (target < im->nsyms && im->syms[target].shndx == sym->shndx &&
		    im->syms[target].address + (uint64_t)rel.r_addend == sym->address)
			return true;
	}
	return false;
}

bool kgr_image_lacks_endbr(const struct kgr_ksym *sym)
{
	const uint8_t *code = kgr_image_bytes(sym);

	/* A static function whose address is taken nowhere has none from the start. */
	return !code || !kgr_landing_pad(sym->image->arch, code, sym->size) ||
	       (sym->image->arch->seal_list &&
		(sym->image->module ? sealed_in_module(sym) : sealed_in_vmlinux(sym)));
}

size_t kgr_image_build_id(struct kgr_image *im, const uint8_t **bytes, uint64_t *address)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr sh;

	while ((scn = elf_nextscn(im->elf, scn))) {
		size_t at = 0, next, name, desc;
		Elf_Data *data;
		GElf_Nhdr note;

		if (!gelf_getshdr(scn, &sh) || sh.sh_type != SHT_NOTE)
			continue;
		data = elf_getdata(scn, NULL);
		while (data && (next = gelf_getnote(data, at, &note, &name, &desc)) > 0) {
			if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 &&
			    !memcmp((char *)data->d_buf + name, "GNU", 4)) {
				*bytes = (const uint8_t *)data->d_buf + desc;
				*address = sh.sh_addr + desc;
				return note.n_descsz;
			}
			at = next;
		}
	}
	return 0;
}

char *kgr_build_id_text(const uint8_t *bytes, size_t size)
{
	GString *out = g_string_new(NULL);
	size_t i;

	for (i = 0; i < size; i++)
		g_string_append_printf(out, "%02x", bytes[i]);
	return g_string_free(out, FALSE);
}

char *kgr_image_build_id_text(struct kgr_image *im, GError **error)
{
	const uint8_t *bytes;
	uint64_t address;
	size_t size = kgr_image_build_id(im, &bytes, &address);

	if (size)
		return kgr_build_id_text(bytes, size);
	kgr_fail(error, KGR_REFUSED,
		 "%s: it has no build-id; take a kernel that was linked with ld's --build-id",
		 im->path);
	return NULL;
}
