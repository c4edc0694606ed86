// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Remembers compared units from round to round. A round is a build of a part of the diff: a unit
 * that reads the same files of the diff as before compiles to what it was, if the same hunks of
 * these are in. So what it is known by is its record, and these files with how often they have
 * changed since the first round:
 *
 *   round 1   kernel/.fork.o.kgr   0 kernel/fork.c  0 include/linux/sched.h      compiled and compared
 *   round 2   kernel/.fork.o.kgr   0 kernel/fork.c                               sched.h was left out: once more
 *   round 3   kernel/.fork.o.kgr   0 kernel/fork.c                               the one of round 2
 *   round 4   kernel/.fork.o.kgr   1 kernel/fork.c                               a hunk of it was left out: once more
 *
 * What the diff brings is compiled by another unit's record, and is not remembered.
 */
#include "elf/symbol-name.h"
#include "elf/object.h"
#include "select/plan-memory.h"
#include "units/aside.h"

static void recalled_free(gpointer data)
{
	struct kgr_recalled *r = data;

	kgr_compared_free(r->of);
	g_ptr_array_unref(r->notes);
	g_free(r);
}

static void func_free(gpointer data)
{
	struct kgr_counted_func *f = data;

	g_free(f->name);
	g_free(f->source_name);
	g_free(f);
}

static void counted_free(gpointer data)
{
	struct kgr_counted *c = data;

	g_free(c->source);
	g_ptr_array_unref(c->functions);
	g_free(c);
}

struct kgr_plan_memory *kgr_plan_memory_new(void)
{
	struct kgr_plan_memory *m = g_new(struct kgr_plan_memory, 1);

	m->units = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, recalled_free);
	m->counted = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, counted_free);
	return m;
}

void kgr_plan_memory_free(struct kgr_plan_memory *m)
{
	if (!m)
		return;
	g_hash_table_unref(m->units);
	g_hash_table_unref(m->counted);
	g_free(m);
}

/* NULL: it cannot be known by its record. */
static char *key_of(const struct kgr_session *s, struct kgr_unit *u, bool caller)
{
	const GPtrArray *reads = kgr_unit_reads(s, u);
	g_autoptr(GString) key = NULL;
	guint i;

	if (g_strcmp0(u->old_source, u->record->source) != 0)
		return NULL;
	key = g_string_new(u->record->path);
	g_string_append(key, caller ? "\ncaller" : "\nunit");
	for (i = 0; i < reads->len; i++)
		g_string_append_printf(key, "\n%u %s",
				       kgr_overlay_version(s->overlay, reads->pdata[i]),
				       (const char *)reads->pdata[i]);
	return g_string_free(g_steal_pointer(&key), FALSE);
}

const struct kgr_recalled *kgr_plan_memory_find(const struct kgr_plan_memory *m,
						const struct kgr_session *s, struct kgr_unit *u,
						bool caller)
{
	g_autofree char *key = key_of(s, u, caller);

	return key ? g_hash_table_lookup(m->units, key) : NULL;
}

void kgr_plan_memory_add(struct kgr_plan_memory *m, const struct kgr_session *s, struct kgr_unit *u,
			 bool caller, struct kgr_compared *of, guint first_note)
{
	char *key = key_of(s, u, caller);
	struct kgr_recalled *r;

	if (!key)
		return;
	r = g_new(struct kgr_recalled, 1);
	r->of = of ? kgr_compared_share(of) : NULL;
	r->notes = g_ptr_array_new_with_free_func(g_free);
	for (; first_note < s->notes->len; first_note++)
		g_ptr_array_add(r->notes, g_strdup(s->notes->pdata[first_note]));
	g_hash_table_insert(m->units, key, r);
}

static void count_func(struct kgr_counted *c, const struct kgr_sym *sym)
{
	struct kgr_counted_func *f;

	if (!sym->sec || sym->verdict == KGR_SAME || sym->verdict == KGR_GONE)
		return;
	if (kgr_sec_is_init(sym->sec)) {
		c->init_differs = true;
		return;
	}
	if (!kgr_sym_is_func(sym) || sym->parent)
		return;
	f = g_new(struct kgr_counted_func, 1);
	f->name = kgr_name_without_numbers(sym->name);
	f->source_name = g_strdup(sym->source_name);
	g_ptr_array_add(c->functions, f);
}

void kgr_plan_memory_count(struct kgr_plan_memory *m, const struct kgr_compared *of,
			   bool same_layouts)
{
	struct kgr_counted *c;
	size_t i;

	if (g_hash_table_contains(m->counted, of->unit->source))
		return;
	c = g_new(struct kgr_counted, 1);
	*c = (struct kgr_counted){ .source = g_strdup(of->unit->source),
				   .by_header = of->unit->by_header,
				   .same_layouts = same_layouts,
				   .functions = g_ptr_array_new_with_free_func(func_free) };
	for (i = 0; i < of->patched->nsyms; i++)
		count_func(c, &of->patched->syms[i]);
	g_hash_table_insert(m->counted, c->source, c);
}
