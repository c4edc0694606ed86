// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Chooses how callers of the kernel's own come to each function that goes along. Of three that the diff changed,
 *
 *	static int check(int n)			has a fentry: ftrace redirects the kernel's own to the patch's
 *	static notrace int peek(void)		has none, but poll() alone calls it: poll() goes along, and calls the patch's own
 *	notrace void idle(void)			has none, and a table of the kernel has its address: a breakpoint at its top
 *
 * The record of each unit says what has a fentry. Without one the callers are replaced if all of them are known: they call
 * the function directly, in this unit or in others of this build, which plan.c is asked for (struct kgr_no_fentry). They
 * are not known of what is exported, of what has its address stored or taken, and of a module's exit function. There a
 * breakpoint redirects, unless it may not be where the function begins, or --no-kprobe forbids it: that is a refusal.
 *
 * Replacing callers adds functions, of which the same is asked, until nothing more is added.
 */
#include <string.h>

#include "elf/arch.h"
#include "elf/special-sections.h"
#include "lib/debug.h"
#include "lib/error.h"
#include "select/callers-in-unit.h"
#include "select/selecting.h"

static void redirect(struct kgr_selecting *s, struct kgr_sym *sym)
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
static bool may_have_breakpoint(const struct kgr_selecting *s, const struct kgr_sym *sym)
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
static const char *begins_with(const struct kgr_selecting *s, const struct kgr_sym *old)
{
	const struct kgr_arch *arch = s->orig->arch;
	uint64_t start = kgr_landing_pad(arch, old->sec->data + old->value, old->size);
	size_t i;

	for (i = 0; i < arch->nspecials; i++) {
		const struct kgr_special *special = &arch->specials[i];
		struct kgr_special_walk walk = kgr_special_walk(
			special->forbids_breakpoint ? kgr_sec_named(s->orig, special->name) : NULL,
			old);

		while (kgr_special_next(&walk)) {
			if (walk.in == start)
				return special->name;
		}
	}
	return NULL;
}

/*
 * What to do about a function that cannot be redirected at all. Who calls it by its address, which @where has, if that is known,
 * has to go on doing so.
 */
static char *instead_of(const struct kgr_selecting *s, const struct kgr_sym *sym, bool exported,
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
		who				  ? who :
		kgr_select_is_module_exit(s, sym) ? "the module" :
						    "another file",
		sym->name, kgr_selected(s->out, sym)->why);
}

static bool redirect_by_breakpoint(struct kgr_selecting *s, struct kgr_sym *sym,
				   const char *why_not, const char *instead, GError **error)
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

static bool replace_callers(struct kgr_selecting *s, struct kgr_sym *sym, const char *why_not,
			    GError **error)
{
	g_autoptr(GPtrArray) callers = kgr_unselected_users(s->out, s->patched, sym);
	guint i;

	kgr_debug(KGR_DEBUG_SELECT, "%s %s: its callers are replaced", sym->name, why_not);
	for (i = 0; i < callers->len; i++) {
		kgr_select_include(s, callers->pdata[i],
				   "calls %s, which %s, so ftrace cannot hook it", sym->name,
				   why_not);
		if (!kgr_select_follow(s, error))
			return false;
	}
	return true;
}

/* Is its address in data, or taken by a function, in the kernel or in the patch, so that it may be called by that at any time? */
static bool has_unknown_callers(const struct kgr_selecting *s, const struct kgr_sym *orig,
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

static struct kgr_no_fentry *no_fentry_of(struct kgr_selecting *s, const char *name,
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
static bool do_without_fentry(struct kgr_selecting *s, struct kgr_sym *sym, const char *why_not,
			      GError **error)
{
	bool global = sym->twin->bind != STB_LOCAL, ends = kgr_select_is_module_exit(s, sym);
	bool exported = global && kgr_select_is_exported(s, sym->twin->name);
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
bool kgr_replace_callers_of_others(struct kgr_selecting *s, GError **error)
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
static bool is_alias(const struct kgr_selecting *s, const struct kgr_sym *sym)
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
static const struct kgr_sym *split_from(const struct kgr_selecting *s, const struct kgr_sym *sym)
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
static bool check_split(const struct kgr_selecting *s, const struct kgr_sym *sym, GError **error)
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
static bool redirect_moved(struct kgr_selecting *s, struct kgr_sym *sym, GError **error)
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

bool kgr_choose_redirected(struct kgr_selecting *s, GError **error)
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
			} else if (sym->twin->bind != STB_LOCAL ||
				   kgr_select_is_module_exit(s, sym) ||
				   kgr_has_unselected_user(s->out, s->patched, sym)) {
				if (!do_without_fentry(s, sym, kgr_fentry_words(fentry), error))
					return false;
				again = true;
			}
		}
	}
	return true;
}
