// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Gives every function and object of two objects of one unit its verdict. Of
 *
 *	orig				patched
 *	int f(void) { return 1; }	int f(void) { return g() + 1; }
 *	static int old;			static int g(void) { return 0; }
 *
 * f has a twin (correlate.c) and is compared with it: code as instructions (cmp-code.c), data with what it refers to
 * (cmp-refs.c). It is changed. g has no twin and is new, old has none and is gone. A reference is the same if it is to
 * the twin of what it was to, at the same place in it; so a function that calls what changed is itself the same.
 */
#include <string.h>

#include "lib/debug.h"
#include "compare/compare.h"
#include "lib/error.h"
#include "elf/local-relocs.h"
#include "compare/correlate.h"
#include "compare/cmp.h"
#include "elf/arch.h"
#include "elf/special-sections.h"

/* A global name of assembly in the file, which does not say how long what it names is. */
static bool is_label(const struct kgr_sym *sym)
{
	return sym->sec && sym->type == STT_NOTYPE && sym->bind != STB_LOCAL;
}

/* Are both to the same place of symbols that are each other's counterparts? */
static char *same_symbol(struct kgr_cmp *s, const struct kgr_ref *a, const struct kgr_ref *b,
			 int depth)
{
	const struct kgr_sym *x = a->sym, *y = b->sym, *twin = x->twin;
	bool same;

	(void)depth;
	if (y && ((!x->sec && !y->sec) || (is_label(x) && is_label(y))))
		same = !strcmp(x->name, y->name) && a->offset == b->offset;
	else if (kgr_sym_is_func(x))
		same = y && twin == y && kgr_cmp_place(s, a, b);
	else
		/* Where objects share a section, the end of one may be named as another's start. */
		same = twin && twin->sec && twin->sec == b->sec &&
		       twin->value + (uint64_t)a->offset == b->pos;
	return same ? NULL : kgr_cmp_other_ref(s, a, b);
}

/* Of a function whose size changed the sizes say more than the first instruction that did. */
static char *compare_code(struct kgr_cmp *s, struct kgr_sym *a, struct kgr_sym *b)
{
	g_autofree char *how = kgr_cmp_function(s, a, b);

	if (!how || a->size == b->size)
		return g_steal_pointer(&how);
	return g_strdup_printf("size %" G_GUINT64_FORMAT ", %s %" G_GUINT64_FORMAT, a->size,
			       s->other, b->size);
}

static char *compare_data(struct kgr_cmp *s, const struct kgr_sym *a, const struct kgr_sym *b)
{
	if (a->size != b->size)
		return g_strdup_printf("size %" G_GUINT64_FORMAT ", %s %" G_GUINT64_FORMAT, a->size,
				       s->other, b->size);
	g_hash_table_remove_all(s->literals);
	return kgr_cmp_region(s, a->sec, a->value, b->sec, b->value, b->size, 0);
}

static bool compare_pair(struct kgr_cmp *s, struct kgr_sym *orig, struct kgr_sym *patched,
			 GError **error)
{
	const struct kgr_sec *is = patched->sec, *was = orig->sec;

	if (kgr_sec_is_init(is) != kgr_sec_is_init(was) || !kgr_sec_stands_for(was, is) ||
	    (strcmp(is->name, was->name) &&
	     (is->sh.sh_flags & ~SHF_MERGE) != (was->sh.sh_flags & ~SHF_MERGE)))
		patched->cause =
			g_strdup_printf("now in section %s, was in %s", is->name, was->name);
	else if (kgr_sym_is_func(patched))
		patched->cause = compare_code(s, patched, orig);
	else
		patched->cause = compare_data(s, patched, orig);
	orig->verdict = patched->verdict = patched->cause ? KGR_CHANGED : KGR_SAME;
	if (!s->error && kgr_sym_is_func(patched) && kgr_cmp_code_of(s, &s->a, patched))
		kgr_cmp_code_of(s, &s->b, orig);
	if (!s->error)
		return true;
	g_propagate_error(error, g_steal_pointer(&s->error));
	return false;
}

static bool is_unit_symbol(const struct kgr_sym *sym)
{
	return (kgr_sym_is_func(sym) || kgr_sym_is_object(sym)) && !kgr_sym_is_constructor(sym) &&
	       sym->sec->sh.sh_flags & SHF_ALLOC && !sym->sec->special;
}

/* A function and its cold part are one: if either changed, both did. */
static void join_cold_parts(struct kgr_obj *obj)
{
	size_t i;

	for (i = 0; i < obj->nsyms; i++) {
		struct kgr_sym *part = &obj->syms[i], *whole = part->parent;

		if (!whole || (part->verdict == KGR_SAME && whole->verdict == KGR_SAME))
			continue;
		if (whole->verdict == KGR_SAME) {
			whole->verdict = KGR_CHANGED;
			whole->cause = g_strdup_printf("its cold part: %s", part->cause ?: "new");
			if (whole->twin)
				whole->twin->verdict = KGR_CHANGED;
		}
	}
}

/* What is in a table that cannot be read is not known of any function. */
static bool check_tables(const struct kgr_obj *obj, GError **error)
{
	size_t i;

	for (i = 1; i < obj->nsecs; i++) {
		const struct kgr_sec *sec = &obj->secs[i];
		const struct kgr_special *special = sec->special;

		if (special && special->kind != KGR_SPECIAL_DROP && sec->data && sec->sh.sh_size &&
		    !kgr_special_entry_size(special, sec))
			return kgr_fail(error, KGR_REFUSED,
					"%s: the entries of %s have an unknown layout; leave "
					"this file out of the diff",
					obj->path, sec->name);
	}
	return true;
}

static struct kgr_ref at_label(const struct kgr_sym *sym)
{
	return (struct kgr_ref){ .sec = sym->sec, .pos = sym->value, .kind = KGR_TARGET_SECTION };
}

/* Assembly in a C file is no function: it cannot be replaced. */
static bool check_labels(struct kgr_cmp *s, GError **error)
{
	struct kgr_obj *patched = s->a.obj, *orig = s->b.obj;
	size_t i, n;

	for (i = 0; i < patched->nsyms; i++) {
		for (n = 0; is_label(&patched->syms[i]) && n < orig->nsyms; n++) {
			struct kgr_ref a = at_label(&patched->syms[i]);
			struct kgr_ref b = at_label(&orig->syms[n]);
			g_autofree char *how = NULL;

			if (!is_label(&orig->syms[n]) ||
			    strcmp(patched->syms[i].name, orig->syms[n].name) != 0)
				continue;
			/* Behind the last of a section there is nothing. */
			if (a.pos == a.sec->sh.sh_size || b.pos == b.sec->sh.sh_size)
				continue;
			how = kgr_cmp_ref(s, &a, &b, 0);
			if (how)
				return kgr_fail(
					error, KGR_REFUSED,
					"%s, which assembly in the file defines, is not the same (%s): a live "
					"patch can only replace functions that the compiler made; leave the "
					"assembly as it is",
					patched->syms[i].name, how);
		}
	}
	return true;
}

/* Of what both have only what differs. */
static void say_verdicts(const struct kgr_obj *obj, bool gone)
{
	static const char *const words[] = { "same", "changed", "new", "gone" };
	size_t i;

	for (i = 0; i < obj->nsyms; i++) {
		const struct kgr_sym *sym = &obj->syms[i];

		if (sym->verdict != KGR_SAME && (sym->verdict == KGR_GONE) == gone)
			kgr_debug(KGR_DEBUG_COMPARE, "%s: %s (%s)%s%s", sym->name,
				  words[sym->verdict], sym->sec->name, sym->cause ? ": " : "",
				  sym->cause ?: "");
	}
}

/* The kernel's own is no more, once it has booted; a module's exit is there as long as the module. */
static void part_with_init(struct kgr_sym *sym)
{
	struct kgr_sym *old = sym->twin;

	if (kgr_sec_has_run(old->sec) && !kgr_sec_is_init(sym->sec))
		old->twin = sym->twin = NULL;
}

static bool compare_all(struct kgr_cmp *s, GError **error)
{
	struct kgr_obj *patched = s->a.obj, *orig = s->b.obj;
	size_t i;

	for (i = 0; i < patched->nsyms; i++) {
		if (is_unit_symbol(&patched->syms[i]) && patched->syms[i].twin)
			part_with_init(&patched->syms[i]);
	}

	for (i = 0; i < patched->nsyms; i++) {
		struct kgr_sym *sym = &patched->syms[i];

		if (!is_unit_symbol(sym))
			continue;
		if (!sym->twin)
			sym->verdict = KGR_NEW;
		else if (!compare_pair(s, sym->twin, sym, error))
			return false;
	}
	for (i = 0; i < orig->nsyms; i++) {
		if (is_unit_symbol(&orig->syms[i]) && !orig->syms[i].twin)
			orig->syms[i].verdict = KGR_GONE;
	}
	join_cold_parts(patched);
	return true;
}

/* How many bytes belong together there: those of a reference, or one. */
static uint64_t unit_at(const struct kgr_sym *sym, uint64_t offset)
{
	size_t count;
	const struct kgr_rel *rels =
		kgr_sec_rels(sym->sec, sym->value + offset, sym->value + offset + 1, &count);

	return count ? MAX(kgr_rel_width(&rels[0]), 1) : 1;
}

GArray *kgr_changed_offsets(struct kgr_obj *orig, struct kgr_obj *patched,
			    const struct kgr_sym *sym)
{
	GArray *out = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	const struct kgr_sym *twin = sym->twin;
	uint64_t at, size;
	struct kgr_cmp s;

	kgr_cmp_init(&s, patched, orig, "was");
	s.symbol = same_symbol;
	s.alike = true;
	for (at = 0; at < sym->size; at += size) {
		g_autofree char *how = NULL;

		size = MIN(MAX(unit_at(sym, at), unit_at(twin, at)), sym->size - at);
		how = kgr_cmp_region(&s, sym->sec, sym->value + at, twin->sec, twin->value + at,
				     size, 0);
		if (how)
			g_array_append_val(out, at);
	}
	g_clear_error(&s.error);
	kgr_cmp_clear(&s);
	return out;
}

bool kgr_compare(struct kgr_obj *orig, struct kgr_obj *patched, GError **error)
{
	struct kgr_cmp s;
	bool ok;

	if (orig->arch != patched->arch)
		return kgr_fail(error, KGR_TROUBLE,
				"%s is for %s, %s for %s: compare two objects of one architecture",
				orig->path, orig->arch->name, patched->path, patched->arch->name);
	if (!kgr_add_local_relocs(orig, error) || !kgr_add_local_relocs(patched, error) ||
	    !check_tables(orig, error) || !check_tables(patched, error))
		return false;
	kgr_correlate(orig, patched);
	kgr_cmp_init(&s, patched, orig, "was");
	s.symbol = same_symbol;
	s.alike = true;
	ok = compare_all(&s, error) && check_labels(&s, error);
	kgr_debug(KGR_DEBUG_COMPARE,
		  "%s: %u instructions, %u references and %u entries of tables compared",
		  patched->path, s.instructions, s.references, s.entries);
	if (ok && kgr_debug_on(KGR_DEBUG_COMPARE)) {
		say_verdicts(patched, false);
		say_verdicts(orig, true);
	}
	kgr_cmp_clear(&s);
	return ok;
}
