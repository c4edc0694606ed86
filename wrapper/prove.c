// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdlib.h>
#include <string.h>

#include "code.h"
#include "image.h"
#include "prove.h"
#include "special.h"
#include "target.h"

#define MAX_DEPTH 8

/* A table's entry for a function. */
struct entry {
	const struct kgr_special *special;
	const struct kgr_sec *sec;
	uint64_t at;
	unsigned int size, rank; /* the table's, to sort by */
	guint index; /* of the instruction that it is about */
};

/* Where a reference leads. */
struct lead {
	struct kgr_sym *sym; /* a function or object, defined here or not; or NULL */
	int64_t offset; /* from its start */
	const struct kgr_sec *sec; /* where that is, if it is here */
	uint64_t pos;
	enum kgr_target_kind kind;
};

static char *same_lead(struct kgr_proof *p, const struct lead *a, const struct lead *b, int depth);

void kgr_side_init(struct kgr_side *side, struct kgr_obj *obj, GHashTable *outside,
		   const char *source)
{
	side->obj = obj;
	side->outside = outside;
	side->source = source;
	side->codes = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_array_unref);
	side->places = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_array_unref);
	side->entries = NULL;
}

void kgr_side_clear(struct kgr_side *side)
{
	g_hash_table_destroy(side->codes);
	g_hash_table_destroy(side->places);
	g_clear_pointer(&side->entries, g_hash_table_destroy);
}

static const GArray *code_of(struct kgr_side *side, struct kgr_sym *func, char **problem)
{
	GArray *code = g_hash_table_lookup(side->codes, func);
	GError *error = NULL;

	if (code)
		return code;
	code = kgr_code(side->obj, func, &error);
	if (!code) {
		*problem = g_strdup(error->message);
		g_error_free(error);
		return NULL;
	}
	g_hash_table_insert(side->codes, func, code);
	return code;
}

static bool is_number(const char *s, size_t len)
{
	return len && strspn(s, "0123456789") >= len;
}

/* Component by component: "foo.constprop.0", "count.1234", "bar.isra.0.cold". */
bool kgr_same_name(const char *a, const char *b)
{
	size_t x, y;

	for (;; a += x + 1, b += y + 1) {
		x = strcspn(a, ".");
		y = strcspn(b, ".");
		if ((x != y || memcmp(a, b, x) != 0) && !(is_number(a, x) && is_number(b, y)))
			return false;
		if (!a[x] || !b[y])
			return !a[x] && !b[y];
	}
}

static void lead_of(const struct kgr_rel *rel, int tail, struct lead *out)
{
	struct kgr_target t;

	kgr_target(rel, tail, &t);
	*out = (struct lead){ t.sym, t.offset, t.sec, t.pos, t.kind };
	if (t.sym && t.sym->sec) {
		out->sec = t.sym->sec;
		out->pos = t.sym->value + (uint64_t)t.offset;
	}
}

/* The assembler needs no relocation for what lies in the same section. */
static void lead_within(const struct kgr_sec *sec, uint64_t pos, struct lead *out)
{
	*out = (struct lead){ .sec = sec, .pos = pos, .kind = KGR_TARGET_SYMBOL };
	out->sym = kgr_sec_sym_at(sec, pos);
	if (out->sym)
		out->offset = (int64_t)(pos - out->sym->value);
}

static const char *name_of(const struct lead *lead)
{
	return lead->sym ? lead->sym->name : lead->sec ? lead->sec->name : "nothing";
}

static char *other(const struct lead *a, const struct lead *b)
{
	return g_strdup_printf("it refers to %s%+" G_GINT64_FORMAT
			       ", a normal build to %s%+" G_GINT64_FORMAT,
			       name_of(a), a->offset, name_of(b), b->offset);
}

static bool within(const struct kgr_sec *sec, uint64_t pos, uint64_t size)
{
	return sec && sec->data && pos <= sec->sh.sh_size && size <= sec->sh.sh_size - pos;
}

static bool same_string(const struct lead *a, const struct lead *b)
{
	size_t len;

	if (!within(a->sec, a->pos, 1) || !within(b->sec, b->pos, 1))
		return false;
	len = strnlen((const char *)b->sec->data + b->pos, b->sec->sh.sh_size - b->pos);
	return within(a->sec, a->pos, len + 1) &&
	       !memcmp(a->sec->data + a->pos, b->sec->data + b->pos, len) &&
	       !a->sec->data[a->pos + len];
}

/* Data, or a replacement's code, where a relative field is the last of its instruction. */
static char *same_region(struct kgr_proof *p, const struct kgr_sec *as, uint64_t apos,
			 const struct kgr_sec *bs, uint64_t bpos, uint64_t size, int depth)
{
	struct kgr_rel *ra, *rb;
	size_t na, nb, i;
	uint64_t from = 0;
	char *problem = NULL;

	if (depth > MAX_DEPTH)
		return g_strdup("constants are nested too deeply");
	if (as && bs && !as->data && !bs->data)
		return NULL;
	if (!within(as, apos, size) || !within(bs, bpos, size))
		return g_strdup("a reference leaves its section");
	ra = kgr_sec_rels(as, apos, apos + size, &na);
	rb = kgr_sec_rels(bs, bpos, bpos + size, &nb);
	for (i = 0; !problem && (i < na || i < nb); i++) {
		struct lead la, lb;
		uint64_t at;
		int tail;

		if (i >= na || i >= nb || ra[i].offset - apos != rb[i].offset - bpos ||
		    kgr_rel_width(&ra[i]) != kgr_rel_width(&rb[i]) || !kgr_rel_width(&ra[i]))
			return g_strdup_printf("data of %s has other references", bs->name);
		at = ra[i].offset - apos;
		if (at > from && memcmp(as->data + apos + from, bs->data + bpos + from, at - from))
			return g_strdup_printf("data of %s differs", bs->name);
		from = at + kgr_rel_width(&ra[i]);
		tail = kgr_sec_is_text(bs) && kgr_rel_is_pcrel(&rb[i]) ? 4 : 0;
		lead_of(&ra[i], tail, &la);
		lead_of(&rb[i], tail, &lb);
		problem = same_lead(p, &la, &lb, depth + 1);
	}
	if (!problem && size > from &&
	    memcmp(as->data + apos + from, bs->data + bpos + from, size - from))
		return g_strdup_printf("data of %s differs", bs->name);
	p->references += (guint)na;
	return problem;
}

static int by_value(gconstpointer a, gconstpointer b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Where references lead in a section that are to no symbol, sorted. */
static GArray *nameless_places(const struct kgr_obj *obj, const struct kgr_sec *sec)
{
	GArray *out = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	size_t i, r;

	for (i = 1; i < obj->nsecs; i++) {
		for (r = 0; r < obj->secs[i].nrels; r++) {
			const struct kgr_rel *rel = &obj->secs[i].rels[r];
			bool code = kgr_sec_is_text(&obj->secs[i]) && kgr_rel_is_pcrel(rel);
			struct lead lead;

			if (rel->sym->sec != sec)
				continue;
			lead_of(rel, code ? 4 : 0, &lead);
			if (lead.kind == KGR_TARGET_SECTION)
				g_array_append_val(out, lead.pos);
		}
	}
	g_array_sort(out, by_value);
	return out;
}

/* How far what has no name may reach: to the next reference, symbol or end. */
static uint64_t reach(struct kgr_side *side, const struct kgr_sec *sec, uint64_t pos)
{
	GArray *places = g_hash_table_lookup(side->places, sec);
	uint64_t end = sec->sh.sh_size;
	guint i;

	if (!places) {
		places = nameless_places(side->obj, sec);
		g_hash_table_insert(side->places, (gpointer)sec, places);
	}
	for (i = 0; i < sec->syms->len; i++) {
		const struct kgr_sym *sym = sec->syms->pdata[i];

		if (sym->value > pos)
			end = MIN(end, sym->value);
	}
	for (i = 0; i < places->len; i++) {
		if (g_array_index(places, uint64_t, i) > pos)
			return MIN(end, g_array_index(places, uint64_t, i));
	}
	return end;
}

/* A switch's jumps, a constant that is not to be merged: no symbol says how long they are. */
static char *same_nameless(struct kgr_proof *p, const struct lead *a, const struct lead *b,
			   int depth)
{
	uint64_t size;

	if (!a->sec || !b->sec || a->pos >= a->sec->sh.sh_size || b->pos >= b->sec->sh.sh_size)
		return other(a, b);
	size = MIN(reach(&p->a, a->sec, a->pos) - a->pos, reach(&p->b, b->sec, b->pos) - b->pos);
	return same_region(p, a->sec, a->pos, b->sec, b->pos, size, depth);
}

static bool same_place_in_function(struct kgr_proof *p, const struct lead *a, const struct lead *b,
				   char **problem)
{
	const GArray *x, *y;

	if (!a->offset && !b->offset)
		return true;
	x = code_of(&p->a, a->sym, problem);
	y = x ? code_of(&p->b, b->sym, problem) : NULL;
	return y &&
	       kgr_code_index(x, (uint64_t)a->offset) == kgr_code_index(y, (uint64_t)b->offset);
}

/* Is this what the kernel calls so, and of the right file where several do? */
static bool is_called(const struct kgr_proof *p, const GSList *called, const struct kgr_sym *sym)
{
	char *file = p->b.source ? g_path_get_basename(p->b.source) : NULL;
	bool local = sym->sec && sym->bind == STB_LOCAL, found = false;

	for (; called && !found; called = called->next) {
		const struct kgr_ksym *k = called->data;

		if (!kgr_same_name(k->name, sym->name))
			continue;
		found = local ? k->bind == STB_LOCAL && file && k->file < k->image->files->len &&
					!strcmp(k->image->files->pdata[k->file], file) :
				k->bind != STB_LOCAL;
	}
	g_free(file);
	return found;
}

static bool has_object(const struct kgr_obj *obj, const char *name)
{
	size_t i;

	for (i = 0; i < obj->nsyms; i++) {
		if (kgr_sym_is_object(&obj->syms[i]) && kgr_same_name(obj->syms[i].name, name))
			return true;
	}
	return false;
}

static char *same_symbol(struct kgr_proof *p, const struct lead *a, const struct lead *b, int depth)
{
	const GSList *called = p->a.outside ? g_hash_table_lookup(p->a.outside, a->sym) : NULL;
	char *problem = NULL;

	if (called ? !is_called(p, called, b->sym) : !kgr_same_name(a->sym->name, b->sym->name))
		return other(a, b);
	if (kgr_sym_is_func(a->sym) && kgr_sym_is_func(b->sym)) {
		if (!same_place_in_function(p, a, b, &problem))
			return problem ?: other(a, b);
		return NULL;
	}
	if (a->offset != b->offset)
		return other(a, b);
	if (!a->sym->sec || !p->built)
		return NULL;
	/* It is in the module. */
	if (has_object(p->built, b->sym->name))
		return g_strdup_printf("%s is the module's own copy of what the kernel has",
				       b->sym->name);
	if (!b->sym->sec || depth > 2)
		return NULL;
	return a->sym->size == b->sym->size ?
		       same_region(p, a->sym->sec, a->sym->value, b->sym->sec, b->sym->value,
				   b->sym->size, depth + 1) :
		       g_strdup_printf("%s has another size", b->sym->name);
}

static char *same_lead(struct kgr_proof *p, const struct lead *a, const struct lead *b, int depth)
{
	switch (b->kind) {
	case KGR_TARGET_STRING:
		return same_string(a, b) ? NULL : other(a, b);
	case KGR_TARGET_CONST:
		return same_region(p, a->sec, a->pos, b->sec, b->pos, b->sec->sh.sh_entsize, depth);
	case KGR_TARGET_SECTION:
		return same_nameless(p, a, b, depth);
	case KGR_TARGET_SYMBOL:
		break;
	}
	if (b->sym && kgr_sym_is_constant(b->sym))
		return same_region(p, a->sec, a->pos - (uint64_t)b->offset, b->sec,
				   b->pos - (uint64_t)b->offset, b->sym->size, depth);
	return a->sym && b->sym ? same_symbol(p, a, b, depth) : other(a, b);
}

/* Instructions. */

/* Its references: a relocation in it, and what needs none. Returns how many, two at most. */
static int leads_of(const struct kgr_sym *func, const struct kgr_insn *insn, struct lead *leads,
		    uint8_t *fields, uint8_t *widths)
{
	uint64_t start = func->value + insn->offset, end = start + insn->length;
	bool relative = false;
	struct kgr_rel *rels;
	size_t count, i;
	int n = 0;

	rels = kgr_sec_rels(func->sec, start, end, &count);
	for (i = 0; i < count && n < 2; i++, n++) {
		lead_of(&rels[i], kgr_rel_is_pcrel(&rels[i]) ? (int)(end - rels[i].offset) : 0,
			&leads[n]);
		fields[n] = (uint8_t)(rels[i].offset - start);
		widths[n] = (uint8_t)kgr_rel_width(&rels[i]);
		relative |= insn->field_size && fields[n] == insn->field;
	}
	if (insn->field_size && !relative && n < 2) {
		lead_within(func->sec, end + (uint64_t)insn->distance, &leads[n]);
		fields[n] = insn->field;
		widths[n++] = insn->field_size;
	}
	return n;
}

static bool same_bytes(const uint8_t *a, const uint8_t *b, unsigned int length,
		       const uint8_t *fields, const uint8_t *widths, int n)
{
	unsigned int i;
	int f;

	for (i = 0; i < length; i++) {
		for (f = 0; f < n; f++) {
			if (i >= fields[f] && i < (unsigned int)fields[f] + widths[f])
				break;
		}
		if (f == n && a[i] != b[i])
			return false;
	}
	return true;
}

static char *same_instruction(struct kgr_proof *p, const struct kgr_sym *a,
			      const struct kgr_insn *x, const struct kgr_sym *b,
			      const struct kgr_insn *y)
{
	struct lead la[2], lb[2];
	uint8_t fa[2], fb[2], wa[2], wb[2];
	int na = leads_of(a, x, la, fa, wa), nb = leads_of(b, y, lb, fb, wb), i;
	char *problem = NULL;

	if (x->mnemonic != y->mnemonic || na != nb)
		return g_strdup("another instruction");
	/* Near and far branches differ in their bytes only. */
	if (!(x->branch && y->branch) &&
	    (x->length != y->length || memcmp(fa, fb, (size_t)na) || memcmp(wa, wb, (size_t)na) ||
	     !same_bytes(a->sec->data + a->value + x->offset, b->sec->data + b->value + y->offset,
			 x->length, fa, wa, na)))
		return g_strdup("another instruction");
	for (i = 0; i < na && !problem; i++)
		problem = same_lead(p, &la[i], &lb[i], 0);
	p->references += (guint)na;
	return problem;
}

/* Tables. */

static const struct kgr_special *table_of(const char *section)
{
	const struct kgr_special *special = kgr_special_find(section);
	static const char *const later[] = { "__jump_table", ".static_call_sites" };
	size_t i;

	if (special)
		return special->kind == KGR_SPECIAL_DROP ? NULL : special;
	if (!strcmp(section, ".kgr.fixed_jumps"))
		return kgr_special_find("__jump_table");
	for (i = 0; i < G_N_ELEMENTS(later); i++) {
		special = kgr_special_find(later[i]);
		/* A module's own have its number behind. */
		if (g_str_has_prefix(section, special->later_name))
			return special;
	}
	return NULL;
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

static char *collect_entries(struct kgr_side *side)
{
	unsigned int rank = 0;
	uint64_t at, in;
	size_t i;

	side->entries = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_ptr_array_unref);
	for (i = 1; i < side->obj->nsecs; i++) {
		const struct kgr_sec *sec = &side->obj->secs[i];
		const struct kgr_special *special = table_of(sec->name);
		unsigned int size;

		if (!special || !sec->data || !sec->sh.sh_size)
			continue;
		size = kgr_special_entry_size(special, sec);
		if (!size)
			return g_strdup_printf("%s: %s has entries of an unknown layout",
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
	return NULL;
}

/* A function's entries in an order that does not depend on where the linker put them. */
static GPtrArray *entries_of(struct kgr_side *side, struct kgr_sym *func, char **problem)
{
	const GArray *code = code_of(side, func, problem);
	GPtrArray *list, *out = g_ptr_array_new_with_free_func(g_free);
	guint i;

	if (code && !side->entries)
		*problem = collect_entries(side);
	list = *problem ? NULL : g_hash_table_lookup(side->entries, func);
	for (i = 0; list && i < list->len; i++) {
		struct entry *entry = g_memdup2(list->pdata[i], sizeof(*entry));

		entry->index = kgr_code_index(code, entry->index);
		g_ptr_array_add(out, entry);
	}
	g_ptr_array_sort(out, by_table_and_place);
	return out;
}

static char *same_replacement(struct kgr_proof *p, const struct kgr_rel *a, const struct kgr_rel *b,
			      unsigned int length)
{
	return same_region(p, a->sym->sec, a->sym->value + (uint64_t)a->addend, b->sym->sec,
			   b->sym->value + (uint64_t)b->addend, length, 1);
}

static bool same_orc(const struct kgr_proof *p, const struct entry *x, const struct entry *y)
{
	const struct kgr_sec *a = kgr_sec_named(p->a.obj, ".orc_unwind");
	const struct kgr_sec *b = kgr_sec_named(p->b.obj, ".orc_unwind");
	uint64_t na = x->sec->sh.sh_size / x->size, nb = y->sec->sh.sh_size / y->size;
	uint64_t size = b ? b->sh.sh_size / nb : 0;

	return a && a->sh.sh_size / na == size && within(a, x->at / x->size * size, size) &&
	       within(b, y->at / y->size * size, size) &&
	       !memcmp(a->data + x->at / x->size * size, b->data + y->at / y->size * size, size);
}

static char *same_entry(struct kgr_proof *p, const struct entry *x, const struct entry *y)
{
	uint8_t fields[4], widths[4];
	struct kgr_rel *ra, *rb;
	size_t na, nb, i;
	char *problem = NULL;

	if (x->special != y->special || x->size != y->size || x->index != y->index)
		return g_strdup("other entries");
	ra = kgr_sec_rels(x->sec, x->at, x->at + x->size, &na);
	rb = kgr_sec_rels(y->sec, y->at, y->at + y->size, &nb);
	if (na != nb || na > G_N_ELEMENTS(fields))
		return g_strdup("an entry with other references");
	for (i = 0; i < na && !problem; i++) {
		struct lead la, lb;

		fields[i] = (uint8_t)(ra[i].offset - x->at);
		widths[i] = (uint8_t)kgr_rel_width(&ra[i]);
		if (fields[i] != rb[i].offset - y->at)
			return g_strdup("an entry with other references");
		lead_of(&ra[i], 0, &la);
		lead_of(&rb[i], 0, &lb);
		if (fields[i] == x->special->owner)
			continue;
		if (fields[i] == 4 && !strcmp(x->special->name, ".altinstructions"))
			problem = same_replacement(p, &ra[i], &rb[i],
						   y->sec->data[y->at + y->size - 1]);
		else
			problem = same_lead(p, &la, &lb, 0);
	}
	if (problem)
		return problem;
	if (!same_bytes(x->sec->data + x->at, y->sec->data + y->at, x->size, fields, widths,
			(int)na))
		return g_strdup("another entry");
	if (x->special->kind == KGR_SPECIAL_ORC && !same_orc(p, x, y))
		return g_strdup("another way to unwind");
	return NULL;
}

static char *same_entries(struct kgr_proof *p, struct kgr_sym *a, struct kgr_sym *b)
{
	char *problem = NULL, *why = NULL;
	GPtrArray *x = entries_of(&p->a, a, &problem);
	GPtrArray *y = problem ? NULL : entries_of(&p->b, b, &problem);
	guint i;

	for (i = 0; !problem && !why && i < MAX(x->len, y->len); i++) {
		const struct entry *one = i < y->len ? y->pdata[i] : x->pdata[i];

		why = i < x->len && i < y->len ? same_entry(p, x->pdata[i], y->pdata[i]) :
						 g_strdup("another number of entries");
		if (why)
			problem = g_strdup_printf("%s: %s: %s", a->name, one->special->name, why);
	}
	p->entries += x->len;
	g_free(why);
	g_ptr_array_unref(x);
	if (y)
		g_ptr_array_unref(y);
	return problem;
}

char *kgr_prove(struct kgr_proof *p, struct kgr_sym *a, struct kgr_sym *b)
{
	char *problem = NULL, *why = NULL;
	const GArray *x = code_of(&p->a, a, &problem);
	const GArray *y = x ? code_of(&p->b, b, &problem) : NULL;
	guint i;

	if (!y)
		return problem;
	if (x->len != y->len)
		return g_strdup_printf("%s: %u instructions, in a normal build %u", a->name, x->len,
				       y->len);
	for (i = 0; i < x->len && !why; i++)
		why = same_instruction(p, a, &g_array_index(x, struct kgr_insn, i), b,
				       &g_array_index(y, struct kgr_insn, i));
	if (why) {
		problem = g_strdup_printf("%s+0x%x: %s", a->name,
					  g_array_index(x, struct kgr_insn, i - 1).offset, why);
		g_free(why);
		return problem;
	}
	p->instructions += x->len;
	return same_entries(p, a, b);
}
