// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "error.h"
#include "insn.h"
#include "select.h"
#include "special.h"
#include "target.h"

struct selecting {
	struct kgr_obj *orig, *patched;
	const struct kgr_record *record;
	bool in_module;
	struct kgr_selection *out;
	GPtrArray *todo; /* included, references not followed yet */
};

bool kgr_sec_is_init(const struct kgr_sec *sec)
{
	static const char *const prefixes[] = { ".init", ".exit", ".meminit", ".cpuinit",
						".devinit" };
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(prefixes); i++) {
		if (g_str_has_prefix(sec->name, prefixes[i]))
			return true;
	}
	return false;
}

static void include(struct selecting *s, struct kgr_sym *sym, const char *format, ...)
	G_GNUC_PRINTF(3, 4);

static void include(struct selecting *s, struct kgr_sym *sym, const char *format, ...)
{
	va_list args;

	if (sym->included)
		return;
	sym->included = true;
	va_start(args, format);
	sym->why = g_strdup_vprintf(format, args);
	va_end(args);
	g_ptr_array_add(s->todo, sym);
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

static bool follow_target(struct selecting *s, const struct kgr_sym *from,
			  const struct kgr_target *t, GError **error)
{
	if (t->kind == KGR_TARGET_SECTION) {
		size_t i;

		/* A jump table and the like: it goes along, and so does what it points to. */
		for (i = 0; i < t->sec->nrels; i++) {
			struct kgr_target inner;

			kgr_target(&t->sec->rels[i], 0, &inner);
			if (inner.kind == KGR_TARGET_SYMBOL && inner.sym->verdict == KGR_NEW &&
			    inner.sym->sec)
				include(s, inner.sym, "used by %s", from->name);
		}
		return true;
	}
	if (t->kind != KGR_TARGET_SYMBOL || !t->sym->sec || t->sym->included)
		return true;
	if (kgr_sec_is_init(t->sym->sec) && t->sym->verdict == KGR_NEW)
		return kgr_fail(error, KGR_REFUSED,
				"%s needs %s, which is new and in %s: it would be gone after boot",
				from->name, t->sym->name, t->sym->sec->name);
	if (t->sym->verdict == KGR_NEW || !t->sym->twin || kgr_sym_is_constant(t->sym))
		include(s, t->sym, "used by %s", from->name);
	return true;
}

static bool follow(struct selecting *s, struct kgr_sym *sym, GError **error)
{
	struct kgr_rel *rels;
	size_t count, i;
	int *tails = NULL;
	bool ok = true;

	if (kgr_sym_is_func(sym))
		include_parts(s, sym);
	rels = kgr_sec_rels(sym->sec, sym->value, sym->value + sym->size, &count);
	if (kgr_sec_is_text(sym->sec)) {
		tails = kgr_insn_tails(s->patched, sym->sec, sym->value, sym->size, rels, count,
				       error);
		if (!tails)
			return false;
	}
	for (i = 0; ok && i < count; i++) {
		struct kgr_target t;

		kgr_target(&rels[i], tails && kgr_rel_is_pcrel(&rels[i]) ? tails[i] : 0, &t);
		ok = follow_target(s, sym, &t, error);
	}
	g_free(tails);
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

static uint64_t first_difference(const struct kgr_sym *a, const struct kgr_sym *b)
{
	uint64_t i;

	if (!a->sec->data || !b->sec->data)
		return 0;
	for (i = 0; i < MIN(a->size, b->size); i++) {
		if (a->sec->data[a->value + i] != b->sec->data[b->value + i])
			return i;
	}
	return i;
}

static bool changed_object(const struct kgr_sym *sym, GError **error)
{
	return kgr_fail(error, KGR_REFUSED,
			"object %s (%s) has another initial value (%s, byte %" G_GUINT64_FORMAT
			" on); the running kernel's object has long been in use and is never "
			"overwritten: change the code that uses it instead",
			sym->name, sym->sec->name, sym->cause ?: "data",
			first_difference(sym->twin, sym));
}

/* What runs once: of vmlinux it has; a module's init may again, and its exit certainly will. */
static bool leave_alone(struct selecting *s, const struct kgr_sym *sym, GError **error)
{
	if (s->in_module && g_str_has_prefix(sym->sec->name, ".exit"))
		return kgr_fail(error, KGR_REFUSED,
				"%s (%s) runs when the module goes, and has no fentry to redirect",
				sym->name, sym->sec->name);
	g_ptr_array_add(s->out->notes,
			g_strdup_printf("%s left alone: %s is gone after %s", sym->name,
					sym->sec->name,
					s->in_module ? "the module's init; a module that is loaded "
						       "later still runs the old one" :
						       "boot"));
	return true;
}

static bool pick_changed(struct selecting *s, GError **error)
{
	size_t i;

	for (i = 0; i < s->patched->nsyms; i++) {
		struct kgr_sym *sym = &s->patched->syms[i];

		if (!sym->sec || (sym->verdict != KGR_CHANGED && sym->verdict != KGR_NEW))
			continue;
		if (kgr_sec_is_init(sym->sec)) {
			if (!leave_alone(s, sym, error))
				return false;
			continue;
		}
		if (sym->verdict == KGR_CHANGED && kgr_sym_is_object(sym) &&
		    !kgr_sym_is_constant(sym))
			return changed_object(sym, error);
		if (sym->verdict == KGR_CHANGED && kgr_sym_is_func(sym))
			include(s, sym, "%s", sym->cause ?: "changed");
		/* Another unit of the same diff may call it. */
		if (sym->verdict == KGR_NEW && kgr_sym_is_func(sym) && sym->bind != STB_LOCAL)
			include(s, sym, "new");
	}
	return follow_all(s, error);
}

/* Which modules may use a function is fixed when vmlinux is linked. None that this kernel can load knows
 * of a new export; what else the diff changes finds the function in the patch.
 */
static void note_exports(struct selecting *s)
{
	static const char *const prefixes[] = { "___ksymtab+", "___ksymtab_gpl+",
						".export_symbol" };
	size_t i, p;

	for (i = 1; i < s->patched->nsecs; i++) {
		const struct kgr_sec *sec = &s->patched->secs[i];
		const struct kgr_sec *old = kgr_sec_named(s->orig, sec->name);

		for (p = 0; p < G_N_ELEMENTS(prefixes); p++) {
			const char *name = sec->name + strlen(prefixes[p]);

			if (!g_str_has_prefix(sec->name, prefixes[p]) ||
			    (old && old->sh.sh_size >= sec->sh.sh_size))
				continue;
			g_ptr_array_add(
				s->out->notes,
				g_strdup_printf("the new export%s%s is for this patch only: "
						"other modules are not offered it",
						*name ? " " : "", name));
		}
	}
}

/* Sections by whose names the kernel collects things; the tables of special.c are handled. */
static bool check_collected(struct selecting *s, GError **error)
{
	static const struct {
		const char *prefix, *what;
	} collected[] = {
		{ "__param", "a new module parameter" },
		{ ".initcall", "a new initcall" },
		{ "__tracepoints", "a new tracepoint" },
		{ "_ftrace_events", "a new trace event" },
		{ "__syscalls_metadata", "a new system call" },
		{ "_kprobe_blacklist", "a new kprobe blacklist entry" },
		{ "_error_injection_whitelist", "a new error injection entry" },
		{ ".BTF_ids", "new BTF ids" },
	};
	size_t i, c;

	for (i = 1; i < s->patched->nsecs; i++) {
		const struct kgr_sec *sec = &s->patched->secs[i], *old;

		if (!sec->sh.sh_size)
			continue;
		for (c = 0; c < G_N_ELEMENTS(collected); c++) {
			if (!g_str_has_prefix(sec->name, collected[c].prefix))
				continue;
			old = kgr_sec_named(s->orig, sec->name);
			if (!old || old->sh.sh_size < sec->sh.sh_size)
				return kgr_fail(error, KGR_REFUSED,
						"the diff brings %s (%s); a live patch cannot add "
						"that",
						collected[c].what, sec->name);
		}
	}
	return true;
}

/* Their objects list functions for the kernel to find; the copy in the patch would not be listed. */
static bool lists_functions(const struct kgr_sec *sec)
{
	return !strcmp(sec->name, "_kprobe_blacklist") ||
	       !strcmp(sec->name, "_error_injection_whitelist");
}

/* May this section keep its reference to the kernel's function, though a copy of it moves? */
static bool may_keep(const struct kgr_sec *sec, const struct kgr_rel *rel)
{
	/* An object, or an anonymous constant such as a jump table, refers to it. */
	return !lists_functions(sec) &&
	       (kgr_sec_sym_at(sec, rel->offset) || g_str_has_prefix(sec->name, ".rodata"));
}

/* A table that this program does not know must not lose an entry of a function that moves. */
static bool check_tables(struct selecting *s, GError **error)
{
	size_t i, r;

	for (i = 1; i < s->patched->nsecs; i++) {
		const struct kgr_sec *sec = &s->patched->secs[i];

		if (!(sec->sh.sh_flags & SHF_ALLOC) || kgr_special_find(sec->name) ||
		    kgr_sec_is_init(sec) || g_str_has_prefix(sec->name, "___ksymtab") ||
		    g_str_has_prefix(sec->name, ".export_symbol") || kgr_sec_is_text(sec))
			continue;
		for (r = 0; r < sec->nrels; r++) {
			struct kgr_target t;

			kgr_target(&sec->rels[r], 0, &t);
			if (t.kind == KGR_TARGET_SYMBOL && t.sym->included &&
			    kgr_sym_is_func(t.sym) && !may_keep(sec, &sec->rels[r]))
				return kgr_fail(error, KGR_REFUSED,
						"%s has an entry in section %s, which is not "
						"supported yet",
						t.sym->name, sec->name);
		}
	}
	return true;
}

/* Who refers to @callee and is not replaced? A function if one can be named, else its section. */
static bool find_outsider(struct selecting *s, const struct kgr_sym *callee, struct kgr_sym **who,
			  const char **where)
{
	size_t i, r;

	*who = NULL;
	for (i = 1; i < s->patched->nsecs; i++) {
		const struct kgr_sec *sec = &s->patched->secs[i];

		if (!(sec->sh.sh_flags & SHF_ALLOC) || kgr_special_find(sec->name) ||
		    kgr_sec_is_init(sec))
			continue;
		for (r = 0; r < sec->nrels; r++) {
			struct kgr_target t;
			struct kgr_sym *from;

			/* Anywhere in it: the tail only matters at a function's edge. */
			kgr_target(&sec->rels[r], kgr_rel_is_pcrel(&sec->rels[r]) ? 4 : 0, &t);
			if (t.kind != KGR_TARGET_SYMBOL || t.sym != callee)
				continue;
			from = kgr_sec_sym_at(sec, sec->rels[r].offset);
			/* The way back from an alternative of its own. */
			if (!from && t.offset && kgr_sec_is_text(sec))
				continue;
			if (from == callee || (from && from->included) ||
			    (from && from->parent == callee))
				continue;
			*who = from;
			*where = sec->name;
			return true;
		}
	}
	return false;
}

/*
 * Without fentry a function cannot be redirected. Nobody needs that if all who call it are replaced
 * too, so its callers are made to be, as long as they are known: called directly, in this unit.
 */
static bool replace_callers(struct selecting *s, struct kgr_sym *sym, const char *fentry,
			    GError **error)
{
	struct kgr_sym *who;
	const char *where;

	while (sym->bind == STB_LOCAL && find_outsider(s, sym, &who, &where)) {
		if (!who || !kgr_sym_is_func(who))
			return kgr_fail(
				error, KGR_REFUSED,
				"%s cannot be redirected (%s), and %s in %s refers to it, so "
				"its callers are not all known",
				sym->name, fentry, who ? who->name : "something", where);
		include(s, who, "calls %s, which cannot be redirected (%s)", sym->name, fentry);
		if (!follow_all(s, error))
			return false;
	}
	if (sym->bind != STB_LOCAL)
		return kgr_fail(error, KGR_REFUSED,
				"%s cannot be redirected (%s), and other files may call it; change "
				"its callers instead",
				sym->name, fentry);
	return true;
}

static bool choose_redirected(struct selecting *s, GError **error)
{
	size_t i;
	bool again = true;

	/* Replacing callers includes more functions, which need the same question asked. */
	while (again) {
		again = false;
		for (i = 0; i < s->patched->nsyms; i++) {
			struct kgr_sym *sym = &s->patched->syms[i];
			char *fentry;
			bool ok = true;

			if (!sym->included || !kgr_sym_is_func(sym) || sym->parent || !sym->twin ||
			    sym->redirected)
				continue;
			fentry = kgr_record_fentry(s->record, sym->twin->name);
			if (!g_strcmp0(fentry, "fentry")) {
				sym->redirected = true;
				again = true;
				g_ptr_array_add(s->out->redirected, sym);
			} else {
				struct kgr_sym *who;
				const char *where;

				if (sym->bind != STB_LOCAL || find_outsider(s, sym, &who, &where)) {
					ok = replace_callers(s, sym, fentry ?: "not recorded",
							     error);
					again = true;
				}
			}
			g_free(fentry);
			if (!ok)
				return false;
		}
	}
	return true;
}

const char *const kgr_callback_kinds[KGR_CALLBACK_KINDS] = { "pre_patch", "post_patch",
							     "pre_unpatch", "post_unpatch" };

static bool pick_callbacks(struct selecting *s, GError **error)
{
	unsigned int kind;

	for (kind = 0; kind < KGR_CALLBACK_KINDS; kind++) {
		char *name = g_strconcat(".kgr.callbacks.", kgr_callback_kinds[kind], NULL);
		const struct kgr_sec *sec = kgr_sec_named(s->patched, name);
		struct kgr_callback callback = { .kind = kind };
		struct kgr_target t;

		g_free(name);
		if (!sec)
			continue;
		if (sec->nrels == 1)
			kgr_target(&sec->rels[0], 0, &t);
		if (sec->nrels != 1 || t.kind != KGR_TARGET_SYMBOL || !t.sym->sec || t.offset)
			return kgr_fail(error, KGR_REFUSED,
					"%s must name one function of the same file", sec->name);
		callback.sym = t.sym;
		include(s, t.sym, "%s callback", kgr_callback_kinds[kind]);
		g_array_append_val(s->out->callbacks, callback);
	}
	return follow_all(s, error);
}

bool kgr_select(struct kgr_obj *orig, struct kgr_obj *patched, const struct kgr_record *record,
		bool in_module, struct kgr_selection *out, GError **error)
{
	struct selecting s = { orig, patched, record, in_module, out, g_ptr_array_new() };
	bool ok;

	note_exports(&s);
	ok = pick_changed(&s, error) && pick_callbacks(&s, error) && check_collected(&s, error) &&
	     choose_redirected(&s, error) && check_tables(&s, error);

	g_ptr_array_free(s.todo, TRUE);
	return ok;
}
