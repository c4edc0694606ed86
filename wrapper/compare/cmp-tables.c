// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What the kernel's tables say of two functions. An entry is about an instruction of a function, by its address; two
 * are the same if they are about the instruction of the same number, and their other references and bytes are the same:
 *
 *	__ex_table, orig	.text+0x73 (instruction 12 of foo), to foo+0x90 (instruction 17), type 3
 *	__ex_table, patched	.text.foo+0x13 (instruction 12),    to foo+0x31 (instruction 17), type 3
 *
 * An entry of ORC holds from its place to the next one's, so a function's are those that begin in it, and the last one
 * before it; what repeats the one before means nothing.
 */
#include <string.h>

#include "elf/arch.h"
#include "compare/cmp.h"
#include "elf/special-sections.h"
#include "lib/error.h"

/* A table's entry for a function. */
struct entry {
	const struct kgr_special *special;
	const struct kgr_sec *sec;
	uint64_t at;
	unsigned int size, rank; /* the table's, to sort by */
	guint index; /* of the instruction that it is about */
};

static const struct kgr_special *table_of(const struct kgr_arch *arch, const struct kgr_sec *sec)
{
	const struct kgr_special *special = sec->special;

	if (!special)
		return kgr_special_later(arch, sec->name);
	return special->kind == KGR_SPECIAL_DROP || special->kind == KGR_SPECIAL_UNWIND ? NULL :
											  special;
}

static int by_table_and_place(gconstpointer x, gconstpointer y)
{
	const struct entry *a = *(const struct entry *const *)x,
			   *b = *(const struct entry *const *)y;
	int tables = strcmp(a->special->name, b->special->name);

	return tables		    ? tables :
	       a->index != b->index ? (a->index < b->index ? -1 : 1) :
				      (a->rank > b->rank) - (a->rank < b->rank);
}

static bool collect_entries(struct kgr_cmp_side *side, GError **error)
{
	unsigned int rank = 0;
	uint64_t at, in;
	size_t i;

	side->entries = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_ptr_array_unref);
	for (i = 1; i < side->obj->nsecs; i++) {
		const struct kgr_sec *sec = &side->obj->secs[i];
		const struct kgr_special *special = table_of(side->obj->arch, sec);
		unsigned int size;

		if (!special || !sec->data || !sec->sh.sh_size)
			continue;
		size = kgr_special_entry_size(special, sec);
		if (!size)
			return kgr_fail(error, KGR_REFUSED,
					"%s: the entries of %s have an unknown layout; leave "
					"this file out of the diff",
					side->obj->path, sec->name);
		for (at = 0; at < sec->sh.sh_size; at += size) {
			struct kgr_sym *owner = kgr_special_owner(special, sec, at, &in);
			struct entry *entry;
			GPtrArray *list;

			if (!owner || !kgr_sym_is_func(owner))
				continue;
			entry = g_new(struct entry, 1);
			*entry = (struct entry){ special, sec, at, size, rank++, (guint)in };
			list = g_hash_table_lookup(side->entries, owner);
			if (!list) {
				list = g_ptr_array_new_with_free_func(g_free);
				g_hash_table_insert(side->entries, owner, list);
			}
			g_ptr_array_add(list, entry);
		}
	}
	return true;
}

/* A function's entries in an order that does not depend on where the linker put them. */
static GPtrArray *entries_of(struct kgr_cmp *s, struct kgr_cmp_side *side, struct kgr_sym *func)
{
	const GArray *code = kgr_cmp_code_of(s, side, func);
	GPtrArray *list, *out = g_ptr_array_new_with_free_func(g_free);
	guint i;

	if (code && !side->entries)
		collect_entries(side, s->error ? NULL : &s->error);
	list = s->error ? NULL : g_hash_table_lookup(side->entries, kgr_sym_first_name(func));
	for (i = 0; list && i < list->len; i++) {
		struct entry *entry = g_memdup2(list->pdata[i], sizeof(*entry));

		entry->index = kgr_insn_index(code, entry->index);
		g_ptr_array_add(out, entry);
	}
	g_ptr_array_sort(out, by_table_and_place);
	return out;
}

static char *same_replacement(struct kgr_cmp *s, const struct kgr_rel *a, const struct kgr_rel *b,
			      unsigned int length)
{
	return kgr_cmp_region(s, a->sym->sec, a->sym->value + (uint64_t)a->addend, b->sym->sec,
			      b->sym->value + (uint64_t)b->addend, length, 1);
}

static char *same_entry(struct kgr_cmp *s, const struct entry *x, const struct entry *y)
{
	struct kgr_field fields[4];
	struct kgr_rel *ra, *rb;
	size_t na, nb, i;
	char *how = NULL;

	if (x->special != y->special || x->size != y->size || x->index != y->index)
		return g_strdup("other entries");
	ra = kgr_sec_rels(x->sec, x->at, x->at + x->size, &na);
	rb = kgr_sec_rels(y->sec, y->at, y->at + y->size, &nb);
	if (na != nb || na > G_N_ELEMENTS(fields))
		return g_strdup("an entry with other references");
	for (i = 0; i < na && !how; i++) {
		struct kgr_ref la, lb;

		fields[i].offset = (uint8_t)(ra[i].offset - x->at);
		fields[i].mask = ra[i].howto->mask;
		if (fields[i].offset != rb[i].offset - y->at)
			return g_strdup("an entry with other references");
		kgr_ref_of(&ra[i], 0, &la);
		kgr_ref_of(&rb[i], 0, &lb);
		if (fields[i].offset == x->special->owner)
			continue;
		if (x->special->replacement && fields[i].offset == x->special->replacement)
			how = same_replacement(s, &ra[i], &rb[i],
					       kgr_special_replacement_length(
						       x->special, y->sec->data + y->at, y->size));
		else
			how = kgr_cmp_ref(s, &la, &lb, 0);
	}
	if (how)
		return how;
	if (!kgr_cmp_bytes(x->sec->data + x->at, y->sec->data + y->at, x->size, fields, (int)na))
		return g_strdup("another entry");
	return NULL;
}

/* How to unwind: an entry holds until the next in the section, whatever function that is in. */

struct orc {
	uint64_t at; /* in the section with the code, later the number of the instruction */
	const uint8_t *data;
};

static bool is_end(const struct orc *orc, uint64_t size)
{
	uint64_t i;

	for (i = 0; i < size; i++) {
		if (orc->data[i])
			return false;
	}
	return true;
}

/* Where one function ends and another begins, the beginning counts (arch/x86/kernel/unwind_orc.c,
 * orc_sort_cmp()).
 */
static int by_place(gconstpointer a, gconstpointer b, gpointer size)
{
	const struct orc *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return is_end(y, *(uint64_t *)size) - is_end(x, *(uint64_t *)size);
}

/* Of all of an object's code, section by section, sorted. */
static void read_orc(struct kgr_cmp_side *side)
{
	const struct kgr_special *row = kgr_special_unwind(side->obj->arch);
	const struct kgr_sec *ip = row ? kgr_sec_named(side->obj, row->name) : NULL;
	const struct kgr_sec *data = ip ? kgr_sec_named(side->obj, row->unwind_data) : NULL;
	uint64_t size = row ? row->layouts[0].size : 1, count = ip ? ip->sh.sh_size / size : 0;
	GHashTableIter it;
	gpointer all;
	size_t i;

	side->orc = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_array_unref);
	side->orc_size = count && data && data->data ? data->sh.sh_size / count : 0;
	for (i = 0; side->orc_size && i < ip->nrels && ip->rels[i].offset / size < count; i++) {
		const struct kgr_rel *rel = &ip->rels[i];
		struct orc one = { rel->sym->value + (uint64_t)rel->addend,
				   data->data + rel->offset / size * side->orc_size };
		GArray *list = g_hash_table_lookup(side->orc, rel->sym->sec);

		if (!list) {
			list = g_array_new(FALSE, FALSE, sizeof(struct orc));
			g_hash_table_insert(side->orc, rel->sym->sec, list);
		}
		g_array_append_val(list, one);
	}
	g_hash_table_iter_init(&it, side->orc);
	while (g_hash_table_iter_next(&it, NULL, &all))
		g_array_sort_with_data(all, by_place, &side->orc_size);
}

/* The last of them that is at @pos or before it, or the first. */
static guint orc_at(const GArray *orc, uint64_t pos)
{
	guint low = 0, high = orc->len;

	while (low < high) {
		guint mid = (low + high) / 2;

		if (g_array_index(orc, struct orc, mid).at <= pos)
			low = mid + 1;
		else
			high = mid;
	}
	return low ? low - 1 : 0;
}

/* Of one function: where it changes, by instruction. */
static GArray *orc_of(struct kgr_cmp *s, struct kgr_cmp_side *side, struct kgr_sym *func)
{
	GArray *out = g_array_new(FALSE, FALSE, sizeof(struct orc));
	const GArray *code = kgr_cmp_code_of(s, side, func), *all;
	guint i;

	if (code && !side->orc)
		read_orc(side);
	all = code ? g_hash_table_lookup(side->orc, func->sec) : NULL;
	for (i = all ? orc_at(all, func->value) : 0; all && i < all->len; i++) {
		struct orc one = g_array_index(all, struct orc, i);

		if (one.at >= func->value + func->size)
			break;
		one.at = one.at <= func->value ? 0 : kgr_insn_index(code, one.at - func->value);
		/* The last one at a place counts, and one that changes nothing does not. */
		if (out->len && g_array_index(out, struct orc, out->len - 1).at == one.at)
			g_array_set_size(out, out->len - 1);
		if (!out->len || memcmp(g_array_index(out, struct orc, out->len - 1).data, one.data,
					side->orc_size) != 0)
			g_array_append_val(out, one);
	}
	return out;
}

static char *same_orc(struct kgr_cmp *s, struct kgr_sym *a, struct kgr_sym *b)
{
	g_autoptr(GArray) x = orc_of(s, &s->a, a), y = orc_of(s, &s->b, b);
	bool same = x->len == y->len && (!x->len || s->a.orc_size == s->b.orc_size);
	guint i;

	for (i = 0; same && i < x->len; i++) {
		const struct orc *one = &g_array_index(x, struct orc, i);
		const struct orc *other = &g_array_index(y, struct orc, i);

		same = one->at == other->at && !memcmp(one->data, other->data, s->a.orc_size);
	}
	s->entries += x->len;
	if (s->error)
		return kgr_cmp_undecided(s);
	return same ? NULL :
		      g_strdup_printf("%s: another way to unwind",
				      kgr_special_unwind(s->b.obj->arch)->unwind_data);
}

char *kgr_cmp_entries(struct kgr_cmp *s, struct kgr_sym *a, struct kgr_sym *b)
{
	g_autoptr(GPtrArray) x = entries_of(s, &s->a, a), y = entries_of(s, &s->b, b);
	guint i;

	if (s->error)
		return kgr_cmp_undecided(s);
	for (i = 0; i < MAX(x->len, y->len); i++) {
		const struct entry *one = i < y->len ? y->pdata[i] : x->pdata[i];
		g_autofree char *how = i < x->len && i < y->len ?
					       same_entry(s, x->pdata[i], y->pdata[i]) :
					       g_strdup("another number of entries");

		if (how)
			return g_strdup_printf("%s: %s", one->special->name, how);
	}
	s->entries += x->len;
	return same_orc(s, a, b);
}
