// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The proof that an object compiled here is what runs. The linker puts a section of an object into
 * the image as a whole, so it is enough to know where one begins there: any of its symbols says
 * that. Then all its bytes must be the same but for the fields of relocations, which must refer to
 * the same things (proof-refs.c); what these are in sections that have no symbols is placed by the
 * first reference, and compared as well.
 *
 *   namespace.o  .text       do_mount at 0x1200; in vmlinux at ffffffff812f3200, so .text begins
 *                            at ...2000
 *                .rodata     no symbol; .text+0x1234 refers to .rodata+0x40, and vmlinux there to
 *                            ffffffff82045680: ...5640
 *
 * A weak function that another file overrides is in the image as any other, and says nothing of
 * where its section is. The kernel's tables are compared entry by entry (proof-tables.c). Not
 * compared are sections that nothing of the unit names and refers to, and what is known to be
 * filled in when all is linked.
 */
#include <string.h>

#include "adopt/proof.h"
#include "adopt/proving.h"
#include "elf/reloc.h"
#include "lib/error.h"

#define SHOWN 8 /* bytes of what differs */

typedef struct kgr_proving kgr_proving;

static void proving_clear(struct kgr_proving *p)
{
	kgr_view_close(&p->view);
	kgr_obj_close(p->obj);
	g_free(p->placed);
	g_free(p->there);
	g_free(p->base);
	if (p->todo)
		g_queue_free(p->todo);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(kgr_proving, proving_clear)

bool kgr_proof_fails(const struct kgr_proving *p, const struct kgr_sec *sec, uint64_t offset,
		     const char *how, GError **error)
{
	const struct kgr_sym *sym = kgr_sec_sym_at(sec, offset);
	g_autofree char *at =
		g_strdup_printf("+0x%" G_GINT64_MODIFIER "x", offset - (sym ? sym->value : 0));

	return kgr_fail(error, KGR_REFUSED, "%s%s at %s: %s, in what is compiled here and in %s",
			sym ? sym->name : sec->name, sym && kgr_sym_is_func(sym) ? "()" : "", at,
			how, p->view.image->path);
}

/* What the image's maker has done with later: nothing of it is as it was compiled. */
static bool is_filled_in(const struct kgr_sec *sec, uint64_t offset)
{
	static const char *const names[] = { "linux_banner", "linux_proc_banner", "init_uts_ns",
					     "main_extable_sort_needed", NULL };
	const struct kgr_sym *sym = kgr_sec_sym_at(sec, offset);

	return !strcmp(sec->name, ".BTF_ids") || (sym && g_strv_contains(names, sym->name));
}

static bool has_place(const struct kgr_sec *sec)
{
	return sec->sh.sh_flags & SHF_ALLOC && !sec->special && !(sec->sh.sh_flags & SHF_MERGE) &&
	       !g_str_has_prefix(sec->name, ".discard");
}

/* Names that are in the object's table once: of others it is not known which is which. */
static GHashTable *count_locals(const struct kgr_obj *obj)
{
	GHashTable *count = g_hash_table_new(g_str_hash, g_str_equal);
	size_t i;

	for (i = 0; i < obj->nsyms; i++) {
		const struct kgr_sym *sym = &obj->syms[i];

		if (sym->bind == STB_LOCAL && sym->sec && sym->type != STT_SECTION)
			g_hash_table_insert(count, (void *)sym->name,
					    GINT_TO_POINTER(1 + GPOINTER_TO_INT(g_hash_table_lookup(
									count, sym->name))));
	}
	return count;
}

static bool is_known_local(const struct kgr_proving *p, const struct kgr_sym *sym,
			   GHashTable *locals)
{
	return p->file != KGR_NO_FILE &&
	       GPOINTER_TO_INT(g_hash_table_lookup(locals, sym->name)) == 1;
}

static const struct kgr_ksym *counterpart(const struct kgr_proving *p, const struct kgr_sym *sym,
					  GHashTable *locals)
{
	if (!sym->sec || sym->type == STT_SECTION || !*sym->name || !has_place(sym->sec))
		return NULL;
	if (sym->bind == STB_GLOBAL)
		return kgr_image_global(p->view.image, sym->name);
	if (sym->bind != STB_LOCAL || !is_known_local(p, sym, locals))
		return NULL;
	return kgr_image_in_file(p->view.image, p->file, sym->name);
}

/* Of what the linker leaves out of vmlinux there is nothing. */
static bool must_be_there(const struct kgr_proving *p, const struct kgr_sym *sym,
			  GHashTable *locals)
{
	static const char *const left_out[] = { ".modinfo", ".exitcall", ".exit.", NULL };

	if ((!kgr_sym_is_func(sym) && !kgr_sym_is_object(sym)) || !has_place(sym->sec) ||
	    (!p->view.module && kgr_begins_with(sym->sec->name, left_out)))
		return false;
	return sym->bind == STB_GLOBAL ||
	       (sym->bind == STB_LOCAL && is_known_local(p, sym, locals));
}

static bool place_sections(struct kgr_proving *p, GError **error)
{
	g_autoptr(GHashTable) locals = count_locals(p->obj);
	size_t i;

	for (i = 0; i < p->obj->nsyms; i++) {
		const struct kgr_sym *sym = &p->obj->syms[i];
		const struct kgr_ksym *there = counterpart(p, sym, locals);

		if (!there) {
			if (must_be_there(p, sym, locals))
				return kgr_proof_fails(p, sym->sec, sym->value, "it is not there",
						       error);
			continue;
		}
		if (kgr_sym_is_func(sym) && there->size != sym->size) {
			g_autofree char *how = g_strdup_printf("%" G_GUINT64_FORMAT
							       " and %" G_GUINT64_FORMAT " bytes",
							       sym->size, there->size);

			return kgr_proof_fails(p, sym->sec, sym->value, how, error);
		}
		if (!kgr_proving_place(p, sym->sec, kgr_view_address(&p->view, there) - sym->value))
			return kgr_proof_fails(p, sym->sec, sym->value, "it is at another place",
					       error);
	}
	return true;
}

static char *hex(const uint8_t *bytes, uint64_t size)
{
	GString *out = g_string_new(NULL);
	uint64_t i;

	for (i = 0; i < size && i < SHOWN; i++)
		g_string_append_printf(out, "%s%02x", i ? " " : "", bytes[i]);
	return g_string_free(out, FALSE);
}

/* Where the instruction begins that has the byte at @offset; in data it is that itself. */
static uint64_t start_of_insn(const struct kgr_proving *p, const struct kgr_sec *sec,
			      uint64_t offset)
{
	const struct kgr_sym *sym = kgr_sec_sym_at(sec, offset);
	g_autoptr(GArray) code = sym && kgr_sym_is_func(sym) ? kgr_decode(p->obj, sym, NULL) : NULL;
	guint behind = code ? kgr_insn_index(code, offset - sym->value + 1) : 0;

	return behind ? sym->value + g_array_index(code, struct kgr_insn, behind - 1).offset :
			offset;
}

static bool bytes_differ(const struct kgr_proving *p, const struct kgr_sec *sec, uint64_t offset,
			 const uint8_t *there, GError **error)
{
	uint64_t start = start_of_insn(p, sec, offset), left = sec->sh.sh_size - start;
	g_autofree char *ours = hex(sec->data + start, left), *theirs = hex(there + start, left);
	g_autofree char *how = g_strdup_printf("\"%s\" and \"%s\"", ours, theirs);

	return kgr_proof_fails(p, sec, start, how, error);
}

static bool compare_bytes(const struct kgr_proving *p, const struct kgr_sec *sec,
			  const uint8_t *there, GError **error)
{
	uint64_t size = sec->sh.sh_size, i;
	g_autofree uint8_t *ours = g_memdup2(sec->data, size), *theirs = g_memdup2(there, size);
	size_t n;

	for (n = 0; n < sec->nrels; n++) {
		const struct kgr_rel *rel = &sec->rels[n];

		kgr_rel_clear(rel, ours + rel->offset, size - rel->offset);
		kgr_rel_clear(rel, theirs + rel->offset, size - rel->offset);
	}
	if (!memcmp(ours, theirs, size))
		return true;
	for (i = 0; i < size; i++) {
		if (ours[i] != theirs[i] && !is_filled_in(sec, i))
			return bytes_differ(p, sec, i, there, error);
	}
	return true;
}

/* Of all code of a section, by its relocations' numbers; NULL for data, where there are none. */
static int *biases_of(const struct kgr_proving *p, const struct kgr_sec *sec)
{
	int *biases;
	size_t i;

	if (!kgr_sec_is_text(sec) || !sec->nrels)
		return NULL;
	biases = g_new0(int, sec->nrels);
	for (i = 0; i < sec->nrels; i++)
		biases[i] = kgr_rel_usual_bias(&sec->rels[i]);
	for (i = 0; i < sec->syms->len; i++) {
		const struct kgr_sym *sym = sec->syms->pdata[i];
		g_autofree int *exact = NULL;
		struct kgr_rel *rels;
		size_t count;

		rels = kgr_sec_rels(sec, sym->value, sym->value + sym->size, &count);
		if (count && kgr_sym_is_func(sym))
			exact = kgr_insn_biases(p->obj, sec, sym->value, sym->size, NULL);
		if (exact)
			memcpy(biases + (rels - sec->rels), exact, count * sizeof(*exact));
	}
	return biases;
}

static bool compare_refs(struct kgr_proving *p, const struct kgr_sec *sec, GError **error)
{
	g_autofree int *biases = biases_of(p, sec);
	uint64_t base = p->base[sec->index];
	size_t i, count = 0;

	for (i = 0; i < sec->nrels; i++) {
		const struct kgr_rel *rel = &sec->rels[i];
		g_autofree char *how = NULL;

		count += rel->type < KGR_TYPE_VALUE;
		if (is_filled_in(sec, rel->offset) ||
		    kgr_prove_ref(p, rel, biases ? biases[i] : 0, base + rel->offset))
			continue;
		how = g_strdup_printf("what it refers to, %s%+" G_GINT64_MODIFIER "d here, differs",
				      *rel->sym->name ? rel->sym->name :
				      rel->sym->sec   ? rel->sym->sec->name :
							"nothing",
				      rel->addend);
		return kgr_proof_fails(p, sec, start_of_insn(p, sec, rel->offset), how, error);
	}
	return !p->view.module || kgr_view_count_refs(&p->view, base, sec->sh.sh_size) == count ||
	       kgr_proof_fails(p, sec, 0, "it has another number of references", error);
}

static bool compare_section(struct kgr_proving *p, const struct kgr_sec *sec, GError **error)
{
	const uint8_t *there;
	bool zero;

	if (!sec->sh.sh_size)
		return true;
	there = kgr_view_bytes(&p->view, p->base[sec->index], sec->sh.sh_size, &zero);
	if (!sec->data)
		return zero || kgr_proof_fails(p, sec, 0, "it has no content here", error);
	if (!there)
		return kgr_proof_fails(p, sec, 0, "it is not there", error);
	return compare_bytes(p, sec, there, error) && compare_refs(p, sec, error);
}

static bool compare_all(struct kgr_proving *p, GError **error)
{
	const struct kgr_sec *sec;

	while ((sec = g_queue_pop_head(p->todo))) {
		if (has_place(sec) && !compare_section(p, sec, error))
			return false;
	}
	return true;
}

/* Before anything else is looked for: all its functions are there, with the sizes that they have here. */
static bool find_file(struct kgr_proving *p, const char *source, GError **error)
{
	g_autoptr(GError) why = NULL;
	size_t i;

	if (kgr_image_file_idx(p->view.image, p->obj, source, &p->file, &why))
		return true;
	for (i = 0; i < p->obj->nsyms; i++) {
		const struct kgr_sym *sym = &p->obj->syms[i];
		const struct kgr_ksym *there;
		g_autofree char *how = NULL;
		bool several;

		if (!kgr_sym_is_func(sym) || !has_place(sym->sec) || sym->bind == STB_WEAK)
			continue;
		there = kgr_image_unique(p->view.image, sym->name, &several);
		if (several || (there && there->size == sym->size))
			continue;
		how = there ? g_strdup_printf("%" G_GUINT64_FORMAT " and %" G_GUINT64_FORMAT
					      " bytes",
					      sym->size, there->size) :
			      g_strdup("it is not there");
		return kgr_proof_fails(p, sym->sec, sym->value, how, error);
	}
	g_propagate_error(error, g_steal_pointer(&why));
	return false;
}

bool kgr_prove_unit(const char *object, const char *source, struct kgr_image *image,
		    const char *dir, GError **error)
{
	g_auto(kgr_proving) p = { .todo = g_queue_new(), .dir = dir };

	p.obj = kgr_obj_open(object, error);
	if (!p.obj || !kgr_view_open(&p.view, image, error))
		return false;
	p.placed = g_new0(bool, p.obj->nsecs);
	p.base = g_new0(uint64_t, p.obj->nsecs);
	if (!find_file(&p, source, error) || !place_sections(&p, error) ||
	    !compare_all(&p, error) || !kgr_prove_tables(&p, error))
		return false;
	/* What only the tables refer to. */
	return compare_all(&p, error);
}
