// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Who refers to a function of a linked image? A module's relocations say so. vmlinux need not have
 * kept its own, so there all bytes are looked at (struct kgr_arch, scan): whatever may be a
 * reference is one, unless
 *
 *   in code             no instruction refers to the address: its bytes look so by chance, as
 *                       padding before the function does
 *   in a table          of the kernel's special sections, which are about the code that they name
 *   gone after boot     and it was a call: nobody does it again
 *
 * In other data by chance about one name in two hundred is met; it then counts as one whose callers are not known.
 */
#include <string.h>

#include "adopt/image-refs.h"
#include "adopt/image-view.h"
#include "elf/reloc.h"
#include "elf/special-sections.h"
#include "lib/error.h"

struct range {
	uint64_t start, size;
};

struct search {
	struct kgr_view view;
	const struct kgr_ksym *of;
	GArray *tables; /* of struct range */
	struct range init; /* what is gone after boot */
	GArray *refs; /* of struct kgr_image_ref */
};

typedef struct search search;

static void search_clear(struct search *s)
{
	kgr_view_close(&s->view);
	if (s->tables)
		g_array_unref(s->tables);
	if (s->refs)
		g_array_unref(s->refs);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(search, search_clear)

static bool is_in(const struct range *range, uint64_t place)
{
	return place >= range->start && place - range->start < range->size;
}

static void find_tables(struct search *s)
{
	const struct kgr_arch *arch = s->view.image->arch;
	size_t i;

	for (i = 0; i < arch->nspecials; i++) {
		struct range range;

		if (!arch->specials[i].family &&
		    kgr_view_table(&s->view, arch->specials[i].name, &range.start, &range.size))
			g_array_append_val(s->tables, range);
	}
}

/* Who is in them is exported: whether modules may call it is asked elsewhere. */
static void find_exports(struct search *s)
{
	static const char *const tables[] = { "__ksymtab", "__ksymtab_gpl" };
	struct range range;
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(tables); i++) {
		if (kgr_view_table(&s->view, tables[i], &range.start, &range.size))
			g_array_append_val(s->tables, range);
	}
}

static void find_init(struct search *s)
{
	const struct kgr_ksym *start = kgr_image_global(s->view.image, "__init_begin");
	const struct kgr_ksym *end = kgr_image_global(s->view.image, "__init_end");

	if (start && end && end->address > start->address)
		s->init = (struct range){ start->address, end->address - start->address };
}

static bool is_in_table(const struct search *s, uint64_t place)
{
	guint i;

	for (i = 0; i < s->tables->len; i++) {
		if (is_in(&g_array_index(s->tables, struct range, i), place))
			return true;
	}
	return false;
}

static void add_in(struct search *s, size_t section, uint64_t place, bool code)
{
	struct kgr_image_ref ref = { .section = section, .place = place, .code = code };

	g_array_append_val(s->refs, ref);
}

static void add(struct search *s, uint64_t place, bool code)
{
	add_in(s, 0, place, code);
}

/* The function that has a place of the section; else what lies between two of them. */
static struct range code_at(const struct kgr_image *im, const GElf_Shdr *sh, uint64_t place,
			    bool *is_function)
{
	uint64_t start = sh->sh_addr, end = sh->sh_addr + sh->sh_size;
	size_t i;

	*is_function = false;
	for (i = 0; i < im->nsyms; i++) {
		const struct kgr_ksym *sym = &im->syms[i];
		uint64_t behind = sym->address + sym->size;

		if (sym->type != STT_FUNC || sym->shndx == SHN_UNDEF || !sym->size)
			continue;
		if (place >= sym->address && place < behind) {
			*is_function = true;
			return (struct range){ sym->address, sym->size };
		}
		if (behind <= place)
			start = MAX(start, behind);
		else
			end = MIN(end, sym->address);
	}
	return (struct range){ start, end - start };
}

/* What the code that has the candidate says of it. */
static void look_at_code(struct search *s, const GElf_Shdr *sh, uint64_t place)
{
	const struct kgr_image *im = s->view.image;
	bool is_function, zero;
	struct range range = code_at(im, sh, place, &is_function);
	const uint8_t *code = kgr_view_bytes(&s->view, range.start, range.size, &zero);
	g_autoptr(GArray) refs = g_array_new(FALSE, FALSE, sizeof(struct kgr_code_ref));
	guint i;

	if (!code || !im->arch->code_refs(code, range.size, range.start, s->of->address, refs)) {
		add(s, place, is_function);
		return;
	}
	for (i = 0; i < refs->len; i++) {
		const struct kgr_code_ref *ref = &g_array_index(refs, struct kgr_code_ref, i);

		if (ref->place == place && !(is_function && ref->branch && is_in(&s->init, place)))
			add(s, place, is_function);
	}
}

static void look_at_section(struct search *s, const GElf_Shdr *sh, Elf_Scn *scn)
{
	bool code = sh->sh_flags & SHF_EXECINSTR;
	const Elf_Data *data = elf_rawdata(scn, NULL);
	g_autoptr(GArray) places = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	guint i;

	if (!data || !data->d_buf)
		return;
	s->view.image->arch->scan(data->d_buf, data->d_size, sh->sh_addr, code, s->of->address,
				  places);
	for (i = 0; i < places->len; i++) {
		uint64_t place = g_array_index(places, uint64_t, i);

		if (is_in_table(s, place))
			continue;
		if (code)
			look_at_code(s, sh, place);
		else if (!is_in(&s->init, place))
			add(s, place, false);
	}
}

static bool look_at_vmlinux(struct search *s, GError **error)
{
	const struct kgr_image *im = s->view.image;
	Elf_Scn *scn = NULL;
	GElf_Shdr sh;

	if (!im->arch->scan || !im->arch->code_refs)
		return kgr_fail(
			error, KGR_REFUSED,
			"%s: how %s code refers to a function is not known; leave %s out of the "
			"fix",
			im->path, im->arch->name, s->of->name);
	find_tables(s);
	find_exports(s);
	find_init(s);
	while ((scn = elf_nextscn(im->elf, scn))) {
		if (!gelf_getshdr(scn, &sh))
			return kgr_fail(error, KGR_TROUBLE, "%s: it is damaged: %s", im->path,
					elf_errmsg(-1));
		if (sh.sh_flags & SHF_ALLOC && sh.sh_type != SHT_NOBITS && sh.sh_type != SHT_NOTE)
			look_at_section(s, &sh, scn);
	}
	return true;
}

/* Other objects of the module name it; its own, which may do otherwise, is known already. */
static void look_at_module(struct search *s)
{
	const struct kgr_obj *obj = s->view.module;
	size_t i, n;

	for (i = 1; i < obj->nsecs; i++) {
		const struct kgr_sec *sec = &obj->secs[i];

		if (!(sec->sh.sh_flags & SHF_ALLOC) || sec->special ||
		    strstr(sec->name, "_ksymtab"))
			continue;
		for (n = 0; n < sec->nrels; n++) {
			const struct kgr_rel *rel = &sec->rels[n];

			if (rel->sym->bind == STB_LOCAL || strcmp(rel->sym->name, s->of->name) != 0)
				continue;
			if (!kgr_sec_is_init(sec) ||
			    (kgr_sec_is_text(sec) && !kgr_rel_is_branch(rel)))
				add_in(s, i, rel->offset, kgr_sec_is_text(sec));
		}
	}
}

GArray *kgr_image_refs(struct kgr_image *image, const char *name, GError **error)
{
	g_auto(search) s = { .of = kgr_image_global(image, name) };

	if (!s.of) {
		kgr_fail(error, KGR_REFUSED,
			 "%s has no global symbol %s; let the fix do without it", image->path,
			 name);
		return NULL;
	}
	s.tables = g_array_new(FALSE, FALSE, sizeof(struct range));
	s.refs = g_array_new(FALSE, FALSE, sizeof(struct kgr_image_ref));
	if (!kgr_view_open(&s.view, image, error))
		return NULL;
	if (s.view.module)
		look_at_module(&s);
	else if (!look_at_vmlinux(&s, error))
		return NULL;
	return g_steal_pointer(&s.refs);
}
