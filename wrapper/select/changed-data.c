// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Says what becomes of an object of the kernel that the diff gives another initial value. The running kernel's has long
 * been in use, so it is never overwritten unasked:
 *
 *	static const u8 prio[] = { 3, 1 };	a table that only functions read: these are all replaced, and read the
 *						patch's (const-tables.c)
 *	static int limit = 3;			refused without --allow-data limit; with it the diff's callback writes
 *						it, or, if there is none, the runtime (data-values.c)
 *
 * One that has another size now, or lies in another section, is refused with --allow-data as well.
 */
#include "lib/error.h"
#include "select/const-tables.h"
#include "select/data-values.h"
#include "select/selecting.h"

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

/* It is known of every object that was asked for and has the size that it had. */
static struct kgr_data_object *values_of(const struct kgr_selecting *s, const struct kgr_sym *sym)
{
	guint i = 0;

	while (((struct kgr_data_object *)s->data->pdata[i])->sym != sym)
		i++;
	return s->data->pdata[i];
}

/* By the runtime. */
static bool write_data(struct kgr_selecting *s, const struct kgr_sym *sym, GError **error)
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
		kgr_select_note(
			s,
			"%s: %u values, each written in one store, but not all at once: who reads "
			"several may find some of them written",
			sym->name, object->values->len);
	return true;
}

static bool changed_object(struct kgr_selecting *s, const struct kgr_sym *sym, GError **error)
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
	if (!kgr_select_has_callback(s->patched))
		return write_data(s, sym, error);
	kgr_select_note(
		s,
		"%s has another initial value (%s%s), which is left to the callback, as was allowed",
		sym->name, sym->cause ?: "data", where);
	return true;
}

/* The patch's functions read the new table; the old one stays, and so do pointers into it. */
bool kgr_select_changed_object(struct kgr_selecting *s, struct kgr_sym *sym, GError **error)
{
	g_autoptr(GPtrArray) readers = NULL;
	guint i;

	if (!kgr_is_read_by_functions(s->orig, sym->twin) ||
	    !kgr_is_read_by_functions(s->patched, sym))
		return changed_object(s, sym, error);
	kgr_select_include(s, sym, "%s", sym->cause ?: "changed");
	readers = kgr_unselected_readers(s->out, s->patched, sym);
	for (i = 0; i < readers->len; i++)
		kgr_select_include(s, readers->pdata[i], "reads %s, which changed", sym->name);
	kgr_select_note(
		s,
		"%s: all functions that read it are replaced; what they read of it before and stored stays as it "
		"is",
		sym->name);
	return true;
}
