// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Takes the code and the data of what was selected, and makes each reference one to what it means in a patch.
 *
 *	int f(void)			changed, with a fentry: copied to .text..kgraft
 *	{
 *		limit++;		the kernel's variable: an entry of .kgr.relocs, for the runtime
 *		kfree(p);		exported: stays an undefined symbol, for the module loader
 *		pr_info("...");		the string is copied, once
 *		return g(f);		f's address is that of the kernel's f, for all code; g is new: the copy's
 *	}
 *
 * First every selected symbol of all units gets its place, then each unit's tables are looked at for code that will be
 * rewritten, its references are copied, and then its tables, entry by entry (extract-tables.c). Last come values that the
 * kernel's own objects shall have (extract-data.c).
 */
#include <string.h>

#include <kgraft-abi.h>
#include "lib/debug.h"
#include "lib/error.h"
#include "extract/extracting.h"
#include "select/ibt.h"
#include "elf/arch.h"
#include "elf/special-sections.h"
#include "elf/reloc.h"

/* Placing: where each included symbol goes. */

/*
 * One section, so that the runtime can tell code of the graft from its own by two symbols. From 6.19 on modules' code is linked
 * into .text if its section is called .text.SOMETHING (scripts/module.lds.S); kgr-prove wants to find it by itself.
 */
static struct kgr_out_sec *text_section(struct kgr_extracting *x)
{
	return kgr_out_section(x->graft, ".text..kgraft", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR,
			       16);
}

static struct kgr_out_sec *data_section(struct kgr_extracting *x, const struct kgr_sec *sec)
{
	uint64_t flags = sec->sh.sh_flags & (SHF_ALLOC | SHF_WRITE);

	/*
	 * The module loader looks for these by name (kernel/module/main.c, find_pcpusec()), and no linker script joins
	 * .data..percpu..shared_aligned and the like for a module; the latter two are records in a row.
	 */
	if (kgr_sec_storage(sec) == KGR_STORAGE_PERCPU)
		return kgr_out_section(x->graft, ".data..percpu", SHT_PROGBITS, flags, 1);
	if (!strcmp(sec->name, "__dyndbg") || !strcmp(sec->name, "__trace_printk_fmt"))
		return kgr_out_section(x->graft, sec->name, SHT_PROGBITS, flags, 1);
	if (sec->sh.sh_type == SHT_NOBITS)
		return kgr_out_section(x->graft, ".bss", SHT_NOBITS, flags, 1);
	if (flags & SHF_WRITE)
		return kgr_out_section(x->graft, ".data", SHT_PROGBITS, flags, 1);
	return kgr_out_section(x->graft, ".rodata", SHT_PROGBITS, flags, 1);
}

/* The name in the graft: functions have one of their own, unless they are exported. */
static char *name_of(const struct kgr_sym *sym, const struct kgr_selected *selected)
{
	const char *base = sym->parent ? sym->parent->name : sym->name;

	if (!kgr_sym_is_func(sym) || selected->exported)
		return g_strdup(sym->name);
	return g_strconcat(base, KGR_NEW_SUFFIX, sym->name + strlen(base), NULL);
}

/* Where the function is already under another name, as a module's exit function is under cleanup_module; NULL: it is not. */
static const struct kgr_place *find_other_name(const struct kgr_extracting *x,
					       const struct kgr_obj *obj, const struct kgr_sym *sym)
{
	const struct kgr_sym *other;

	for (other = obj->syms; kgr_sym_is_func(sym) && other < sym; other++) {
		if (other->sec == sym->sec && other->value == sym->value &&
		    other->size == sym->size && kgr_sym_is_func(other) &&
		    g_hash_table_contains(x->places, other))
			return g_hash_table_lookup(x->places, other);
	}
	return NULL;
}

/* Tables' entries belong to one of a function's names (kgr_special_owner()), so there is one copy, for all of them. */
static void place_symbol(struct kgr_extracting *x, const struct kgr_obj *obj, struct kgr_sym *sym)
{
	const struct kgr_place *other = find_other_name(x, obj, sym);
	const struct kgr_selected *selected = kgr_selected(x->selection, sym);
	g_autofree char *name = name_of(sym, selected);
	struct kgr_place *p = g_new0(struct kgr_place, 1);
	const uint8_t *bytes = sym->sec->data ? sym->sec->data + sym->value : NULL;

	p->shared = other;
	p->sec = kgr_sym_is_func(sym) ? text_section(x) : data_section(x, sym->sec);
	p->offset = other ? other->offset :
			    kgr_out_append(
				    p->sec, bytes, sym->size,
				    kgr_sym_is_func(sym) ? 16 : MAX(sym->sec->sh.sh_addralign, 1));
	p->symbol = kgr_out_symbol(
		x->graft, name,
		ELF64_ST_INFO(selected->exported ? STB_GLOBAL : STB_LOCAL, sym->type), p->sec,
		p->offset, sym->size);
	kgr_debug(KGR_DEBUG_EXTRACT, "%s is in %s at 0x%" G_GINT64_MODIFIER "x", sym->name,
		  p->sec->name, p->offset);
	g_hash_table_insert(x->places, sym, p);
	if (sym->bind != STB_LOCAL && !sym->twin && !selected->redirected)
		g_hash_table_insert(x->globals, (void *)sym->name, sym);
}

/* Constants without a name are copied. */

/*
 * What UBSAN says of one place in a function; writable, since it remembers that it has said so (lib/ubsan.c). The
 * kernel's copy is the old function's.
 */
static bool is_check_of_code(const struct kgr_sec *sec)
{
	return g_str_has_prefix(sec->name, ".data..Lubsan_");
}

static struct kgr_out_sec *place_section(struct kgr_extracting *x, const struct kgr_sec *sec,
					 GError **error)
{
	struct kgr_out_sec *to = g_hash_table_lookup(x->sections, sec);
	uint64_t flags = sec->sh.sh_flags & (SHF_ALLOC | SHF_WRITE);
	g_autofree char *name = NULL;

	if (to)
		return to;
	if (kgr_sec_is_text(sec) || !(flags & SHF_ALLOC) || !sec->data || sec->special ||
	    (flags & SHF_WRITE && !is_check_of_code(sec))) {
		kgr_fail(
			error, KGR_REFUSED,
			"a reference into %s that no symbol names is not supported; leave the function "
			"that has it out of the fix",
			sec->name);
		return NULL;
	}
	name = g_strdup_printf(flags & SHF_WRITE ? ".data.kgr.%u" : ".rodata.kgr.%u", x->counter++);
	to = kgr_out_section(x->graft, name, SHT_PROGBITS, flags, MAX(sec->sh.sh_addralign, 1));
	g_hash_table_insert(x->sections, (void *)sec, to);
	kgr_out_append(to, sec->data, sec->sh.sh_size, 1);
	if (!kgr_extract_rels(x, sec, 0, sec->sh.sh_size, &(struct kgr_rel_place){ .sec = to },
			      error))
		return NULL;
	return to;
}

/* One past the end is still a place: a loop over the last literal ends there. */
static bool refer_to_string(struct kgr_extracting *x, const struct kgr_rel *rel, int bias,
			    const struct kgr_target *t, const struct kgr_rel_place *at,
			    GError **error)
{
	if (t->pos > t->sec->sh.sh_size || !t->sec->data)
		return kgr_fail(
			error, KGR_REFUSED,
			"a reference leaves %s: its object is damaged; build the kernel again",
			t->sec->name);
	kgr_extract_string(x, rel, bias, t, at);
	return true;
}

/* One static_cpu_has()'s part, which the code before its alternative is chosen jumps to. */
static bool refer_to_aux(struct kgr_extracting *x, const struct kgr_rel *rel, int bias,
			 const struct kgr_target *t, const struct kgr_rel_place *at, GError **error)
{
	struct kgr_out_sec *aux =
		kgr_out_section(x->graft, t->sec->name, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 1);
	uint64_t size = x->graft->arch->aux_part(t->sec, t->pos);
	struct kgr_rel_place part = { .sec = aux };

	if (!size)
		return kgr_fail(
			error, KGR_REFUSED,
			"%s+0x%" G_GINT64_MODIFIER
			"x is not understood: no test of a CPU feature as the kernel's headers "
			"write them; leave the function that jumps there out of the fix",
			t->sec->name, t->pos);
	part.offset = kgr_out_append(aux, t->sec->data + t->pos, size, 1);
	kgr_out_reloc(at->sec, at->offset, rel->type, aux->symbol, (int64_t)part.offset - bias);
	return kgr_extract_rels(x, t->sec, t->pos, size, &part, error);
}

/* An entry of a table that is about the code that refers to it. */
static bool refer_to_entry(struct kgr_extracting *x, const struct kgr_rel *rel, int bias,
			   const struct kgr_target *t, const struct kgr_rel_place *at)
{
	uint64_t in;
	const struct kgr_place *p = t->sec ? kgr_extract_entry(x, t->sec, t->pos, &in) : NULL;

	if (p)
		kgr_out_reloc(at->sec, at->offset, rel->type, p->sec->symbol,
			      (int64_t)(p->offset + in) - bias);
	return p;
}

/* References that leave the graft. */

static guint outside_symbol(struct kgr_extracting *x, const struct kgr_ksym *ksym)
{
	gpointer have = g_hash_table_lookup(x->outside, ksym);
	struct kgr_reloc_sym entry = { ksym->address, ksym->fixed, 0 };

	if (!have) {
		uint64_t at;

		entry.object = kgr_module_ref_number(x->objects, ksym->image);
		if (entry.object)
			entry.address = kgr_module_ref_symbol(x->objects, ksym);
		at = kgr_out_append(x->syms, &entry, sizeof(entry), 8);
		have = GSIZE_TO_POINTER(at / sizeof(entry) + 1);
		g_hash_table_insert(x->outside, (void *)ksym, have);
	}
	return GPOINTER_TO_UINT(have) - 1;
}

/* A module's unit may refer to its own module, to others that it depends on, and to vmlinux. */
static struct kgr_image *image_with(struct kgr_extracting *x, const struct kgr_sym *sym,
				    GError **error)
{
	const char *owner;

	if (!x->from->image->module || sym->bind == STB_LOCAL ||
	    g_hash_table_contains(x->from->image->by_name, sym->name))
		return x->from->image;
	owner = g_hash_table_lookup(x->kernel->module_exports, sym->name);
	return owner ? kgr_kernel_module(x->kernel, owner, error) : x->kernel->vmlinux;
}

/* The kernel knows of a loaded module's symbols those that stay after its init, of data only with KALLSYMS_ALL. */
static bool check_module_symbol(struct kgr_extracting *x, const struct kgr_ksym *ksym,
				GError **error)
{
	if (!ksym->outlives_init)
		return kgr_fail(error, KGR_REFUSED,
				"%s is gone after the init of module %s; do without it in the fix",
				ksym->name, ksym->image->module);
	if (ksym->type != STT_FUNC && !kgr_kernel_config(x->kernel, "KALLSYMS_ALL"))
		return kgr_fail(
			error, KGR_REFUSED,
			"%s is data of module %s, to be found only with CONFIG_KALLSYMS_ALL; build "
			"the kernel with that, or do without it in the fix",
			ksym->name, ksym->image->module);
	return true;
}

/* Where the source says that an object lies: known if it has a section of its own, and in what has addresses. */
static bool is_aligned(const struct kgr_sym *sym, const struct kgr_ksym *ksym)
{
	bool alone = sym->sec && sym->sec->syms->len == 1 && !kgr_sec_is_text(sym->sec);

	return !alone || ksym->image->module || sym->sec->sh.sh_addralign < 2 ||
	       !(ksym->address % sym->sec->sh.sh_addralign);
}

const struct kgr_ksym *kgr_extract_find(struct kgr_extracting *x, const struct kgr_sym *sym,
					GError **error)
{
	const struct kgr_sym *named = sym->twin ?: sym;
	struct kgr_image *image = image_with(x, named, error);
	const struct kgr_ksym *ksym;

	if (!image)
		return NULL;
	ksym = kgr_image_find(image, x->from->file_idx, named->name, named->bind == STB_LOCAL,
			      error);
	if (!ksym || (image->module && !check_module_symbol(x, ksym, error)))
		return NULL;
	if (sym->sec && sym->size && ksym->size != sym->size && !kgr_sym_is_func(sym)) {
		kgr_fail(error, KGR_REFUSED,
			 "object %s has %" G_GUINT64_FORMAT
			 " bytes, in %s it has %" G_GUINT64_FORMAT
			 "; build the kernel again and boot that",
			 sym->name, sym->size, image->path, ksym->size);
		return NULL;
	}
	if (!is_aligned(sym, ksym)) {
		kgr_fail(
			error, KGR_REFUSED,
			"object %s is to be at a multiple of %" G_GUINT64_FORMAT
			", and the kernel's is not; leave its alignment as it is, or have the diff "
			"use a new one",
			sym->name, sym->sec->sh.sh_addralign);
		return NULL;
	}
	return ksym;
}

static bool check_address(const struct kgr_extracting *x, const struct kgr_rel *rel,
			  const struct kgr_ksym *ksym, GError **error)
{
	if (!kgr_lacks_endbr(x->kernel, rel, ksym))
		return true;
	return kgr_fail(
		error, KGR_REFUSED,
		"the address of %s is taken, but the running kernel does not allow indirect "
		"branches to it (IBT): call it from a new function and take that one's "
		"address",
		ksym->name);
}

/* Shadow variables, where the kernel has none (runtime/shadow.c). */
static bool is_of_runtime(const char *name)
{
	static const char *const names[] = {
		"klp_shadow_get",  "klp_shadow_alloc",	  "klp_shadow_get_or_alloc",
		"klp_shadow_free", "klp_shadow_free_all", NULL,
	};

	return g_strv_contains(names, name);
}

/* Without asking for a namespace: an export that has one is referred to as what is not exported. */
static bool is_for_all(const struct kgr_kernel *k, const char *name)
{
	const char *namespace = g_hash_table_lookup(k->exported, name);

	return namespace && !*namespace;
}

static void say_where(const struct kgr_rel_place *at, const char *name, const char *where)
{
	kgr_debug(KGR_DEBUG_EXTRACT, "%s+0x%" G_GINT64_MODIFIER "x refers to %s: %s", at->sec->name,
		  at->offset, name, where);
}

bool kgr_extract_outside(struct kgr_extracting *x, const struct kgr_rel *rel,
			 const struct kgr_sym *sym, int64_t addend, const struct kgr_rel_place *at,
			 GError **error)
{
	const struct kgr_ksym *ksym;
	struct kgr_reloc entry = { .addend = addend, .type = kgr_rel_abi_type(rel) };
	uint64_t place;
	guint i;

	if (sym->bind != STB_LOCAL && !kgr_rel_is_value(rel) &&
	    (is_for_all(x->kernel, sym->name) || is_of_runtime(sym->name))) {
		kgr_out_reloc(at->sec, at->offset, rel->type,
			      kgr_out_undefined(x->graft, sym->name), addend);
		say_where(at, sym->name, "an export, which the module loader finds");
		return true;
	}
	ksym = kgr_extract_find(x, sym, error);
	if (!ksym || !check_address(x, rel, ksym, error))
		return false;
	for (i = 0; i < x->rewritten->len; i++) {
		const struct kgr_rewritten *r =
			&g_array_index(x->rewritten, struct kgr_rewritten, i);

		if (r->sec == at->sec && at->offset >= r->start && at->offset < r->end)
			return kgr_fail(
				error, KGR_REFUSED,
				"code that %s rewrites refers to %s, which is not "
				"exported: not supported yet; leave that use of it out of the fix",
				r->table, sym->name);
	}
	entry.sym = outside_symbol(x, ksym);
	say_where(at, sym->name, ksym->image->module ?: "vmlinux, which the runtime finds");
	place = kgr_out_append(x->relocs, &entry, sizeof(entry), 8);
	kgr_out_reloc(x->relocs, place, x->graft->arch->pointer, at->sec->symbol,
		      (int64_t)at->offset);
	return true;
}

/* Objects that share a section part here: some stay the kernel's, some are the patch's own. */
static bool check_neighbours(const struct kgr_extracting *x, const struct kgr_target *t,
			     GError **error)
{
	bool selected = t->sym && kgr_selected(x->selection, t->sym);
	guint i;

	for (i = 0; t->sym && t->sym->sec && i < t->sym->sec->syms->len; i++) {
		const struct kgr_sym *other = t->sym->sec->syms->pdata[i];

		if (!!kgr_selected(x->selection, other) != selected && kgr_target_may_be(t, other))
			return kgr_fail(
				error, KGR_REFUSED,
				"a reference to %s may be to the end of %s, which lies "
				"beside it in %s; only one of them stays where it is: put the new one "
				"into a section of its own",
				t->sym->name, other->name, other->sec->name);
	}
	return true;
}

static bool may_be_table(const struct kgr_sym *sym)
{
	return !sym->type_name || strchr(sym->type_name, '[');
}

/*
 * A loop over the second member of a table's elements begins that far into the table, and ends as far behind it: there lies another
 * object, and if one of the two stays the kernel's, the loop does not end.
 */
static bool check_end(const struct kgr_extracting *x, const struct kgr_target *begin,
		      const struct kgr_target *end, GError **error)
{
	const struct kgr_sym *table = begin->sym, *other = end->sym;

	/* Two of one type that are no tables have members in the same place. */
	if (table == other || table->sec != other->sec || !may_be_table(table) ||
	    other->value + (uint64_t)end->offset !=
		    table->value + table->size + (uint64_t)begin->offset ||
	    !kgr_selected(x->selection, table) == !kgr_selected(x->selection, other))
		return true;
	return kgr_fail(
		error, KGR_REFUSED,
		"a reference to %s may be to the end of %s, which lies before it in %s; only "
		"one of them stays where it is: put the new one into a section of its own",
		other->name, table->name, table->sec->name);
}

/* Of a reference into data that several objects share. */
static bool is_shared(const struct kgr_target *t)
{
	return t->kind == KGR_TARGET_SYMBOL && t->sym->sec && t->sym->sec->syms->len > 1 &&
	       !kgr_sec_is_text(t->sym->sec);
}

static bool check_loops(const struct kgr_extracting *x, const struct kgr_sym *sym, GError **error)
{
	g_autoptr(GArray) shared = g_array_new(FALSE, FALSE, sizeof(struct kgr_target));
	g_autofree int *biases = NULL;
	struct kgr_rel *rels;
	size_t count, i;
	guint n, m;

	rels = kgr_sec_rels(sym->sec, sym->value, sym->value + sym->size, &count);
	if (!count || !kgr_sym_is_func(sym))
		return true;
	biases = kgr_insn_biases(x->from->patched, sym->sec, sym->value, sym->size, error);
	if (!biases)
		return false;
	for (i = 0; i < count; i++) {
		struct kgr_target t;

		kgr_target(&rels[i], biases[i], &t);
		if (is_shared(&t))
			g_array_append_val(shared, t);
	}
	for (n = 0; n < shared->len; n++) {
		const struct kgr_target *begin = &g_array_index(shared, struct kgr_target, n);

		for (m = 0; begin->offset > 0 && m < shared->len; m++) {
			if (!check_end(x, begin, &g_array_index(shared, struct kgr_target, m),
				       error))
				return false;
		}
	}
	return true;
}

/* Is it the place of the function at hand, under whatever name? */
static bool is_inside(const struct kgr_extracting *x, const struct kgr_sym *inside,
		      const struct kgr_place *p)
{
	const struct kgr_place *own = inside ? g_hash_table_lookup(x->places, inside) : NULL;

	return own && own->sec == p->sec && own->offset == p->offset;
}

/*
 * One reference. What points into the middle of the function that it is inside of means this copy of it, while the
 * address of its start is, for all code, that of the function that is running.
 */
bool kgr_extract_rel(struct kgr_extracting *x, const struct kgr_rel *rel, int bias,
		     const struct kgr_rel_place *at, GError **error)
{
	struct kgr_target t;
	struct kgr_place *p;
	struct kgr_sym *other;

	if (!kgr_rel_width(rel))
		return kgr_fail(
			error, KGR_REFUSED,
			"relocation type %u is not supported; leave the function that has it out of "
			"the fix",
			rel->type);
	kgr_target(rel, bias, &t);
	if (kgr_rel_is_short(rel))
		return kgr_fail(
			error, KGR_REFUSED,
			"a short jump to %s, which lies beside it: not supported yet; leave the "
			"function that jumps out of the fix",
			t.sym ? t.sym->name : t.sec->name);
	if (t.kind == KGR_TARGET_STRING)
		return refer_to_string(x, rel, bias, &t, at, error);
	if (!check_neighbours(x, &t, error))
		return false;
	if (t.kind == KGR_TARGET_SECTION && kgr_sec_is_aux(x->graft->arch, t.sec))
		return refer_to_aux(x, rel, bias, &t, at, error);
	if (refer_to_entry(x, rel, bias, &t, at))
		return true;
	if (t.kind == KGR_TARGET_CONST || t.kind == KGR_TARGET_SECTION) {
		struct kgr_out_sec *sec = place_section(x, t.sec, error);

		if (sec)
			kgr_out_reloc(at->sec, at->offset, rel->type, sec->symbol,
				      (int64_t)t.pos - bias);
		return sec != NULL;
	}
	p = g_hash_table_lookup(x->places, t.sym);
	/* If the kernel's own has no ENDBR, its address is stored nowhere: the copy's is as good. */
	if (p &&
	    (!kgr_is_redirected(x->selection, t.sym) || t.offset || is_inside(x, at->inside, p) ||
	     kgr_own_lacks_endbr(x->kernel, x->from->image, x->from->file_idx, rel, t.sym))) {
		kgr_out_reloc(at->sec, at->offset, rel->type, p->symbol, t.offset - bias);
		say_where(at, t.sym->name, "the patch's own");
		return true;
	}
	other = t.sym->sec ? NULL : g_hash_table_lookup(x->globals, t.sym->name);
	if (other) {
		p = g_hash_table_lookup(x->places, other);
		say_where(at, other->name, "the patch's own, of another unit");
		kgr_out_reloc(at->sec, at->offset, rel->type, p->symbol, t.offset - bias);
		return true;
	}
	if (t.sym->sec && kgr_sym_is_func(t.sym) && t.offset)
		return kgr_fail(
			error, KGR_REFUSED,
			"a reference into the middle of %s, of which the running kernel's has another "
			"one; change that function as well, or leave what refers to it out of the fix",
			t.sym->name);
	return kgr_extract_outside(x, rel, t.sym, t.offset - bias, at, error);
}

bool kgr_extract_rels(struct kgr_extracting *x, const struct kgr_sec *sec, uint64_t start,
		      uint64_t size, const struct kgr_rel_place *at, GError **error)
{
	g_autofree int *biases = NULL;
	struct kgr_rel *rels;
	size_t count, i;

	rels = kgr_sec_rels(sec, start, start + size, &count);
	if (kgr_sec_is_text(sec) && count) {
		biases = kgr_insn_biases(x->from->patched, sec, start, size, error);
		if (!biases)
			return false;
	}
	for (i = 0; i < count; i++) {
		struct kgr_rel_place place = *at;

		place.offset += rels[i].offset - start;
		if (!kgr_extract_rel(x, &rels[i], biases ? biases[i] : 0, &place, error))
			return false;
	}
	return true;
}

static bool extract_unit(struct kgr_extracting *x, GError **error)
{
	struct kgr_obj *obj = x->from->patched;
	size_t i;

	if (!kgr_extract_scan_tables(x, error))
		return false;
	for (i = 0; i < obj->nsyms; i++) {
		struct kgr_sym *sym = &obj->syms[i];
		struct kgr_place *p = g_hash_table_lookup(x->places, sym);

		if (p && !p->shared && !check_loops(x, sym, error))
			return false;
		if (p && !p->shared && sym->sec->data &&
		    !kgr_extract_rels(x, sym->sec, sym->value, sym->size,
				      &(struct kgr_rel_place){ p->sec, p->offset, NULL }, error))
			return false;
	}
	if (!kgr_extract_tables(x, error))
		return false;
	kgr_extract_strings(x);
	return true;
}

static void bound(struct kgr_extracting *x, const char *name, struct kgr_out_sec *sec)
{
	g_autofree char *end = g_strconcat(name, "_end", NULL);

	kgr_out_symbol(x->graft, name, ELF64_ST_INFO(STB_GLOBAL, STT_NOTYPE), sec, 0, 0);
	kgr_out_symbol(x->graft, end, ELF64_ST_INFO(STB_GLOBAL, STT_NOTYPE), sec, sec->data->len,
		       0);
}

/* The runtime has entries of its own in these: patch.o begins the table, the graft ends it. */
static void end_of_table(struct kgr_extracting *x, const char *name, const char *section)
{
	struct kgr_out_sec *sec =
		kgr_out_section(x->graft, section, SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 8);

	kgr_out_symbol(x->graft, name, ELF64_ST_INFO(STB_GLOBAL, STT_NOTYPE), sec, sec->data->len,
		       0);
}

/* The tables whose keys are a module's: kgr_jumps_<n>, kgr_calls_<n>, and where they end. */
static void name_tables(struct kgr_extracting *x, guint number)
{
	static const struct {
		const char *name, *section;
	} tables[] = {
		{ "kgr_jumps", ".kgr.jump_table" },
		{ "kgr_calls", ".kgr.static_call_sites" },
	};
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(tables); i++) {
		g_autofree char *section = g_strdup_printf("%s.%u", tables[i].section, number);
		g_autofree char *name = g_strdup_printf("%s_%u", tables[i].name, number);

		bound(x, name,
		      kgr_out_section(x->graft, section, SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 8));
	}
}

/* A second, global name for a function of the graft. */
static void name_function(struct kgr_extracting *x, const struct kgr_sym *sym, const char *name)
{
	const struct kgr_place *p = g_hash_table_lookup(x->places, sym);

	kgr_out_symbol(x->graft, name, ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), p->sec, p->offset,
		       sym->size);
}

/* The cold part of a function of the graft; NULL if it has none. */
static const struct kgr_sym *cold_part(const struct kgr_extracting *x,
				       const struct kgr_sym *function)
{
	const struct kgr_sym *sym;
	GHashTableIter iter;

	g_hash_table_iter_init(&iter, x->places);
	while (g_hash_table_iter_next(&iter, (gpointer *)&sym, NULL)) {
		if (sym->parent == function)
			return sym;
	}
	return NULL;
}

static void name_redirected(struct kgr_extracting *x, const struct kgr_sym *function, guint number)
{
	g_autofree char *name = g_strdup_printf("kgr_new_%u", number);
	g_autofree char *cold_name = g_strdup_printf("kgr_new_%u_cold", number);
	const struct kgr_sym *cold = cold_part(x, function);

	name_function(x, function, name);
	if (cold)
		name_function(x, cold, cold_name);
}

static void name_for_runtime(struct kgr_extracting *x, const struct kgr_selection *selection)
{
	guint i;

	for (i = 0; i < selection->redirected->len; i++)
		name_redirected(x, selection->redirected->pdata[i], i);
	for (i = 0; i < selection->callbacks->len; i++) {
		const struct kgr_callback *c =
			&g_array_index(selection->callbacks, struct kgr_callback, i);
		g_autofree char *name = g_strdup_printf(
			"kgr_callback_%u_%u", kgr_module_ref_number(x->objects, c->image), c->kind);

		name_function(x, c->sym, name);
	}
	bound(x, "kgr_text", text_section(x));
	bound(x, "kgr_syms", x->syms);
	bound(x, "kgr_relocs", x->relocs);
	end_of_table(x, "kgr_jump_table_end", ".kgr.jump_table");
	end_of_table(x, "kgr_static_calls_end", ".kgr.static_call_sites");
	bound(x, "kgr_fixed_jumps",
	      kgr_out_section(x->graft, ".kgr.fixed_jumps", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE,
			      8));
	for (i = 0; i < x->objects->len; i++)
		name_tables(x, i + 1);
}

static void place_all(struct kgr_extracting *x, const GPtrArray *sources)
{
	guint i;
	size_t n;

	for (i = 0; i < sources->len; i++) {
		const struct kgr_compared *src = sources->pdata[i];

		kgr_module_ref_number(x->objects, src->image);
		for (n = 0; n < src->patched->nsyms; n++) {
			if (kgr_selected(x->selection, &src->patched->syms[n]))
				place_symbol(x, src->patched, &src->patched->syms[n]);
		}
	}
}

struct kgr_out_obj *kgr_extract(struct kgr_kernel *kernel, GPtrArray *sources,
				const struct kgr_selection *selection, GPtrArray *objects,
				const struct kgr_compared **at, GError **error)
{
	g_autoptr(kgr_out_obj) graft = kgr_out_new(kernel->vmlinux->arch);
	g_autoptr(GHashTable) places = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	g_autoptr(GHashTable) globals = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GHashTable) strings = g_hash_table_new_full(g_bytes_hash, g_bytes_equal,
							      (GDestroyNotify)g_bytes_unref, NULL);
	g_autoptr(GArray) string_refs = kgr_extract_string_refs_new();
	g_autoptr(GHashTable) sections = g_hash_table_new(NULL, NULL);
	g_autoptr(GHashTable) entries = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	g_autoptr(GHashTable) outside = g_hash_table_new(NULL, NULL);
	g_autoptr(GArray) rewritten = g_array_new(FALSE, FALSE, sizeof(struct kgr_rewritten));
	struct kgr_extracting x = {
		.kernel = kernel,
		.graft = graft,
		.selection = selection,
		.objects = objects,
		.places = places,
		.globals = globals,
		.strings = strings,
		.string_refs = string_refs,
		.sections = sections,
		.entries = entries,
		.outside = outside,
		.rewritten = rewritten,
	};
	guint i;

	x.syms = kgr_out_section(graft, ".kgr.syms", SHT_PROGBITS, SHF_ALLOC, 8);
	x.relocs = kgr_out_section(graft, ".kgr.relocs", SHT_PROGBITS, SHF_ALLOC, 8);
	place_all(&x, sources);
	for (i = 0; i < sources->len; i++) {
		x.from = sources->pdata[i];
		if (extract_unit(&x, error))
			continue;
		if (at)
			*at = x.from;
		return NULL;
	}
	if (!kgr_extract_data(&x, error))
		return NULL;
	name_for_runtime(&x, selection);
	return g_steal_pointer(&graft);
}
