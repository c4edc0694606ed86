// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "kernel.h"

static bool read_symbols(struct kgr_kernel *k, GError **error)
{
	Elf_Scn *scn = NULL;
	size_t percpu = 0, shstr, i;
	GElf_Shdr sh, tab = { 0 };
	Elf_Data *data = NULL;

	if (elf_getshdrstrndx(k->elf, &shstr))
		return kgr_fail(error, KGR_TROUBLE, "%s: %s", k->vmlinux, elf_errmsg(-1));
	while ((scn = elf_nextscn(k->elf, scn))) {
		const char *name;

		if (!gelf_getshdr(scn, &sh))
			continue;
		name = elf_strptr(k->elf, shstr, sh.sh_name);
		if (name && !strcmp(name, ".data..percpu"))
			percpu = elf_ndxscn(scn);
		if (sh.sh_type == SHT_SYMTAB) {
			tab = sh;
			data = elf_getdata(scn, NULL);
		}
	}
	if (!data || !tab.sh_entsize)
		return kgr_fail(error, KGR_TROUBLE,
				"%s: it has no symbol table; a patch needs the "
				"unstripped vmlinux of the build",
				k->vmlinux);
	k->nsyms = tab.sh_size / tab.sh_entsize;
	k->syms = g_new0(struct kgr_ksym, k->nsyms);
	k->files = g_ptr_array_new();
	g_ptr_array_add(k->files, (void *)"");
	k->by_name = g_hash_table_new(g_str_hash, g_str_equal);
	for (i = 0; i < k->nsyms; i++) {
		struct kgr_ksym *sym = &k->syms[i];
		GElf_Sym raw;

		if (!gelf_getsym(data, (int)i, &raw))
			return kgr_fail(error, KGR_TROUBLE, "%s: %s", k->vmlinux, elf_errmsg(-1));
		sym->name = elf_strptr(k->elf, tab.sh_link, raw.st_name) ?: "";
		sym->address = raw.st_value;
		sym->size = raw.st_size;
		sym->type = GELF_ST_TYPE(raw.st_info);
		sym->bind = GELF_ST_BIND(raw.st_info);
		sym->fixed = raw.st_shndx == SHN_ABS || (percpu && raw.st_shndx == percpu);
		if (sym->type == STT_FILE)
			g_ptr_array_add(k->files, (void *)sym->name);
		sym->file = k->files->len - 1;
		if (raw.st_shndx == SHN_UNDEF || sym->type == STT_FILE ||
		    sym->type == STT_SECTION || !*sym->name)
			continue;
		g_hash_table_insert(
			k->by_name, (void *)sym->name,
			g_slist_prepend(g_hash_table_lookup(k->by_name, sym->name), sym));
	}
	return true;
}

static bool read_build_id(struct kgr_kernel *k, GError **error)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr sh;

	while ((scn = elf_nextscn(k->elf, scn))) {
		size_t at = 0, next, name, desc;
		Elf_Data *data;
		GElf_Nhdr note;

		if (!gelf_getshdr(scn, &sh) || sh.sh_type != SHT_NOTE)
			continue;
		data = elf_getdata(scn, NULL);
		while (data && (next = gelf_getnote(data, at, &note, &name, &desc)) > 0) {
			if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 &&
			    !memcmp((char *)data->d_buf + name, "GNU", 4) &&
			    note.n_descsz <= KGR_BUILD_ID_MAX) {
				memcpy(k->build_id, (char *)data->d_buf + desc, note.n_descsz);
				k->build_id_size = note.n_descsz;
				k->build_id_address = sh.sh_addr + desc;
				return true;
			}
			at = next;
		}
	}
	return kgr_fail(error, KGR_TROUBLE,
			"%s: it has no build-id, so a module could not prove what it runs on",
			k->vmlinux);
}

/* CRC <tab> name <tab> where <tab> kind <tab> namespace (scripts/mod/modpost.c, write_dump()). */
static bool read_exports(struct kgr_kernel *k, GError **error)
{
	char *path = g_build_filename(k->build, "Module.symvers", NULL), *text = NULL, *line, *next;

	k->exported = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	if (!g_file_get_contents(path, &text, NULL, NULL)) {
		kgr_fail(error, KGR_TROUBLE,
			 "%s is missing; build the whole kernel first (make, or make modules)",
			 path);
		g_free(path);
		return false;
	}
	for (line = text; *line; line = next) {
		char **f;

		next = strchr(line, '\n');
		if (!next)
			break;
		*next++ = 0;
		f = g_strsplit(line, "\t", 5);
		if (g_strv_length(f) >= 4 && !strcmp(f[2], "vmlinux") && (!f[4] || !*f[4]))
			g_hash_table_add(k->exported, g_strdup(f[1]));
		g_strfreev(f);
	}
	g_free(text);
	g_free(path);
	return true;
}

static bool read_release(struct kgr_kernel *k, GError **error)
{
	char *path = g_build_filename(k->build, "include/config/kernel.release", NULL);
	bool ok = g_file_get_contents(path, &k->release, NULL, NULL);

	if (ok)
		g_strstrip(k->release);
	else
		kgr_fail(error, KGR_TROUBLE, "%s: not a kernel build directory (no %s)", k->build,
			 path);
	g_free(path);
	return ok;
}

static void find_source(struct kgr_kernel *k)
{
	char *link = g_build_filename(k->build, "source", NULL);
	char *real = realpath(link, NULL);

	k->source = g_strdup(real ?: k->build);
	free(real);
	g_free(link);
}

struct kgr_kernel *kgr_kernel_open(const char *build, GError **error)
{
	struct kgr_kernel *k = g_new0(struct kgr_kernel, 1);
	char *real = realpath(build, NULL);

	k->fd = -1;
	if (!real) {
		kgr_fail(error, KGR_TROUBLE, "%s: %s", build, g_strerror(errno));
		goto fail;
	}
	k->build = g_strdup(real);
	free(real);
	if (!read_release(k, error))
		goto fail;
	find_source(k);
	k->vmlinux = g_build_filename(k->build, "vmlinux", NULL);
	k->fd = open(k->vmlinux, O_RDONLY | O_CLOEXEC);
	if (k->fd < 0) {
		kgr_fail(error, KGR_TROUBLE, "%s: %s; build the kernel first", k->vmlinux,
			 g_strerror(errno));
		goto fail;
	}
	elf_version(EV_CURRENT);
	k->elf = elf_begin(k->fd, ELF_C_READ_MMAP, NULL);
	if (!k->elf || elf_kind(k->elf) != ELF_K_ELF) {
		kgr_fail(error, KGR_TROUBLE, "%s: not an ELF file", k->vmlinux);
		goto fail;
	}
	if (!read_symbols(k, error) || !read_build_id(k, error) || !read_exports(k, error))
		goto fail;
	return k;
fail:
	kgr_kernel_close(k);
	return NULL;
}

void kgr_kernel_close(struct kgr_kernel *k)
{
	GHashTableIter it;
	gpointer list;

	if (!k)
		return;
	if (k->by_name) {
		g_hash_table_iter_init(&it, k->by_name);
		while (g_hash_table_iter_next(&it, NULL, &list))
			g_slist_free(list);
		g_hash_table_destroy(k->by_name);
	}
	if (k->exported)
		g_hash_table_destroy(k->exported);
	if (k->files)
		g_ptr_array_free(k->files, TRUE);
	if (k->elf)
		elf_end(k->elf);
	if (k->fd >= 0)
		close(k->fd);
	g_free(k->syms);
	g_free(k->build);
	g_free(k->source);
	g_free(k->vmlinux);
	g_free(k->release);
	g_free(k);
}

static const struct kgr_ksym *in_file(struct kgr_kernel *k, unsigned int file, const char *name)
{
	GSList *it;

	for (it = g_hash_table_lookup(k->by_name, name); it; it = it->next) {
		const struct kgr_ksym *sym = it->data;

		if (sym->file == file && sym->bind == STB_LOCAL)
			return sym;
	}
	return NULL;
}

/* Sections that the final link throws away, or that are no functions of the running kernel. */
static bool is_linked(const struct kgr_sym *sym)
{
	return sym->sec->sh.sh_flags & SHF_ALLOC && !g_str_has_prefix(sym->sec->name, ".exit") &&
	       !g_str_has_prefix(sym->sec->name, ".discard");
}

static bool fits(struct kgr_kernel *k, const struct kgr_obj *built, unsigned int file)
{
	size_t i;

	for (i = 0; i < built->nsyms; i++) {
		const struct kgr_sym *sym = &built->syms[i];
		const struct kgr_ksym *there;

		if (!kgr_sym_is_func(sym) || sym->bind != STB_LOCAL || !is_linked(sym))
			continue;
		there = in_file(k, file, sym->name);
		if (!there || there->size != sym->size)
			return false;
	}
	return true;
}

int kgr_kernel_unit(struct kgr_kernel *k, const struct kgr_obj *built, const char *source,
		    GError **error)
{
	char *base = g_path_get_basename(source);
	int found = -1, matches = 0;
	bool has_local = false;
	guint f;
	size_t i;

	for (i = 0; i < built->nsyms && !has_local; i++)
		has_local = kgr_sym_is_func(&built->syms[i]) && built->syms[i].bind == STB_LOCAL &&
			    is_linked(&built->syms[i]);
	for (f = 1; f < k->files->len; f++) {
		if (strcmp(g_ptr_array_index(k->files, f), base) || !fits(k, built, f))
			continue;
		matches++;
		found = (int)f;
	}
	g_free(base);
	if (matches == 1)
		return found;
	if (!has_local && matches > 1)
		return -1;
	if (matches)
		kgr_fail(error, KGR_REFUSED, "%s: vmlinux holds %d files that look just like it",
			 built->path, matches);
	else
		kgr_fail(error, KGR_REFUSED,
			 "%s: vmlinux does not hold this object; is it part of a module (not "
			 "supported yet), or was it rebuilt after vmlinux was linked?",
			 built->path);
	return -2;
}

const struct kgr_ksym *kgr_kernel_find(struct kgr_kernel *k, int unit, const char *name, bool local,
				       GError **error)
{
	const struct kgr_ksym *found = NULL;
	GSList *it;

	if (local) {
		if (unit >= 0)
			found = in_file(k, (unsigned int)unit, name);
	} else {
		for (it = g_hash_table_lookup(k->by_name, name); it; it = it->next) {
			const struct kgr_ksym *sym = it->data;

			if (sym->bind != STB_LOCAL)
				found = sym;
		}
	}
	if (!found)
		kgr_fail(error, KGR_REFUSED, "%s symbol %s is not in %s",
			 local ? "local" : "global", name, k->vmlinux);
	return found;
}

const uint8_t *kgr_kernel_text(struct kgr_kernel *k, uint64_t address, uint64_t size)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr sh;

	while ((scn = elf_nextscn(k->elf, scn))) {
		Elf_Data *data;

		if (!gelf_getshdr(scn, &sh) || !(sh.sh_flags & SHF_ALLOC) ||
		    sh.sh_type == SHT_NOBITS || address < sh.sh_addr ||
		    address - sh.sh_addr > sh.sh_size || size > sh.sh_size - (address - sh.sh_addr))
			continue;
		data = elf_getdata(scn, NULL);
		return data ? (const uint8_t *)data->d_buf + (address - sh.sh_addr) : NULL;
	}
	return NULL;
}

bool kgr_kernel_sealed(struct kgr_kernel *k, uint64_t address)
{
	size_t shstr, at;
	Elf_Scn *scn = NULL;
	Elf_Data *data;
	GElf_Shdr sh;
	int32_t entry;

	if (elf_getshdrstrndx(k->elf, &shstr))
		return false;
	while ((scn = elf_nextscn(k->elf, scn))) {
		if (!gelf_getshdr(scn, &sh) ||
		    g_strcmp0(elf_strptr(k->elf, shstr, sh.sh_name), ".ibt_endbr_seal"))
			continue;
		data = elf_getdata(scn, NULL);
		for (at = 0; data && at + sizeof(entry) <= data->d_size; at += sizeof(entry)) {
			memcpy(&entry, (const char *)data->d_buf + at, sizeof(entry));
			if (sh.sh_addr + at + (uint64_t)(int64_t)entry == address)
				return true;
		}
	}
	return false;
}

bool kgr_kernel_config(const struct kgr_kernel *k, const char *name)
{
	char *path = g_build_filename(k->build, "include/config/auto.conf", NULL), *text = NULL;
	char *want = g_strdup_printf("\nCONFIG_%s=y\n", name);
	bool on = g_file_get_contents(path, &text, NULL, NULL) && strstr(text, want);

	g_free(path);
	g_free(text);
	g_free(want);
	return on;
}
