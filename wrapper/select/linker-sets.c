// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Sees that nothing that the kernel finds by a section's name gets lost.
 *
 * module_param(debug, int, 0) in a diff makes section __param a struct longer: the kernel has read that list already,
 * so a section of such a kind that has grown is a refusal, and so is one of a kind that is not known here. And a
 * function that goes along takes its entries of known lists with it (special-sections.h); one in a list that is not
 * known would lose it.
 */
#include <string.h>

#include "select/exports.h"
#include "select/linker-sets.h"
#include "lib/error.h"
#include "elf/special-sections.h"
#include "elf/symbol-name.h"
#include "elf/reloc.h"

/* Variables, which are found by their references; what others of this program, or the module loader, know. */
static bool is_ordinary(const struct kgr_arch *arch, const struct kgr_sec *sec)
{
	static const char *const data[] = { ".data", ".rodata", ".bss", ".ref.data", NULL };
	static const char *const known[] = { "___ksymtab",
					     "__ksymtab",
					     "__kcrctab",
					     ".export_symbol",
					     "__dyndbg",
					     ".printk_index",
					     "__trace_printk_fmt",
					     ".kgr.callbacks.",
					     ".modinfo",
					     ".note",
					     ".eh_frame",
					     ".init_array",
					     ".fini_array",
					     ".ctors",
					     ".dtors",
					     NULL };
	const struct kgr_special *unwind = kgr_special_unwind(arch);

	return kgr_begins_with(sec->name, data) || kgr_begins_with(sec->name, known) ||
	       kgr_sec_is_text(sec) || sec->special ||
	       (unwind && !strcmp(sec->name, unwind->unwind_data));
}

static const char *what_is_in(const struct kgr_arch *arch, const struct kgr_sec *sec)
{
	static const struct {
		const char *prefix, *what;
	} linker_sets[] = {
		{ "__param", "a new module parameter" },
		{ ".initcall", "a new initcall" },
		{ "__tracepoints", "a new tracepoint" },
		{ "_ftrace_events", "a new trace event" },
		{ "__syscalls_metadata", "a new system call" },
		{ ".BTF_ids", "new BTF ids" },
		{ ".pci_fixup", "a new PCI quirk" },
		{ "__dyndbg_classes", "a new class of debug messages" },
	};
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(linker_sets); i++) {
		if (g_str_has_prefix(sec->name, linker_sets[i].prefix))
			return linker_sets[i].what;
	}
	return kgr_sec_is_init(sec) || is_ordinary(arch, sec) ?
		       NULL :
		       "an entry of a kind that is not known";
}

static bool check_additions(const struct kgr_obj *orig, const struct kgr_obj *patched,
			    GError **error)
{
	size_t i;

	for (i = 1; i < patched->nsecs; i++) {
		const struct kgr_sec *sec = &patched->secs[i], *old;
		const char *what =
			sec->sh.sh_flags & SHF_ALLOC ? what_is_in(patched->arch, sec) : NULL;

		if (!what)
			continue;
		old = kgr_sec_named(orig, sec->name);
		if ((old ? old->sh.sh_size : 0) < sec->sh.sh_size)
			return kgr_fail(
				error, KGR_REFUSED,
				"the diff brings %s (%s); a live patch cannot add that: leave it out "
				"of the diff",
				what, sec->name);
	}
	return true;
}

static gint by_text(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Of BTF's ids only the names of symbols say what they are. */
static char *ids_in(const struct kgr_obj *obj, const struct kgr_sec *sec)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	size_t i;

	for (i = 1; i < obj->nsyms; i++) {
		const struct kgr_sym *sym = &obj->syms[i];
		g_autofree char *name = NULL;

		if (sym->sec != sec || sym->type == STT_SECTION)
			continue;
		name = kgr_name_without_numbers(sym->name);
		g_ptr_array_add(names, g_strdup_printf("%016" G_GINT64_MODIFIER "x %s\n",
						       sym->value, name));
	}
	g_ptr_array_sort(names, by_text);
	g_ptr_array_add(names, NULL);
	return g_strjoinv("", (char **)names->pdata);
}

/* Do two entries refer to what has one name, or is the same string? What has no name is not asked. */
static bool same_target(const struct kgr_rel *a, const struct kgr_rel *b)
{
	struct kgr_target x, y;
	uint64_t room;

	kgr_target(a, 0, &x);
	kgr_target(b, 0, &y);
	if (x.kind != y.kind)
		return false;
	if (x.kind == KGR_TARGET_SYMBOL)
		return x.offset == y.offset && kgr_name_same_but_numbers(x.sym->name, y.sym->name);
	if (x.kind != KGR_TARGET_STRING)
		return true;
	if (x.pos >= x.sec->sh.sh_size || y.pos >= y.sec->sh.sh_size)
		return false;
	room = MIN(x.sec->sh.sh_size - x.pos, y.sec->sh.sh_size - y.pos);
	return !strncmp((const char *)x.sec->data + x.pos, (const char *)y.sec->data + y.pos, room);
}

/* Of one size: the same bytes beside the references, and the same references. */
static bool has_same_entries(const struct kgr_sec *a, const struct kgr_sec *b)
{
	g_autofree uint8_t *x = g_memdup2(a->data, a->sh.sh_size);
	g_autofree uint8_t *y = g_memdup2(b->data, b->sh.sh_size);
	size_t i;

	if (!x || !y || a->nrels != b->nrels)
		return !x && !y;
	for (i = 0; i < a->nrels; i++) {
		uint64_t pos = a->rels[i].offset;

		if (pos != b->rels[i].offset || !same_target(&a->rels[i], &b->rels[i]))
			return false;
		kgr_rel_clear(&a->rels[i], x + pos, a->sh.sh_size - pos);
		kgr_rel_clear(&b->rels[i], y + pos, b->sh.sh_size - pos);
	}
	return !memcmp(x, y, a->sh.sh_size);
}

static bool is_same_set(const struct kgr_obj *orig, const struct kgr_sec *old,
			const struct kgr_obj *patched, const struct kgr_sec *sec)
{
	g_autofree char *ids = NULL, *others = NULL;

	if (!sec || sec->sh.sh_size != old->sh.sh_size || !has_same_entries(old, sec))
		return false;
	if (strcmp(sec->name, ".BTF_ids") != 0)
		return true;
	ids = ids_in(orig, old);
	others = ids_in(patched, sec);
	return !strcmp(ids, others);
}

/*
 * What is taken away from there stays, and may still be asked for: an id that is allowed to do more
 * than a fix wants it to.
 */
static bool must_not_stay(const struct kgr_sec *sec)
{
	return !strcmp(sec->name, ".BTF_ids") || g_str_has_prefix(sec->name, ".pci_fixup");
}

/* The kernel has read these lists. (Init code that is called by one has run, or will not.) */
static bool check_changes(const struct kgr_obj *orig, const struct kgr_obj *patched,
			  const struct kgr_selection *selection, GError **error)
{
	size_t i;

	for (i = 1; i < orig->nsecs; i++) {
		const struct kgr_sec *old = &orig->secs[i], *sec;

		if (!(old->sh.sh_flags & SHF_ALLOC) || !what_is_in(orig->arch, old) ||
		    strstr(old->name, "initcall"))
			continue;
		sec = kgr_sec_named(patched, old->name);
		if (is_same_set(orig, old, patched, sec))
			continue;
		if ((!sec || sec->sh.sh_size < old->sh.sh_size) && !must_not_stay(old)) {
			g_ptr_array_add(selection->notes,
					g_strdup_printf("what the diff takes away from section %s "
							"stays in the kernel",
							old->name));
			continue;
		}
		return kgr_fail(
			error, KGR_REFUSED,
			"the diff changes or takes away an entry of section %s, which the kernel has "
			"read already: leave that out of the diff",
			old->name);
	}
	return true;
}

/* An object refers to it, or an anonymous constant such as a jump table. */
static bool may_keep(const struct kgr_sec *sec, const struct kgr_rel *rel)
{
	return kgr_sec_sym_at(sec, rel->offset) || g_str_has_prefix(sec->name, ".rodata");
}

/* A table that this program does not know must not lose an entry of a function that moves. */
static bool check_entries(const struct kgr_obj *patched, const struct kgr_selection *selection,
			  GError **error)
{
	size_t i, r;

	for (i = 1; i < patched->nsecs; i++) {
		const struct kgr_sec *sec = &patched->secs[i];

		if (!(sec->sh.sh_flags & SHF_ALLOC) || sec->special || kgr_sec_is_init(sec) ||
		    kgr_sec_is_exports(sec) || kgr_sec_is_text(sec))
			continue;
		for (r = 0; r < sec->nrels; r++) {
			struct kgr_target t;

			kgr_target(&sec->rels[r], 0, &t);
			if (t.kind == KGR_TARGET_SYMBOL && kgr_selected(selection, t.sym) &&
			    kgr_sym_is_func(t.sym) && !may_keep(sec, &sec->rels[r]))
				return kgr_fail(
					error, KGR_REFUSED,
					"%s has an entry in section %s, which is not known and would "
					"lack the patch's function; change another function instead",
					t.sym->name, sec->name);
		}
	}
	return true;
}

/* Taken away, it stays at the kernel's own, which is hooked by it. */
static bool check_fentries(const struct kgr_obj *orig, const struct kgr_obj *patched,
			   const struct kgr_selection *selection, GError **error)
{
	const struct kgr_special *fentries =
		kgr_special_find(patched->arch, patched->arch->fentry_list);
	size_t i;

	if (!kgr_sec_named(patched, fentries->name))
		return true;
	for (i = 0; i < patched->nsyms; i++) {
		const struct kgr_sym *sym = &patched->syms[i];

		if (kgr_selected(selection, sym) && sym->twin && kgr_sym_is_func(sym) &&
		    kgr_special_entry_of(fentries, orig, sym->twin) &&
		    !kgr_special_entry_of(fentries, patched, sym))
			return kgr_fail(
				error, KGR_REFUSED,
				"the diff makes %s notrace, and the running kernel's keeps its fentry, "
				"by which it is hooked: leave that out, or give the function another "
				"name",
				sym->name);
	}
	return true;
}

/* What may be done with a function: the copy's entry goes along, and that of the kernel's own one stays. */
static bool check_permissions(const struct kgr_obj *orig, const struct kgr_obj *patched,
			      const struct kgr_selection *selection, GError **error)
{
	static const char *const lists[] = { "_kprobe_blacklist", "_error_injection_whitelist" };
	size_t i, l;

	for (i = 0; i < patched->nsyms; i++) {
		const struct kgr_sym *sym = &patched->syms[i];

		if (!kgr_selected(selection, sym) || !sym->twin || !kgr_sym_is_func(sym))
			continue;
		for (l = 0; l < G_N_ELEMENTS(lists); l++) {
			const struct kgr_special *special =
				kgr_special_find(patched->arch, lists[l]);
			const uint8_t *is = kgr_special_entry_of(special, patched, sym);
			const uint8_t *was = kgr_special_entry_of(special, orig, sym->twin);

			if (is == was || (is && was && !memcmp(is, was, special->layouts[0].size)))
				continue;
			return kgr_fail(
				error, KGR_REFUSED,
				"the diff changes what %s says of %s; that of the kernel stays as "
				"it is: leave it out",
				lists[l], sym->name);
		}
	}
	return true;
}

bool kgr_check_linker_sets(const struct kgr_compared *of, const struct kgr_selection *selection,
			   GError **error)
{
	return check_additions(of->built, of->patched, error) &&
	       check_changes(of->built, of->patched, selection, error) &&
	       check_fentries(of->built, of->patched, selection, error) &&
	       check_permissions(of->built, of->patched, selection, error) &&
	       check_entries(of->patched, selection, error);
}
