// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Selects from one compared unit: begins with what changed, and adds what that needs.
 *
 *	static int limit = 3;			new: goes along, as check() uses it
 *	static int check(int n)			changed; has a fentry: the kernel's own is redirected to it
 *	inline notrace int peek(void)		changed; none: what calls it has to be replaced
 *	int poll(void) { return peek(); }	the same, but calls peek(): goes along, is redirected
 *
 * 1. Pick what the diff changed or brought, functions that use a type with another layout, and callbacks (callbacks.c).
 *    Changed data is a refusal, with two exceptions (changed-data.c).
 * 2. Follow the references of what goes along: new functions and objects, and constants, go along too.
 * 3. Choose how the callers of the kernel's own come to each function, which may add those callers (hook.c).
 *    What new objects lack is told, or refused (fresh-state.c).
 *    What that brings in may refer to new objects of other files: all is selected again with their names (plan.c).
 * 4. Nothing that the kernel finds by a section's name may have got lost (linker-sets.c).
 */
#include <string.h>

#include "lib/debug.h"
#include "compare/guarded.h"
#include "select/linker-sets.h"
#include "lib/error.h"
#include "select/ibt.h"
#include "select/exports.h"
#include "select/fresh-state.h"
#include "select/select.h"
#include "select/selecting.h"
#include "elf/special-sections.h"
#include "elf/reloc.h"

void kgr_select_include(struct kgr_selecting *s, struct kgr_sym *sym, const char *format, ...)
{
	struct kgr_selected *selected;
	va_list args;

	if (kgr_selected(s->out, sym))
		return;
	selected = g_new0(struct kgr_selected, 1);
	va_start(args, format);
	selected->why = g_strdup_vprintf(format, args);
	va_end(args);
	g_hash_table_insert(s->out->selected, sym, selected);
	kgr_debug(KGR_DEBUG_SELECT, "%s goes along: %s", sym->name, selected->why);
	g_ptr_array_add(s->todo, sym);
}

void kgr_select_note(struct kgr_selecting *s, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list args;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	if (!g_ptr_array_find_with_equal_func(s->out->notes, text, g_str_equal, NULL))
		g_ptr_array_add(s->out->notes, g_steal_pointer(&text));
}

static void include_parts(struct kgr_selecting *s, struct kgr_sym *sym)
{
	size_t i;

	if (sym->parent)
		kgr_select_include(s, sym->parent, "part of it: %s", sym->name);
	for (i = 0; i < s->patched->nsyms; i++) {
		if (s->patched->syms[i].parent == sym)
			kgr_select_include(s, &s->patched->syms[i], "part of %s", sym->name);
	}
}

/*
 * No indirect branch may go to the kernel's own, as no code of the kernel takes its address. A copy has a landing pad, and
 * is as good: the address of the kernel's own is stored nowhere that it could be compared with.
 */
static bool needs_local_copy(const struct kgr_selecting *s, const struct kgr_rel *rel,
			     const struct kgr_target *t)
{
	return !t->offset && t->sym->verdict == KGR_SAME && t->sym->twin && t->sym->twin->sec &&
	       !kgr_sec_is_init(t->sym->sec) &&
	       kgr_own_lacks_endbr(s->out->in->kernel, s->image, s->file_idx, rel, t->sym);
}

/* Where the source declares it; g_free() it. */
static char *place_of(const struct kgr_sym *sym)
{
	return sym->scope ? g_strdup_printf("static in %s()", sym->scope) :
			    g_strdup("of the whole file");
}

/* By its name and type: so that whoever knows better can say so. */
static void note_other_place(struct kgr_selecting *s, const struct kgr_sym *sym)
{
	g_autofree char *is = NULL, *was = NULL;

	if (!sym->twin || !kgr_sym_is_state(sym) || !sym->source_name ||
	    !g_strcmp0(sym->scope, sym->twin->scope))
		return;
	is = place_of(sym);
	was = place_of(sym->twin);
	kgr_select_note(s, "%s, %s, is the kernel's %s, which was %s: it keeps what it holds",
			sym->source_name, is, sym->twin->source_name, was);
}

/* Its block is another one now: so that whoever knows better can say so. */
static void note_other_block(struct kgr_selecting *s, const struct kgr_sym *sym)
{
	if (sym->by_name)
		kgr_select_note(
			s,
			"%s, static in %s(), is taken for the kernel's %s, though the block that declares "
			"it is not as it was: it keeps what it holds",
			sym->source_name, sym->scope, sym->twin->name);
}

/* "const char *" without the const, as which char *'s bytes are good; g_free() it */
static char *without_qualifiers(const char *type)
{
	GString *out = g_string_new(type);

	g_string_replace(out, "const ", "", 0);
	g_string_replace(out, "volatile ", "", 0);
	return g_string_free(out, FALSE);
}

static bool is_pointer_to_any(const char *type)
{
	return !strcmp(type, "void *");
}

static bool is_spinlock(const char *type)
{
	return !strcmp(type, "spinlock_t") || !strcmp(type, "raw_spinlock_t");
}

/* Can the bytes of one be read as the other, of two that are of one size? */
static bool are_alike(const char *is, const char *was)
{
	return !strcmp(is, was) || (is_spinlock(is) && is_spinlock(was)) ||
	       (strchr(is, '*') && is_pointer_to_any(was)) ||
	       (strchr(was, '*') && is_pointer_to_any(is));
}

/* The bytes stay what they are, whatever they mean now: that must not be an address of something else. */
static bool check_other_type(struct kgr_selecting *s, const struct kgr_sym *sym, GError **error)
{
	g_autofree char *is = NULL, *was = NULL;

	if (!kgr_sym_is_object(sym) || !sym->twin || !sym->type_name || !sym->twin->type_name ||
	    !strcmp(sym->type_name, sym->twin->type_name))
		return true;
	is = without_qualifiers(sym->type_name);
	was = without_qualifiers(sym->twin->type_name);
	if (kgr_sym_is_state(sym) && sym->size == sym->twin->size &&
	    (sym->points || sym->twin->points) && !are_alike(is, was))
		return kgr_fail(
			error, KGR_REFUSED,
			"object %s is %s now, and was %s: the running kernel's keeps its bytes, "
			"which would be taken for a pointer or a lock, or are one; give it another "
			"name, so that it is a new one",
			sym->name, sym->type_name, sym->twin->type_name);
	kgr_select_note(s, "%s is %s now, and was %s: it keeps the bytes that it has", sym->name,
			sym->type_name, sym->twin->type_name);
	return true;
}

/* Another file defines it: it goes along if it is new there. */
static void want(struct kgr_selecting *s, const struct kgr_sym *undefined)
{
	g_hash_table_add(s->out->in->wanted, g_strdup(undefined->name));
}

static bool follow_target(struct kgr_selecting *s, const struct kgr_sym *from,
			  const struct kgr_rel *rel, const struct kgr_target *t, GError **error)
{
	if (t->kind == KGR_TARGET_SECTION) {
		uint64_t start = 0, end = t->sec->sh.sh_size;
		struct kgr_rel *rels;
		size_t i, count;

		/* A jump table and the like: it goes along, and so does what it points to. Of the kernel's tables it is one
		 * entry.
		 */
		kgr_special_entry_at(t->sec, t->pos, &start, &end);
		rels = kgr_sec_rels(t->sec, start, end, &count);
		for (i = 0; i < count; i++) {
			struct kgr_target inner;

			kgr_target(&rels[i], 0, &inner);
			if (inner.kind != KGR_TARGET_SYMBOL)
				continue;
			if (!inner.sym->sec)
				want(s, inner.sym);
			else if (inner.sym->verdict == KGR_NEW)
				kgr_select_include(s, inner.sym, "used by %s", from->name);
		}
		return true;
	}
	if (t->kind == KGR_TARGET_SYMBOL && !t->sym->sec)
		want(s, t->sym);
	if (t->kind != KGR_TARGET_SYMBOL || !t->sym->sec || kgr_selected(s->out, t->sym))
		return true;
	if (!check_other_type(s, t->sym, error))
		return false;
	note_other_place(s, t->sym);
	note_other_block(s, t->sym);
	if (kgr_sec_is_init(t->sym->sec) && t->sym->verdict == KGR_NEW)
		return kgr_fail(error, KGR_REFUSED,
				"%s needs %s, which is new and in %s: it would be gone after boot; "
				"take __init from it",
				from->name, t->sym->name, t->sym->sec->name);
	if (t->sym->verdict == KGR_NEW || !t->sym->twin || kgr_sym_is_constant(t->sym))
		kgr_select_include(s, t->sym, "used by %s", from->name);
	if (needs_local_copy(s, rel, t)) {
		kgr_select_include(
			s, t->sym,
			"%s takes its address, and the kernel's own allows no indirect branch (IBT)",
			from->name);
		kgr_selected(s->out, t->sym)->local_copy = true;
	}
	return true;
}

static bool follow_entry(struct kgr_selecting *s, const struct kgr_sym *func,
			 const struct kgr_special_walk *entry, GError **error)
{
	struct kgr_rel *rels;
	size_t count, i;
	bool ok = true;

	rels = kgr_sec_rels(entry->sec, entry->at, entry->next, &count);
	for (i = 0; ok && i < count; i++) {
		struct kgr_target t;

		kgr_target(&rels[i], 0, &t);
		if (t.kind == KGR_TARGET_SYMBOL && kgr_sym_is_object(t.sym) &&
		    t.sym->verdict == KGR_NEW)
			ok = follow_target(s, func, &rels[i], &t, error);
	}
	return ok;
}

/* The static key of a branch may be named in the kernel's table of branches alone. */
static bool follow_entries(struct kgr_selecting *s, const struct kgr_sym *func, GError **error)
{
	bool ok = true;
	size_t i;

	for (i = 1; ok && i < s->patched->nsecs; i++) {
		const struct kgr_sec *sec = &s->patched->secs[i];
		struct kgr_special_walk walk;

		if (!sec->special || sec->special->kind != KGR_SPECIAL_LATER)
			continue;
		walk = kgr_special_walk(sec, func);
		while (ok && kgr_special_next(&walk))
			ok = follow_entry(s, func, &walk, error);
	}
	return ok;
}

static bool follow(struct kgr_selecting *s, struct kgr_sym *sym, GError **error)
{
	struct kgr_rel *rels;
	size_t count, i;
	g_autofree int *biases = NULL;
	bool ok = true;

	if (sym->unsettled) {
		g_autofree char *place = place_of(sym);

		return kgr_fail(
			error, KGR_REFUSED,
			"%s, %s, may be new or the kernel's: %s; let the diff leave the block that "
			"declares it as it is, or give what is new a %s of its own",
			sym->source_name, place, sym->unsettled,
			kgr_sym_is_guard(sym) ? "guard" : "name");
	}
	if (kgr_sym_is_func(sym))
		include_parts(s, sym);
	else if (!kgr_check_fresh_state(s->orig, s->patched, sym, s->out->notes, error))
		return false;
	rels = kgr_sec_rels(sym->sec, sym->value, sym->value + sym->size, &count);
	if (kgr_sec_is_text(sym->sec)) {
		biases = kgr_insn_biases(s->patched, sym->sec, sym->value, sym->size, error);
		if (!biases)
			return false;
	}
	for (i = 0; ok && i < count; i++) {
		struct kgr_target t;

		kgr_target(&rels[i], biases ? biases[i] : 0, &t);
		ok = follow_target(s, sym, &rels[i], &t, error);
	}
	return ok && (!kgr_sym_is_func(sym) || follow_entries(s, sym, error));
}

bool kgr_select_follow(struct kgr_selecting *s, GError **error)
{
	while (s->todo->len) {
		struct kgr_sym *sym = g_ptr_array_index(s->todo, s->todo->len - 1);

		g_ptr_array_set_size(s->todo, (gint)s->todo->len - 1);
		if (!follow(s, sym, error))
			return false;
	}
	return true;
}

bool kgr_select_is_module_exit(const struct kgr_selecting *s, const struct kgr_sym *sym)
{
	return s->image->module && g_str_has_prefix(sym->sec->name, ".exit");
}

/* What runs once: of vmlinux it has; a module's init may again. */
static bool leave_alone(struct kgr_selecting *s, const struct kgr_sym *sym, GError **error)
{
	if (kgr_select_is_module_exit(s, sym))
		return kgr_fail(error, KGR_REFUSED,
				"%s (%s) runs when the module goes, and has no fentry to redirect; "
				"do without --no-kprobe",
				sym->name, sym->sec->name);
	kgr_select_note(s, "%s left alone: %s is gone after %s", sym->name, sym->sec->name,
			s->image->module ?
				"the module's init; a module that is loaded later still runs the "
				"old one" :
				"boot");
	return true;
}

bool kgr_select_is_exported(const struct kgr_selecting *s, const char *name)
{
	const struct kgr_kernel *k = s->out->in->kernel;

	return g_hash_table_contains(s->image->module ? k->module_exports : k->exported, name);
}

/* The patch exports what is new. It cannot export what the kernel has and did not export, and what the kernel exports
 * stays exported.
 */
static void pick_exports(struct kgr_selecting *s)
{
	g_autoptr(GPtrArray) exports = kgr_new_exports(s->orig, s->patched);
	g_autoptr(GPtrArray) gone = kgr_new_exports(s->patched, s->orig);
	guint i;

	for (i = 0; i < gone->len; i++) {
		const struct kgr_export *e = gone->pdata[i];

		kgr_select_note(s, "%s stays exported: modules may use it", e->name);
	}
	for (i = 0; i < exports->len; i++) {
		struct kgr_export *e = exports->pdata[i];
		bool moved = e->sym && kgr_moved_from(s->out, e->sym);

		if (moved && kgr_select_is_exported(s, e->name))
			continue;
		if (e->sym && !e->sym->twin && !moved && !kgr_sec_is_init(e->sym->sec)) {
			kgr_select_include(s, e->sym, "new, and exported");
			kgr_selected(s->out, e->sym)->exported = true;
			e->unit = s->unit;
			g_ptr_array_add(s->out->exports, e);
			exports->pdata[i] = NULL;
			continue;
		}
		kgr_select_note(
			s,
			"the new export %s is for this patch only: what the kernel has a patch cannot "
			"export",
			e->name);
	}
}

/* Did only boot call the kernel's own, which is gone? What refers to the name now is of the patch. */
static bool was_init(const struct kgr_selecting *s, const char *name)
{
	const struct kgr_sym *old = kgr_obj_defined(s->orig, name);

	return old && kgr_sec_has_run(old->sec);
}

/* A new one that other units may call; some that no diff touches call the kernel's own of that name. */
static bool pick_new(struct kgr_selecting *s, struct kgr_sym *sym, GError **error)
{
	const struct kgr_moved *moved = kgr_moved_from(s->out, sym);
	const struct kgr_image *image = s->image;

	if (moved) {
		kgr_select_include(s, sym, "moved from %s", moved->from->unit->source);
		return true;
	}
	if (kgr_image_has_global(image, sym->name) && !was_init(s, sym->name))
		return kgr_fail(error, KGR_REFUSED,
				"%s is new in %s, and %s has a function of that name: one that "
				"overrides another is not supported; change that where it is",
				sym->name, s->record->source, image->module ?: "the kernel");
	kgr_select_include(s, sym, "new");
	return true;
}

/* One that is new, and that another file's part of the patch refers to. */
static bool is_wanted(const struct kgr_selecting *s, const struct kgr_sym *sym)
{
	return sym->verdict == KGR_NEW && kgr_sym_is_object(sym) && sym->bind != STB_LOCAL &&
	       g_hash_table_contains(s->out->in->wanted, sym->name);
}

static bool pick_changed(struct kgr_selecting *s, GError **error)
{
	size_t i;

	pick_exports(s);
	for (i = 0; i < s->patched->nsyms; i++) {
		struct kgr_sym *sym = &s->patched->syms[i];

		if (!sym->sec || (sym->verdict != KGR_CHANGED && sym->verdict != KGR_NEW))
			continue;
		if (kgr_sec_is_init(sym->sec) &&
		    !(kgr_select_is_module_exit(s, sym) && !s->out->in->no_kprobe)) {
			if (!leave_alone(s, sym, error))
				return false;
			continue;
		}
		if (sym->verdict == KGR_CHANGED && kgr_sym_is_object(sym) &&
		    !kgr_sym_is_constant(sym) && !kgr_select_changed_object(s, sym, error))
			return false;
		if (sym->verdict == KGR_CHANGED && kgr_sym_is_func(sym)) {
			if (!kgr_image_overrides(s->image, sym->twin))
				kgr_select_include(s, sym, "%s", sym->cause ?: "changed");
			else
				kgr_select_note(
					s,
					"%s left alone: it is weak, and another file's is what the kernel "
					"has",
					sym->name);
		}
		if (is_wanted(s, sym))
			kgr_select_include(s, sym, "used in another file");
		if (sym->verdict == KGR_NEW && kgr_sym_is_func(sym) && sym->bind != STB_LOCAL &&
		    !pick_new(s, sym, error))
			return false;
	}
	return kgr_select_follow(s, error);
}

/* Modules of other builds call what is exported as they were compiled to. */
static bool check_signatures(struct kgr_selecting *s, GError **error)
{
	size_t i;

	for (i = 0; i < s->patched->nsyms; i++) {
		const struct kgr_sym *sym = &s->patched->syms[i];
		const struct kgr_moved *moved = kgr_moved_from(s->out, sym);
		const struct kgr_sym *old = moved ? moved->sym : sym->twin;

		if (old && sym->signature && old->signature &&
		    kgr_select_is_exported(s, old->name) &&
		    strcmp(sym->signature, old->signature) != 0)
			return kgr_fail(error, KGR_REFUSED,
					"%s is exported, and is %s now, was %s: modules call it as "
					"it was; add a function of another name instead",
					sym->name, sym->signature, old->signature);
	}
	return true;
}

/* Functions of one universe meet objects of one layout. */
static bool pick_users(struct kgr_selecting *s, const GPtrArray *users, GError **error)
{
	size_t i;

	for (i = 0; i < s->orig->nsyms; i++) {
		struct kgr_sym *sym = &s->orig->syms[i];

		if (!kgr_sym_is_func(sym) || !sym->source_name ||
		    !g_ptr_array_find_with_equal_func((GPtrArray *)users, sym->source_name,
						      g_str_equal, NULL))
			continue;
		if (kgr_sec_is_init(sym->sec) && !s->image->module)
			continue;
		if (!sym->twin || kgr_sec_is_init(sym->sec))
			return kgr_fail(
				error, KGR_REFUSED,
				"the diff changes the layout of a type that %s uses, which %s: "
				"so the old one stays in use; keep the layout",
				sym->name,
				sym->twin ? "runs again when the module is loaded" : "is gone");
		kgr_select_include(s, sym->twin, "uses a type that has another layout");
	}
	return kgr_select_follow(s, error);
}

bool kgr_select(const struct kgr_compared *of, struct kgr_selection *out, GError **error)
{
	g_autoptr(GPtrArray) todo = g_ptr_array_new();
	struct kgr_selecting s = {
		.unit = of->unit,
		.data = of->data,
		.orig = of->built,
		.patched = of->patched,
		.record = of->unit->record,
		.image = of->image,
		.file_idx = of->file_idx,
		.out = out,
		.todo = todo,
	};

	return check_signatures(&s, error) && pick_changed(&s, error) &&
	       pick_users(&s, of->users, error) && kgr_select_callbacks(&s, error) &&
	       kgr_replace_callers_of_others(&s, error) && kgr_choose_redirected(&s, error) &&
	       kgr_check_linker_sets(of, out, error);
}
