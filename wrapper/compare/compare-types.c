// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Compares types by their layouts. A type whose layout changes is shared with code that is not
 * replaced, and with objects that exist already: the most common way to crash a live-patched
 * system. Of
 *
 *	struct foo { int a; long c; };		which becomes
 *	struct foo { int a, b; long c; };
 *
 * the first member that differs is named: "member int b at offset 4, was long c at offset 8".
 */
#include <string.h>

#include "compare/compare.h"

static void describe(GString *out, const struct kgr_type *type, const char *format, ...)
	G_GNUC_PRINTF(3, 4);

static void describe(GString *out, const struct kgr_type *type, const char *format, ...)
{
	va_list args;

	if (out->len)
		g_string_append(out, "; ");
	if (type->file)
		g_string_append_printf(out, "%s:%u: ", type->file, type->line);
	g_string_append_printf(out, "%s: ", type->name);
	va_start(args, format);
	g_string_append_vprintf(out, format, args);
	va_end(args);
}

static bool same_member(const struct kgr_member *x, const struct kgr_member *y)
{
	return !strcmp(x->name, y->name) && !strcmp(x->type, y->type) && x->offset == y->offset &&
	       x->bit_offset == y->bit_offset && x->bit_size == y->bit_size;
}

static void compare_type(GString *out, const struct kgr_type *x, const struct kgr_type *y)
{
	guint i, common = MIN(x->members->len, y->members->len);

	for (i = 0; i < common; i++) {
		const struct kgr_member *m = &g_array_index(x->members, struct kgr_member, i);
		const struct kgr_member *n = &g_array_index(y->members, struct kgr_member, i);

		if (same_member(m, n))
			continue;
		if (x->is_enum)
			describe(out, y,
				 "value %s = %" G_GINT64_FORMAT ", was %s = %" G_GINT64_FORMAT,
				 n->name, (gint64)n->offset, m->name, (gint64)m->offset);
		else
			describe(out, y,
				 "member %s %s at offset %" G_GUINT64_FORMAT
				 ", was %s %s at offset %" G_GUINT64_FORMAT,
				 n->type, n->name, n->offset, m->type, m->name, m->offset);
		return;
	}
	/* An enumerator added at the end changes no existing value. */
	if (x->is_enum && x->size == y->size && y->members->len >= x->members->len)
		return;
	if (x->members->len != y->members->len) {
		const GArray *longer = x->members->len > common ? x->members : y->members;
		const struct kgr_member *m = &g_array_index(longer, struct kgr_member, common);

		describe(out, y, "%s %s %s at offset %" G_GUINT64_FORMAT,
			 x->is_enum ? "value" : "member", m->name,
			 longer == x->members ? "is gone, was" : "is new,", m->offset);
		return;
	}
	if (x->size != y->size)
		describe(out, y, "size %" G_GUINT64_FORMAT ", was %" G_GUINT64_FORMAT, y->size,
			 x->size);
}

/* What has to be thought of: variables and parameters name a type, other uses do not show. */
static void name_users(GString *out, const struct kgr_type *type)
{
	guint i, shown = MIN(type->users->len, 4);

	for (i = 0; i < shown; i++)
		g_string_append_printf(out, "%s%s", i ? ", " : " (used by ",
				       (char *)type->users->pdata[i]);
	if (shown < type->users->len)
		g_string_append_printf(out, " and %u other functions here",
				       type->users->len - shown);
	if (shown)
		g_string_append_c(out, ')');
}

static gint by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(a, b);
}

/* What compare_type() has added to @out of @type: an excused difference is only a note. */
static void judge(GString *out, gsize before, const struct kgr_type *type, kgr_excuse excuse,
		  void *arg, GPtrArray *notes)
{
	g_autofree char *why = NULL;

	if (excuse && excuse(arg, type, &why)) {
		g_ptr_array_add(notes, g_strdup_printf("%s: %s", why,
						       out->str + before + (before ? 2 : 0)));
		g_string_truncate(out, before);
		return;
	}
	name_users(out, type);
	if (why)
		g_string_append_printf(out, "; %s", why);
}

char *kgr_compare_types(const struct kgr_dwarf_types *orig, const struct kgr_dwarf_types *patched,
			kgr_excuse excuse, void *arg, GPtrArray *notes)
{
	g_autoptr(GString) out = g_string_new(NULL);
	g_autoptr(GList) names = NULL;
	GList *it;

	if (!orig || !patched)
		return NULL;
	names = g_list_sort(g_hash_table_get_keys(orig->types), by_name);
	for (it = names; it; it = it->next) {
		const struct kgr_type *x = g_hash_table_lookup(orig->types, it->data);
		const struct kgr_type *y = g_hash_table_lookup(patched->types, it->data);
		gsize before = out->len;

		if (y)
			compare_type(out, x, y);
		if (out->len > before)
			judge(out, before, x, excuse, arg, notes);
	}
	return out->len ? g_string_free(g_steal_pointer(&out), FALSE) : NULL;
}
