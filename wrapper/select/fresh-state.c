// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A new object begins as the source says, whatever the kernel has had since it booted. Of
 *
 *	static spinlock_t table_lock;		orig; has gone in patched, where list_lock is new
 *	static int limit;			orig; has gone in patched, where limits is new, of another type
 *
 * limits does not have what limit holds, which the report says. Whoever is in an old function holds
 * table_lock, while somebody in a new one takes list_lock, and both change one list: so the new
 * lock is refused. What is new may have been meant for something else all the same: it is linked to
 * what has gone by its type, or by functions that used the one and use the other.
 *
 * And a function that does something once, as its guard says, has done it: what is new and set up there is not.
 */
#include <string.h>

#include "compare/guarded.h"
#include "elf/arch.h"
#include "elf/reloc.h"
#include "elf/xref.h"
#include "lib/error.h"
#include "select/fresh-state.h"

/* What somebody may hold, or sleep in, while others are in the new universe. */
static bool is_lock(const struct kgr_sym *sym)
{
	static const char *const types[] = {
		"spinlock_t",
		"raw_spinlock_t",
		"rwlock_t",
		"seqlock_t",
		"seqcount_t",
		"local_lock_t",
		"arch_spinlock_t",
		"wait_queue_head_t",
		"struct mutex",
		"struct rt_mutex",
		"struct ww_mutex",
		"struct rw_semaphore",
		"struct semaphore",
		"struct percpu_rw_semaphore",
		"struct srcu_struct",
		"struct completion",
		"struct wait_queue_head",
		"struct swait_queue_head",
		"struct spinlock",
		"struct raw_spinlock",
		NULL,
	};
	g_autofree char *type =
		sym->type_name ? g_strndup(sym->type_name, strcspn(sym->type_name, "[")) : NULL;

	return type && g_strv_contains(types, g_strchomp(type));
}

static bool has_gone(const struct kgr_sym *old)
{
	return old->verdict == KGR_GONE && kgr_sym_is_state(old);
}

typedef bool (*replaced_fn)(const struct kgr_obj *orig, const struct kgr_obj *patched,
			    const struct kgr_sym *old, const struct kgr_sym *sym);

/* An object that has gone and that @sym, which is new, may stand for from now on, or NULL. */
static const struct kgr_sym *find_replaced(const struct kgr_obj *orig,
					   const struct kgr_obj *patched, const struct kgr_sym *sym,
					   replaced_fn fn)
{
	size_t i;

	for (i = 0; i < orig->nsyms; i++) {
		if (has_gone(&orig->syms[i]) && fn(orig, patched, &orig->syms[i], sym))
			return &orig->syms[i];
	}
	return NULL;
}

static bool are_locks(const struct kgr_obj *orig, const struct kgr_obj *patched,
		      const struct kgr_sym *old, const struct kgr_sym *sym)
{
	(void)orig;
	(void)patched;
	return is_lock(old) && is_lock(sym);
}

static bool have_one_type(const struct kgr_obj *orig, const struct kgr_obj *patched,
			  const struct kgr_sym *old, const struct kgr_sym *sym)
{
	(void)orig;
	(void)patched;
	return old->size == sym->size && old->type_name &&
	       !g_strcmp0(old->type_name, sym->type_name);
}

static bool is_from_function(const struct kgr_sym *sym, const struct kgr_xref *ref, const void *arg)
{
	(void)sym;
	(void)arg;
	return ref->from && kgr_sym_is_func(ref->from) && !kgr_sec_is_init(ref->sec);
}

/* Of a function that has another name it is not known which it was. */
static bool have_one_user(const struct kgr_obj *orig, const struct kgr_obj *patched,
			  const struct kgr_sym *old, const struct kgr_sym *sym)
{
	g_autoptr(GPtrArray) before = NULL, after = NULL;
	guint i, n;

	/* What macros declare says nothing. */
	if (*old->name == '_' || *sym->name == '_')
		return false;
	before = kgr_referrers(orig, old, is_from_function, NULL);
	after = kgr_referrers(patched, sym, is_from_function, NULL);
	for (i = 0; i < before->len; i++) {
		const struct kgr_sym *user = before->pdata[i];

		for (n = 0; n < after->len; n++) {
			const struct kgr_sym *other = after->pdata[n];

			if (user->twin ? user->twin == other : !other->twin)
				return true;
		}
	}
	return false;
}

/* A guard of a whole function that the kernel has, where @sym may be what is done once; or NULL. */
static const struct kgr_sym *find_old_guard(const struct kgr_obj *patched,
					    const struct kgr_sym *sym)
{
	size_t i;

	for (i = 0; i < patched->nsyms; i++) {
		const struct kgr_sym *guard = &patched->syms[i];
		g_autoptr(kgr_guarded) guarded = NULL;

		if (!guard->twin || guard->in_inner_block || !kgr_sym_is_guard(guard))
			continue;
		guarded = kgr_guarded_new(guard, false);
		if (g_ptr_array_find(guarded->objects, sym, NULL))
			return guard;
	}
	return NULL;
}

/* Is it a guard of what the kernel has? */
static bool guards_old(const struct kgr_sym *sym)
{
	g_autoptr(kgr_guarded) guarded = NULL;

	if (!kgr_sym_is_guard(sym))
		return false;
	guarded = kgr_guarded_new(sym, false);
	return *guarded->writes && !strstr(guarded->writes, "new ");
}

static void note(GPtrArray *notes, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void note(GPtrArray *notes, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_ptr_array_add(notes, g_strdup_vprintf(format, args));
	va_end(args);
}

/* Is this function called for a word of the kernel's command line only? Who does not say that word leaves zeros. */
static bool is_for_option(const struct kgr_obj *patched, const struct kgr_sym *func)
{
	const struct kgr_sec *sec = kgr_sec_named(patched, ".init.setup");
	struct kgr_target t;
	size_t i;

	for (i = 0; sec && i < sec->nrels; i++) {
		kgr_target(&sec->rels[i], 0, &t);
		if (t.kind == KGR_TARGET_SYMBOL && t.sym == func)
			return true;
	}
	return false;
}

/*
 * By instructions: "movb $1, flag" counts from behind its constant. False with @error set if they
 * are not understood.
 */
static bool refers_to(const struct kgr_obj *patched, const struct kgr_sym *func,
		      const struct kgr_sym *sym, bool *refers, GError **error)
{
	g_autofree int *biases = NULL;
	struct kgr_rel *rels;
	size_t count, i;

	*refers = false;
	rels = kgr_sec_rels(func->sec, func->value, func->value + func->size, &count);
	if (!count)
		return true;
	biases = kgr_insn_biases(patched, func->sec, func->value, func->size, error);
	for (i = 0; biases && i < count; i++) {
		struct kgr_target t;

		kgr_target(&rels[i], biases[i], &t);
		*refers |= t.kind == KGR_TARGET_SYMBOL && t.sym == sym;
	}
	return biases;
}

/* What runs once, when the kernel boots or the module comes, and may set @sym up; *@setup is NULL if nothing does. */
static bool find_setup(const struct kgr_obj *patched, const struct kgr_sym *sym,
		       const struct kgr_sym **setup, GError **error)
{
	size_t i;
	bool refers;

	*setup = NULL;
	for (i = 0; i < patched->nsyms; i++) {
		const struct kgr_sym *func = &patched->syms[i];

		if (!kgr_sym_is_func(func) || !g_str_has_prefix(func->sec->name, ".init") ||
		    is_for_option(patched, func))
			continue;
		if (!refers_to(patched, func, sym, &refers, error))
			return false;
		if (refers)
			*setup = func;
	}
	return true;
}

static bool begins_as_zeros(const struct kgr_sym *sym)
{
	size_t count;
	uint64_t i;

	kgr_sec_rels(sym->sec, sym->value, sym->value + sym->size, &count);
	for (i = 0; sym->sec->data && i < sym->size; i++)
		count += sym->sec->data[sym->value + i];
	return !count;
}

/* Zeros are its unlocked state. */
static bool is_spinlock(const struct kgr_sym *sym)
{
	static const char *const types[] = { "spinlock_t", "raw_spinlock_t", "rwlock_t",
					     "arch_spinlock_t", NULL };

	return sym->type_name && g_strv_contains(types, sym->type_name);
}

/* Set up by what has run already: a callback has to do that. */
static bool check_setup(const struct kgr_obj *patched, const struct kgr_sym *sym, GPtrArray *notes,
			GError **error)
{
	const struct kgr_sym *setup;

	if (is_spinlock(sym))
		return true;
	if (!find_setup(patched, sym, &setup, error))
		return false;
	if (!setup)
		return true;
	if (begins_as_zeros(sym) && !kgr_sec_named(patched, ".kgr.callbacks.pre_patch"))
		return kgr_fail(
			error, KGR_REFUSED,
			"%s is new, and %s(), which has run and will not run again, may be what sets it "
			"up: have a pre-patch callback of that file do that, see kgraft-macros.h",
			sym->name, setup->name);
	note(notes,
	     "%s is new, and begins as the source says: what %s() would do to it is not done",
	     sym->name, setup->name);
	return true;
}

bool kgr_check_fresh_state(const struct kgr_obj *orig, const struct kgr_obj *patched,
			   const struct kgr_sym *sym, GPtrArray *notes, GError **error)
{
	const struct kgr_sym *old, *guard;

	if (sym->verdict != KGR_NEW || !kgr_sym_is_state(sym))
		return true;
	if (kgr_sec_storage(sym->sec) == KGR_STORAGE_SHARED)
		return kgr_fail(
			error, KGR_REFUSED,
			"%s is new, and in %s, which is not encrypted: a module has no such "
			"memory; do without it in the fix",
			sym->name, sym->sec->name);
	if (!check_setup(patched, sym, notes, error))
		return false;
	old = find_replaced(orig, patched, sym, are_locks);
	if (old)
		return kgr_fail(
			error, KGR_REFUSED,
			"%s (%s) is new, and %s (%s) has gone: while the patch goes in, old functions "
			"would hold the one and new functions the other; let the diff leave the lock "
			"as it is, or keep %s in the file if nothing that it protects is the new "
			"one's",
			sym->name, sym->type_name, old->name, old->type_name, old->source_name);
	guard = find_old_guard(patched, sym);
	if (guard)
		note(notes,
		     "%s is new, and what %s() does but once it may have done: %s, which says so, is the "
		     "kernel's; if %s is set up there, it is not, so give it a guard of its own",
		     sym->name, guard->scope, guard->source_name, sym->name);
	if (guards_old(sym)) {
		note(notes, "%s, static in %s(), is new: what it guards is done once more",
		     sym->source_name, sym->scope);
		return true;
	}
	old = find_replaced(orig, patched, sym, have_one_type);
	if (!old)
		old = find_replaced(orig, patched, sym, have_one_user);
	if (old)
		note(notes,
		     "%s is new and begins as the source says; what %s, which has gone, holds is not "
		     "carried over",
		     sym->name, old->name);
	return true;
}
