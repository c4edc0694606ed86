// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Selects from one compared unit: begins with what changed, adds what that needs, and asks of each function how the
 * callers of the kernel's own come to it.
 *
 *	static int limit = 3;			new: goes along, as check() uses it
 *	static int check(int n)			changed; has a fentry: the kernel's own is redirected to it
 *	inline notrace int peek(void)		changed; none: what calls it has to be replaced
 *	int poll(void) { return peek(); }	the same, but calls peek(): goes along, is redirected
 *
 * 1. Pick what the diff changed or brought, functions that use a type with another layout, and callbacks. Changed
 *    data is a refusal, unless it is a table that only functions read (const-tables.c), or was asked for: then a callback
 *    deals with it, or, if there is none, the runtime (data-values.c).
 * 2. Follow the references of what goes along: new functions and objects, and constants, go along too.
 * 3. Ask the record of each function for its fentry. With one, the kernel's own is redirected. Without, all that
 *    call it are picked, and their references followed, until nothing more is added; where not all are known it takes a
 *    breakpoint, or is refused.
 *    What new objects lack is told, or refused (fresh-state.c).
 *    What that brings in may refer to new objects of other files: all is selected again with their names (plan.c).
 * 4. Nothing that the kernel finds by a section's name may have got lost (linker-sets.c).
 */
#include <string.h>

#include "lib/debug.h"
#include "compare/guarded.h"
#include "select/callers-in-unit.h"
#include "select/linker-sets.h"
#include "lib/error.h"
#include "select/ibt.h"
#include "elf/arch.h"
#include "select/const-tables.h"
#include "select/data-values.h"
#include "select/exports.h"
#include "select/fresh-state.h"
#include "select/select.h"
#include "elf/special-sections.h"
#include "elf/reloc.h"

struct selecting {
	const struct kgr_unit *unit;
	const GPtrArray *data; /* of struct kgr_data_object; or NULL */
	struct kgr_obj *orig, *patched; /* as built, and with the diff */
	const struct kgr_record *record;
	struct kgr_image *image;
	unsigned int file_idx; /* of its STT_FILE there */
	struct kgr_selection *out;
	GPtrArray *todo; /* selected, references not followed yet */
};

static void include(struct selecting *s, struct kgr_sym *sym, const char *format, ...)
	G_GNUC_PRINTF(3, 4);

static void include(struct selecting *s, struct kgr_sym *sym, const char *format, ...)
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

static void note(struct selecting *s, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Once, however often it comes up. */
static void note(struct selecting *s, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list args;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	if (!g_ptr_array_find_with_equal_func(s->out->notes, text, g_str_equal, NULL))
		g_ptr_array_add(s->out->notes, g_steal_pointer(&text));
}

static void include_parts(struct selecting *s, struct kgr_sym *sym)
{
	size_t i;

	if (sym->parent)
		include(s, sym->parent, "part of it: %s", sym->name);
	for (i = 0; i < s->patched->nsyms; i++) {
		if (s->patched->syms[i].parent == sym)
			include(s, &s->patched->syms[i], "part of %s", sym->name);
	}
}

/*
 * No indirect branch may go to the kernel's own, as no code of the kernel takes its address. A copy has a landing pad, and
 * is as good: the address of the kernel's own is stored nowhere that it could be compared with.
 */
static bool needs_local_copy(const struct selecting *s, const struct kgr_rel *rel,
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
static void note_other_place(struct selecting *s, const struct kgr_sym *sym)
{
	g_autofree char *is = NULL, *was = NULL;

	if (!sym->twin || !kgr_sym_is_state(sym) || !sym->source_name ||
	    !g_strcmp0(sym->scope, sym->twin->scope))
		return;
	is = place_of(sym);
	was = place_of(sym->twin);
	note(s, "%s, %s, is the kernel's %s, which was %s: it keeps what it holds",
	     sym->source_name, is, sym->twin->source_name, was);
}

/* Its block is another one now: so that whoever knows better can say so. */
static void note_other_block(struct selecting *s, const struct kgr_sym *sym)
{
	if (sym->by_name)
		note(s,
		     "%s, static in %s(), is taken for the kernel's %s, though the block that declares "
		     "it is not as it was: it keeps what it holds",
		     sym->source_name, sym->scope, sym->twin->name);
}

/* "const char *" without the const, as which char *'s bytes are good; g_free() it */
static char *without_qualifiers(const char *type)
{
	g_auto(GStrv) words = g_strsplit(type, "const ", -1);
	g_autofree char *joined = g_strjoinv("", words);
	g_auto(GStrv) others = g_strsplit(joined, "volatile ", -1);

	return g_strjoinv("", others);
}

/* The bytes stay what they are, whatever they mean now: that must not be an address of something else. */
static bool check_other_type(struct selecting *s, const struct kgr_sym *sym, GError **error)
{
	g_autofree char *is = NULL, *was = NULL;

	if (!kgr_sym_is_object(sym) || !sym->twin || !sym->type_name || !sym->twin->type_name ||
	    !strcmp(sym->type_name, sym->twin->type_name))
		return true;
	is = without_qualifiers(sym->type_name);
	was = without_qualifiers(sym->twin->type_name);
	if (kgr_sym_is_state(sym) && sym->size == sym->twin->size &&
	    (sym->points || sym->twin->points) && strcmp(is, was) != 0)
		return kgr_fail(
			error, KGR_REFUSED,
			"object %s is %s now, and was %s: the running kernel's keeps its bytes, "
			"which would be taken for a pointer or a lock, or are one; give it another "
			"name, so that it is a new one",
			sym->name, sym->type_name, sym->twin->type_name);
	note(s, "%s is %s now, and was %s: it keeps the bytes that it has", sym->name,
	     sym->type_name, sym->twin->type_name);
	return true;
}

/* Another file defines it: it goes along if it is new there. */
static void want(struct selecting *s, const struct kgr_sym *undefined)
{
	g_hash_table_add(s->out->in->wanted, g_strdup(undefined->name));
}

static bool follow_target(struct selecting *s, const struct kgr_sym *from,
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
				include(s, inner.sym, "used by %s", from->name);
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
		include(s, t->sym, "used by %s", from->name);
	if (needs_local_copy(s, rel, t)) {
		include(s, t->sym,
			"%s takes its address, and the kernel's own allows no indirect branch (IBT)",
			from->name);
		kgr_selected(s->out, t->sym)->local_copy = true;
	}
	return true;
}

static bool follow(struct selecting *s, struct kgr_sym *sym, GError **error)
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
		biases = kgr_insn_biases(s->patched, sym->sec, sym->value, sym->size, rels, count,
					 error);
		if (!biases)
			return false;
	}
	for (i = 0; ok && i < count; i++) {
		struct kgr_target t;

		kgr_target(&rels[i], biases ? biases[i] : 0, &t);
		ok = follow_target(s, sym, &rels[i], &t, error);
	}
	return ok;
}

static bool follow_all(struct selecting *s, GError **error)
{
	while (s->todo->len) {
		struct kgr_sym *sym = g_ptr_array_index(s->todo, s->todo->len - 1);

		g_ptr_array_set_size(s->todo, (gint)s->todo->len - 1);
		if (!follow(s, sym, error))
			return false;
	}
	return true;
}

/* Where the bytes begin to differ, for a person; empty if it is references that do. */
static char *first_difference(const struct kgr_sym *a, const struct kgr_sym *b)
{
	uint64_t size = MIN(a->size, b->size), i;

	for (i = 0; a->sec->data && b->sec->data && i < size; i++) {
		if (a->sec->data[a->value + i] != b->sec->data[b->value + i])
			return g_strdup_printf(", byte %" G_GUINT64_FORMAT " on", i);
	}
	return g_strdup("");
}

/* Where kgraft-macros.h names the callback, or NULL. */
static const struct kgr_sec *callback_section(const struct kgr_obj *patched, unsigned int kind)
{
	g_autofree char *name = g_strconcat(".kgr.callbacks.", kgr_callback_kinds[kind], NULL);

	return kgr_sec_named(patched, name);
}

static bool has_callback(const struct kgr_obj *patched)
{
	unsigned int kind;

	for (kind = 0; kind < KGR_CALLBACK_KINDS; kind++) {
		if (callback_section(patched, kind))
			return true;
	}
	return false;
}

/* It is known of every object that was asked for and has the size that it had. */
static struct kgr_data_object *values_of(const struct selecting *s, const struct kgr_sym *sym)
{
	guint i = 0;

	while (((struct kgr_data_object *)s->data->pdata[i])->sym != sym)
		i++;
	return s->data->pdata[i];
}

/* By the runtime. */
static bool write_data(struct selecting *s, const struct kgr_sym *sym, GError **error)
{
	struct kgr_data_object *object = values_of(s, sym);

	if (object->why_not)
		return kgr_fail(error, KGR_REFUSED,
				"object %s (%s) has another initial value, which a patch cannot "
				"write: %s; change the code that uses it instead, or have a "
				"callback change the object",
				sym->name, sym->sec->name, object->why_not);
	g_ptr_array_add(s->out->data, object);
	if (object->values->len > 1)
		note(s,
		     "%s: %u values, each written in one store, but not all at once: who reads "
		     "several may find some of them written",
		     sym->name, object->values->len);
	return true;
}

static bool changed_object(struct selecting *s, const struct kgr_sym *sym, GError **error)
{
	g_autofree char *where = first_difference(sym->twin, sym);
	const char *const *data = (const char *const *)s->out->in->allow_data;
	bool allowed = data && g_strv_contains(data, sym->twin->name);

	if (!kgr_sec_stands_for(sym->twin->sec, sym->sec))
		return kgr_fail(error, KGR_REFUSED,
				"object %s is in %s now, and was in %s: the running kernel's stays "
				"where it is; have the diff use a new one",
				sym->name, sym->sec->name, sym->twin->sec->name);
	if (sym->size != sym->twin->size)
		return kgr_fail(
			error, KGR_REFUSED,
			"object %s (%s) has another size (%" G_GUINT64_FORMAT
			", was %" G_GUINT64_FORMAT
			"); the running kernel's object has its place between others and cannot "
			"become another: leave it as it is, and have the diff use a new one",
			sym->name, sym->sec->name, sym->size, sym->twin->size);
	if (!allowed)
		return kgr_fail(
			error, KGR_REFUSED,
			"object %s (%s) has another initial value (%s%s); the running kernel's "
			"object has long been in use and is not overwritten unasked: change the "
			"code that uses it instead, or see --allow-data",
			sym->name, sym->sec->name, sym->cause ?: "data", where);
	if (!has_callback(s->patched))
		return write_data(s, sym, error);
	note(s,
	     "%s has another initial value (%s%s), which is left to the callback, as was allowed",
	     sym->name, sym->cause ?: "data", where);
	return true;
}

/* Runs when the module is unloaded, and so may be patched. */
static bool is_module_exit(const struct selecting *s, const struct kgr_sym *sym)
{
	return s->image->module && g_str_has_prefix(sym->sec->name, ".exit");
}

/* What runs once: of vmlinux it has; a module's init may again. */
static bool leave_alone(struct selecting *s, const struct kgr_sym *sym, GError **error)
{
	if (is_module_exit(s, sym))
		return kgr_fail(error, KGR_REFUSED,
				"%s (%s) runs when the module goes, and has no fentry to redirect; "
				"do without --no-kprobe",
				sym->name, sym->sec->name);
	note(s, "%s left alone: %s is gone after %s", sym->name, sym->sec->name,
	     s->image->module ? "the module's init; a module that is loaded later still runs the "
				"old one" :
				"boot");
	return true;
}

/* The patch's functions read the new table; the old one stays, and so do pointers into it. */
static bool copy_table(struct selecting *s, struct kgr_sym *sym, GError **error)
{
	g_autoptr(GPtrArray) readers = NULL;
	guint i;

	if (!kgr_is_read_by_functions(s->orig, sym->twin) ||
	    !kgr_is_read_by_functions(s->patched, sym))
		return changed_object(s, sym, error);
	include(s, sym, "%s", sym->cause ?: "changed");
	readers = kgr_unselected_readers(s->out, s->patched, sym);
	for (i = 0; i < readers->len; i++)
		include(s, readers->pdata[i], "reads %s, which changed", sym->name);
	note(s,
	     "%s: all functions that read it are replaced; what they read of it before and stored stays as it "
	     "is",
	     sym->name);
	return true;
}

/* May a module that is not of this build call it? */
static bool is_exported(const struct selecting *s, const char *name)
{
	const struct kgr_kernel *k = s->out->in->kernel;

	return g_hash_table_contains(s->image->module ? k->module_exports : k->exported, name);
}

/* The patch exports what is new. It cannot export what the kernel has and did not export, and what the kernel exports
 * stays exported.
 */
static void pick_exports(struct selecting *s)
{
	g_autoptr(GPtrArray) exports = kgr_new_exports(s->orig, s->patched);
	g_autoptr(GPtrArray) gone = kgr_new_exports(s->patched, s->orig);
	guint i;

	for (i = 0; i < gone->len; i++) {
		const struct kgr_export *e = gone->pdata[i];

		note(s, "%s stays exported: modules may use it", e->name);
	}
	for (i = 0; i < exports->len; i++) {
		struct kgr_export *e = exports->pdata[i];
		bool moved = e->sym && kgr_moved_from(s->out, e->sym);

		if (moved && is_exported(s, e->name))
			continue;
		if (e->sym && !e->sym->twin && !moved && !kgr_sec_is_init(e->sym->sec)) {
			include(s, e->sym, "new, and exported");
			kgr_selected(s->out, e->sym)->exported = true;
			e->unit = s->unit;
			g_ptr_array_add(s->out->exports, e);
			exports->pdata[i] = NULL;
			continue;
		}
		note(s,
		     "the new export %s is for this patch only: what the kernel has a patch cannot "
		     "export",
		     e->name);
	}
}

/* Did only boot call the kernel's own, which is gone? What refers to the name now is of the patch. */
static bool was_init(const struct selecting *s, const char *name)
{
	const struct kgr_sym *old = kgr_obj_defined(s->orig, name);

	return old && kgr_sec_has_run(old->sec);
}

/* A new one that other units may call; some that no diff touches call the kernel's own of that name. */
static bool pick_new(struct selecting *s, struct kgr_sym *sym, GError **error)
{
	const struct kgr_moved *moved = kgr_moved_from(s->out, sym);
	const struct kgr_image *image = s->image;

	if (moved) {
		include(s, sym, "moved from %s", moved->from->unit->source);
		return true;
	}
	if (kgr_image_has_global(image, sym->name) && !was_init(s, sym->name))
		return kgr_fail(error, KGR_REFUSED,
				"%s is new in %s, and %s has a function of that name: one that "
				"overrides another is not supported; change that where it is",
				sym->name, s->record->source, image->module ?: "the kernel");
	include(s, sym, "new");
	return true;
}

/* One that is new, and that another file's part of the patch refers to. */
static bool is_wanted(const struct selecting *s, const struct kgr_sym *sym)
{
	return sym->verdict == KGR_NEW && kgr_sym_is_object(sym) && sym->bind != STB_LOCAL &&
	       g_hash_table_contains(s->out->in->wanted, sym->name);
}

static bool pick_changed(struct selecting *s, GError **error)
{
	size_t i;

	pick_exports(s);
	for (i = 0; i < s->patched->nsyms; i++) {
		struct kgr_sym *sym = &s->patched->syms[i];

		if (!sym->sec || (sym->verdict != KGR_CHANGED && sym->verdict != KGR_NEW))
			continue;
		if (kgr_sec_is_init(sym->sec) &&
		    !(is_module_exit(s, sym) && !s->out->in->no_kprobe)) {
			if (!leave_alone(s, sym, error))
				return false;
			continue;
		}
		if (sym->verdict == KGR_CHANGED && kgr_sym_is_object(sym) &&
		    !kgr_sym_is_constant(sym) && !copy_table(s, sym, error))
			return false;
		if (sym->verdict == KGR_CHANGED && kgr_sym_is_func(sym)) {
			if (!kgr_image_overrides(s->image, sym->twin))
				include(s, sym, "%s", sym->cause ?: "changed");
			else
				note(s,
				     "%s left alone: it is weak, and another file's is what the kernel "
				     "has",
				     sym->name);
		}
		if (is_wanted(s, sym))
			include(s, sym, "used in another file");
		if (sym->verdict == KGR_NEW && kgr_sym_is_func(sym) && sym->bind != STB_LOCAL &&
		    !pick_new(s, sym, error))
			return false;
	}
	return follow_all(s, error);
}

/* Modules of other builds call what is exported as they were compiled to. */
static bool check_signatures(struct selecting *s, GError **error)
{
	size_t i;

	for (i = 0; i < s->patched->nsyms; i++) {
		const struct kgr_sym *sym = &s->patched->syms[i];
		const struct kgr_moved *moved = kgr_moved_from(s->out, sym);
		const struct kgr_sym *old = moved ? moved->sym : sym->twin;

		if (old && sym->signature && old->signature && is_exported(s, old->name) &&
		    strcmp(sym->signature, old->signature) != 0)
			return kgr_fail(error, KGR_REFUSED,
					"%s is exported, and is %s now, was %s: modules call it as "
					"it was; add a function of another name instead",
					sym->name, sym->signature, old->signature);
	}
	return true;
}

static void redirect(struct selecting *s, struct kgr_sym *sym)
{
	kgr_debug(KGR_DEBUG_SELECT, "%s is redirected", sym->name);
	kgr_selected(s->out, sym)->redirected = true;
	g_ptr_array_add(s->out->redirected, sym);
}

/*
 * The kernel takes no kprobe there: what runs in it may be the way to a breakpoint's handler. So may what debugging
 * kernels call from everywhere, and what is called by tracepoints, of which there is one on that way
 * (notifier_call_chain()).
 */
static bool may_have_breakpoint(const struct selecting *s, const struct kgr_sym *sym)
{
	static const char *const everywhere[] = { "kernel/events/",
						  "kernel/extable.",
						  "kernel/kcov.",
						  "kernel/kcsan/",
						  "kernel/locking/",
						  "kernel/rcu/",
						  "kernel/trace/",
						  "kernel/stackleak.",
						  "mm/kasan/",
						  "mm/kmsan/",
						  NULL };
	const struct kgr_arch *arch = s->patched->arch;

	return !kgr_begins_with(sym->sec->name, arch->no_kprobes) &&
	       !kgr_begins_with(s->unit->source, everywhere) &&
	       !kgr_begins_with(s->unit->source, arch->no_breakpoints) &&
	       !kgr_special_entry_of(kgr_special_find(arch, "_kprobe_blacklist"), s->orig,
				     sym->twin);
}

/*
 * Nor may one be on an instruction that the kernel rewrites itself, that is a trap, or that may fault: the table that
 * says so of the one with which the function begins, behind the landing pad, or NULL.
 */
static const char *begins_with(const struct selecting *s, const struct kgr_sym *old)
{
	const struct kgr_arch *arch = s->orig->arch;
	const struct kgr_sym *first = kgr_sym_first_name(old);
	uint64_t start = kgr_landing_pad(arch, old->sec->data + old->value, old->size);
	size_t i;

	for (i = 0; i < arch->nspecials; i++) {
		const struct kgr_special *special = &arch->specials[i];
		const struct kgr_sec *sec =
			special->forbids_breakpoint ? kgr_sec_named(s->orig, special->name) : NULL;
		unsigned int size = sec && sec->data ? kgr_special_entry_size(special, sec) : 0;
		uint64_t at, in;

		for (at = 0; size && at < sec->sh.sh_size; at += size) {
			if (kgr_special_owner(special, sec, at, &in) == first && in == start)
				return special->name;
		}
	}
	return NULL;
}

/*
 * What to do about a function that cannot be redirected at all. Who calls it by its address, which @where has, if that is known,
 * has to go on doing so.
 */
static char *instead_of(const struct selecting *s, const struct kgr_sym *sym, bool exported,
			const struct kgr_xref *where)
{
	g_autofree char *who = NULL;

	if (exported)
		return g_strdup("change its callers instead");
	if (where->sec)
		who = g_strdup_printf("%s in %s", where->from ? where->from->name : "something",
				      where->sec->name);
	return g_strdup_printf(
		"nor can its callers be changed instead, as %s refers to it: leave out of the diff "
		"what needs it (%s: %s), and boot a kernel that has that",
		who		       ? who :
		is_module_exit(s, sym) ? "the module" :
					 "another file",
		sym->name, kgr_selected(s->out, sym)->why);
}

static bool redirect_by_breakpoint(struct selecting *s, struct kgr_sym *sym, const char *why_not,
				   const char *instead, GError **error)
{
	struct kgr_selected *selected = kgr_selected(s->out, sym);
	const char *table = begins_with(s, sym->twin);
	g_autofree char *why = NULL;

	if (!may_have_breakpoint(s, sym))
		return kgr_fail(
			error, KGR_REFUSED,
			"%s %s, so ftrace cannot hook it, and no breakpoint may be there either, "
			"in %s of %s, as its handler may come by; %s",
			sym->name, why_not, sym->sec->name, s->unit->source, instead);
	if (table)
		return kgr_fail(
			error, KGR_REFUSED,
			"%s %s, so ftrace cannot hook it, and no breakpoint may be where it begins "
			"either: %s has an entry for that; %s",
			sym->name, why_not, table, instead);
	selected->by_breakpoint = true;
	why = g_steal_pointer(&selected->why);
	selected->why = g_strdup_printf(
		"%s; by a breakpoint, then a jump at its top, as it %s and ftrace cannot hook it",
		why, why_not);
	redirect(s, sym);
	return true;
}

static bool replace_callers(struct selecting *s, struct kgr_sym *sym, const char *why_not,
			    GError **error)
{
	g_autoptr(GPtrArray) callers = kgr_unselected_users(s->out, s->patched, sym);
	guint i;

	kgr_debug(KGR_DEBUG_SELECT, "%s %s: its callers are replaced", sym->name, why_not);
	for (i = 0; i < callers->len; i++) {
		include(s, callers->pdata[i], "calls %s, which %s, so ftrace cannot hook it",
			sym->name, why_not);
		if (!follow_all(s, error))
			return false;
	}
	return true;
}

/* Is its address in data, or taken by a function, in the kernel or in the patch, so that it may be called by that at any time? */
static bool has_unknown_callers(const struct selecting *s, const struct kgr_sym *orig,
				const struct kgr_sym *patched, struct kgr_xref *where)
{
	return kgr_find_stored_address(s->out, s->patched, patched, where) ||
	       kgr_find_address_taken(s->patched, patched, where) ||
	       (orig && kgr_find_address_taken(s->orig, orig, where));
}

/* @breakpoint: would one do, if it were not for --no-kprobe? */
static bool refuse_unknown_callers(const struct kgr_sym *sym, const char *why_not,
				   const struct kgr_xref *where, bool breakpoint, GError **error)
{
	return kgr_fail(
		error, KGR_REFUSED,
		"%s %s, so ftrace cannot hook it, and %s in %s refers to it, so its callers "
		"are not all known; %s",
		sym->name, why_not, where->from ? where->from->name : "something", where->sec->name,
		breakpoint ? "change those instead, or do without --no-kprobe" :
			     "nor may a breakpoint be there: leave out of the diff what needs it, "
			     "and boot a kernel that has that");
}

static struct kgr_no_fentry *no_fentry_of(struct selecting *s, const char *name,
					  const char *why_not)
{
	struct kgr_no_fentry *no_fentry;
	guint i;

	for (i = 0; i < s->out->in->no_fentry->len; i++) {
		no_fentry = s->out->in->no_fentry->pdata[i];
		if (no_fentry->image == s->image && !strcmp(no_fentry->name, name))
			return no_fentry;
	}
	no_fentry = g_new0(struct kgr_no_fentry, 1);
	*no_fentry = (struct kgr_no_fentry){ g_strdup(name), why_not, .image = s->image };
	g_ptr_array_add(s->out->in->no_fentry, no_fentry);
	return no_fentry;
}

/*
 * ftrace cannot hook a function without fentry. It need not if all its callers are replaced too, so they are, as long as
 * they are known: they call it directly, and were compiled with this kernel.
 */
static bool do_without_fentry(struct selecting *s, struct kgr_sym *sym, const char *why_not,
			      GError **error)
{
	bool global = sym->twin->bind != STB_LOCAL, ends = is_module_exit(s, sym);
	bool exported = global && is_exported(s, sym->twin->name);
	struct kgr_no_fentry *others = NULL; /* callers in other files */
	g_autofree char *instead = NULL;
	struct kgr_xref where = { 0 };

	if (!ends && !exported && !has_unknown_callers(s, sym->twin, sym, &where)) {
		others = global ? no_fentry_of(s, sym->twin->name, why_not) : NULL;
		if (!others || !others->impossible) {
			kgr_selected(s->out, sym)->callers_replaced = true;
			return replace_callers(s, sym, why_not, error);
		}
		where.sec = NULL; /* that is in another file */
	}
	if (!s->out->in->no_kprobe) {
		if (others)
			others->by_breakpoint = true;
		instead = instead_of(s, sym, exported, &where);
		return redirect_by_breakpoint(s, sym, why_not, instead, error);
	}
	if (exported)
		return kgr_fail(
			error, KGR_REFUSED,
			"%s %s, so ftrace cannot hook it, and it is exported, so any module "
			"may call it; change its callers instead, or do without --no-kprobe",
			sym->name, why_not);
	return refuse_unknown_callers(sym, why_not, &where,
				      may_have_breakpoint(s, sym) && !begins_with(s, sym->twin),
				      error);
}

/* Functions of other files that ftrace cannot hook: what calls them here, and what stores their address. */
static bool replace_callers_of_others(struct selecting *s, GError **error)
{
	struct kgr_xref where;
	guint i;

	for (i = 0; i < s->out->in->no_fentry->len; i++) {
		struct kgr_no_fentry *other = s->out->in->no_fentry->pdata[i];
		struct kgr_sym *sym = kgr_obj_needed(s->patched, other->name);
		struct kgr_sym *orig = kgr_obj_needed(s->orig, other->name);

		/* A weak one that no other file's overrides is the function itself. */
		if (orig && orig->sec && !kgr_image_overrides(s->image, orig))
			continue;
		if (!sym || other->image != s->image || other->impossible)
			continue;
		other->impossible = has_unknown_callers(s, orig, sym, &where);
		if (other->impossible && s->out->in->no_kprobe)
			return refuse_unknown_callers(sym, other->why, &where, true, error);
		if (!other->impossible && !replace_callers(s, sym, other->why, error))
			return false;
	}
	return true;
}

/* Of several names for one function the recorded one is redirected, for all of them. */
static bool is_alias(const struct selecting *s, const struct kgr_sym *sym)
{
	g_autofree char *known = kgr_record_fentry(s->record, sym->twin->name);
	g_autofree char *other = NULL;
	size_t i;

	for (i = 0; !known && !other && i < s->patched->nsyms; i++) {
		const struct kgr_sym *o = &s->patched->syms[i];

		if (o != sym && kgr_selected(s->out, o) && kgr_sym_is_func(o) &&
		    o->sec == sym->sec && o->value == sym->value && o->twin &&
		    o->twin->sec == sym->twin->sec && o->twin->value == sym->twin->value)
			other = kgr_record_fentry(s->record, o->twin->name);
	}
	return other;
}

/* Another function that gcc has made one with this one (-fipa-icf), and of which the fix makes another; NULL if there is none. */
static const struct kgr_sym *split_from(const struct selecting *s, const struct kgr_sym *sym)
{
	const struct kgr_sym *old = sym->twin;
	size_t i;

	for (i = 0; i < s->orig->nsyms; i++) {
		const struct kgr_sym *o = &s->orig->syms[i];

		if (o != old && kgr_sym_is_func(o) && o->sec == old->sec &&
		    o->value == old->value && o->twin &&
		    (o->twin->sec != sym->sec || o->twin->value != sym->value))
			return o;
	}
	return NULL;
}

/* Who calls the other one would be led to the new version of this one. */
static bool check_split(const struct selecting *s, const struct kgr_sym *sym, GError **error)
{
	const struct kgr_sym *other = split_from(s, sym);

	return !other ||
	       kgr_fail(error, KGR_REFUSED,
			"%s and %s are one function in the kernel, as gcc has made one of two that "
			"were the same, and the fix changes one of them: change the other one in "
			"the same way",
			sym->twin->name, other->name);
}

/* What the record says of a fentry is what the object has, or they are not of the same build. */
static bool check_fentry(const struct kgr_record *record, const struct kgr_obj *built,
			 const struct kgr_sym *old, const char *fentry, GError **error)
{
	bool there = kgr_special_entry_of(kgr_special_find(built->arch, built->arch->fentry_list),
					  built, old);

	/* Code that is gone after init may have one, too. */
	if (there ? g_strcmp0(fentry, "no:notrace") != 0 : g_strcmp0(fentry, "fentry") != 0)
		return true;
	return kgr_fail(error, KGR_REFUSED,
			"%s: says that %s has %s, and the object of that build %s; rebuild the "
			"kernel and boot that",
			record->path, old->name, there ? "no fentry" : "a fentry",
			there ? "has one" : "has none");
}

/* Its callers in files that the diff does not touch go on calling the old one, which is redirected. */
static bool redirect_moved(struct selecting *s, struct kgr_sym *sym, GError **error)
{
	const struct kgr_moved *moved = kgr_moved_from(s->out, sym);
	const struct kgr_compared *from = moved->from;
	g_autofree char *fentry = kgr_record_fentry(from->unit->record, moved->sym->name);

	if (!check_fentry(from->unit->record, from->built, moved->sym, fentry, error))
		return false;
	if (g_strcmp0(fentry, "fentry") != 0)
		return kgr_fail(
			error, KGR_REFUSED,
			"%s %s, so ftrace cannot hook it, and moves from %s to another file; leave "
			"it where it is",
			sym->name, kgr_fentry_words(fentry), from->unit->source);
	redirect(s, sym);
	return true;
}

static bool choose_redirected(struct selecting *s, GError **error)
{
	size_t i;
	bool again = true;

	/*
	 * Replacing callers includes more functions, which need the same question asked. It ends: each round but the
	 * last decides about a function for good.
	 */
	while (again) {
		again = false;
		for (i = 0; i < s->patched->nsyms; i++) {
			struct kgr_sym *sym = &s->patched->syms[i];
			struct kgr_selected *selected = kgr_selected(s->out, sym);
			g_autofree char *fentry = NULL;

			if (!selected || !kgr_sym_is_func(sym) || sym->parent ||
			    selected->redirected || selected->callers_replaced ||
			    selected->local_copy)
				continue;
			if (kgr_moved_from(s->out, sym) && !redirect_moved(s, sym, error))
				return false;
			if (!sym->twin)
				continue;
			if (is_alias(s, sym)) {
				selected->redirected = true;
				continue;
			}
			fentry = kgr_record_fentry(s->record, sym->twin->name);
			if (!check_fentry(s->record, s->orig, sym->twin, fentry, error) ||
			    !check_split(s, sym, error))
				return false;
			if (!g_strcmp0(fentry, "fentry")) {
				redirect(s, sym);
				again = true;
			} else if (sym->twin->bind != STB_LOCAL || is_module_exit(s, sym) ||
				   kgr_has_unselected_user(s->out, s->patched, sym)) {
				if (!do_without_fentry(s, sym, kgr_fentry_words(fentry), error))
					return false;
				again = true;
			}
		}
	}
	return true;
}

static bool is_only_callback(const struct selecting *s, const struct kgr_callback *callback,
			     const struct kgr_sym *sym, GError **error)
{
	guint i;

	for (i = 0; i < s->out->callbacks->len; i++) {
		const struct kgr_callback *other =
			&g_array_index(s->out->callbacks, struct kgr_callback, i);

		if (other->kind == callback->kind && other->image == callback->image)
			return kgr_fail(error, KGR_REFUSED,
					"%s and %s are both %s callbacks for %s: there can be one; "
					"call one from the other",
					other->sym->name, sym->name,
					kgr_callback_kinds[callback->kind],
					callback->image->module ?: "vmlinux");
	}
	return true;
}

static bool pick_callbacks(struct selecting *s, GError **error)
{
	unsigned int kind;

	for (kind = 0; kind < KGR_CALLBACK_KINDS; kind++) {
		const struct kgr_sec *sec = callback_section(s->patched, kind);
		struct kgr_callback callback = { .kind = kind, .image = s->image };
		struct kgr_target t;

		if (!sec)
			continue;
		if (sec->nrels == 1)
			kgr_target(&sec->rels[0], 0, &t);
		if (sec->nrels != 1 || t.kind != KGR_TARGET_SYMBOL || !t.sym->sec || t.offset)
			return kgr_fail(
				error, KGR_REFUSED,
				"%s must name one function of the same file; see kgraft-macros.h",
				sec->name);
		if (!is_only_callback(s, &callback, t.sym, error))
			return false;
		callback.sym = t.sym;
		include(s, t.sym, "%s callback", kgr_callback_kinds[kind]);
		g_array_append_val(s->out->callbacks, callback);
	}
	return follow_all(s, error);
}

/* Functions of one universe meet objects of one layout. */
static bool pick_users(struct selecting *s, const GPtrArray *users, GError **error)
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
		include(s, sym->twin, "uses a type that has another layout");
	}
	return follow_all(s, error);
}

bool kgr_select(const struct kgr_compared *of, struct kgr_selection *out, GError **error)
{
	g_autoptr(GPtrArray) todo = g_ptr_array_new();
	struct selecting s = {
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
	       pick_users(&s, of->users, error) && pick_callbacks(&s, error) &&
	       replace_callers_of_others(&s, error) && choose_redirected(&s, error) &&
	       kgr_check_linker_sets(of, out, error);
}
