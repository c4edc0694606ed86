// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "image.h"
#include "code.h"
#include "prove-leads.h"

#define MAX_DEPTH 8

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

void kgr_lead_of(const struct kgr_rel *rel, int tail, struct kgr_lead *out)
{
	struct kgr_target t;

	kgr_target(rel, tail, &t);
	*out = (struct kgr_lead){ t.sym, t.offset, t.sec, t.pos, t.kind, kgr_rel_is_value(rel) };
	if (t.sym && t.sym->sec) {
		out->sec = t.sym->sec;
		out->pos = t.sym->value + (uint64_t)t.offset;
	}
}

/* The assembler needs no relocation for what lies in the same section. */
void kgr_lead_within(const struct kgr_sec *sec, uint64_t pos, struct kgr_lead *out)
{
	*out = (struct kgr_lead){ .sec = sec, .pos = pos, .kind = KGR_TARGET_SYMBOL };
	out->sym = kgr_sec_sym_at(sec, pos);
	if (out->sym)
		out->offset = (int64_t)(pos - out->sym->value);
}

static const char *name_of(const struct kgr_lead *lead)
{
	return lead->sym ? lead->sym->name : lead->sec ? lead->sec->name : "nothing";
}

static char *other(const struct kgr_lead *a, const struct kgr_lead *b)
{
	return g_strdup_printf("it refers to %s%+" G_GINT64_FORMAT
			       ", a normal build to %s%+" G_GINT64_FORMAT,
			       name_of(a), a->offset, name_of(b), b->offset);
}

bool kgr_within(const struct kgr_sec *sec, uint64_t pos, uint64_t size)
{
	return sec && sec->data && pos <= sec->sh.sh_size && size <= sec->sh.sh_size - pos;
}

static bool same_string(const struct kgr_lead *a, const struct kgr_lead *b)
{
	size_t len;

	if (!kgr_within(a->sec, a->pos, 1) || !kgr_within(b->sec, b->pos, 1))
		return false;
	len = strnlen((const char *)b->sec->data + b->pos, b->sec->sh.sh_size - b->pos);
	return kgr_within(a->sec, a->pos, len + 1) &&
	       !memcmp(a->sec->data + a->pos, b->sec->data + b->pos, len) &&
	       !a->sec->data[a->pos + len];
}

/* Data, or a replacement's code, where a relative field is the last of its instruction. */
char *kgr_same_region(struct kgr_proof *p, const struct kgr_sec *as, uint64_t apos,
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
	if (!kgr_within(as, apos, size) || !kgr_within(bs, bpos, size))
		return g_strdup("a reference leaves its section");
	ra = kgr_sec_rels(as, apos, apos + size, &na);
	rb = kgr_sec_rels(bs, bpos, bpos + size, &nb);
	for (i = 0; !problem && (i < na || i < nb); i++) {
		struct kgr_lead la, lb;
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
		kgr_lead_of(&ra[i], tail, &la);
		kgr_lead_of(&rb[i], tail, &lb);
		problem = kgr_same_lead(p, &la, &lb, depth + 1);
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
			struct kgr_lead lead;

			if (rel->sym->sec != sec)
				continue;
			kgr_lead_of(rel, code ? 4 : 0, &lead);
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
static char *same_nameless(struct kgr_proof *p, const struct kgr_lead *a, const struct kgr_lead *b,
			   int depth)
{
	uint64_t size;

	if (!a->sec || !b->sec || a->pos >= a->sec->sh.sh_size || b->pos >= b->sec->sh.sh_size)
		return other(a, b);
	size = MIN(reach(&p->a, a->sec, a->pos) - a->pos, reach(&p->b, b->sec, b->pos) - b->pos);
	return kgr_same_region(p, a->sec, a->pos, b->sec, b->pos, size, depth);
}

static bool same_place_in_function(struct kgr_proof *p, const struct kgr_lead *a,
				   const struct kgr_lead *b, char **problem)
{
	const GArray *x, *y;

	if (!a->offset && !b->offset)
		return true;
	x = kgr_code_of(&p->a, a->sym, problem);
	y = x ? kgr_code_of(&p->b, b->sym, problem) : NULL;
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

static bool is_constant_called(const struct kgr_sym *sym, const char *name)
{
	return kgr_sym_is_object(sym) && !(sym->sec->sh.sh_flags & SHF_WRITE) &&
	       !strcmp(sym->name, name);
}

/* Has the kernel's constant of this name another content? */
static bool is_changed_constant(struct kgr_proof *p, const struct kgr_sym *sym)
{
	struct kgr_proof before = { .a = p->b };
	bool changed = false;
	size_t i;

	if (!is_constant_called(sym, sym->name))
		return false;
	kgr_side_init(&before.b, p->built, NULL, p->b.source);
	for (i = 0; !changed && i < p->built->nsyms; i++) {
		const struct kgr_sym *old = &p->built->syms[i];
		char *difference;

		if (!is_constant_called(old, sym->name))
			continue;
		difference = old->size != sym->size ?
				     g_strdup("size") :
				     kgr_same_region(&before, sym->sec, sym->value, old->sec,
						     old->value, old->size, 0);
		changed = difference;
		g_free(difference);
	}
	kgr_side_clear(&before.b);
	return changed;
}

static guint count_objects(const struct kgr_obj *obj, const char *name)
{
	guint count = 0;
	size_t i;

	for (i = 0; i < obj->nsyms; i++)
		count += kgr_sym_is_object(&obj->syms[i]) && kgr_same_name(obj->syms[i].name, name);
	return count;
}

/* Objects without a byte, as __key without lockdep, share their place with what comes next. */
static bool has_name_at(const struct kgr_lead *lead, const char *name)
{
	guint i;

	for (i = 0; lead->sec && i < lead->sec->syms->len; i++) {
		const struct kgr_sym *sym = lead->sec->syms->pdata[i];

		if (sym->value == lead->pos && kgr_same_name(sym->name, name))
			return true;
	}
	return false;
}

/*
 * The normal build has many objects in a section: a place beyond the end of one is beside the start of
 * another there, while the patch's object knows which it belongs to.
 */
static bool is_beyond(const struct kgr_lead *a, const struct kgr_lead *b)
{
	guint i;

	for (i = 0; a->sym && b->sec && i < b->sec->syms->len; i++) {
		const struct kgr_sym *sym = b->sec->syms->pdata[i];

		if (kgr_same_name(a->sym->name, sym->name) &&
		    sym->value + (uint64_t)a->offset == b->pos)
			return true;
	}
	return false;
}

static char *same_symbol(struct kgr_proof *p, const struct kgr_lead *a, const struct kgr_lead *b,
			 int depth)
{
	const GSList *called = p->a.outside ? g_hash_table_lookup(p->a.outside, a->sym) : NULL;
	char *problem = NULL;

	if (called ? !is_called(p, called, b->sym) : !kgr_same_name(a->sym->name, b->sym->name)) {
		if ((!a->sym->size && has_name_at(b, a->sym->name)) ||
		    (a->offset && is_beyond(a, b)))
			return NULL;
		return other(a, b);
	}
	if (kgr_sym_is_func(a->sym) && kgr_sym_is_func(b->sym)) {
		if (!same_place_in_function(p, a, b, &problem))
			return problem ?: other(a, b);
		return NULL;
	}
	if (a->offset != b->offset)
		return other(a, b);
	if (!a->sym->sec || !p->built)
		return NULL;
	/*
	 * It is in the module, so there must be more of that name than the kernel has; but for a
	 * table that the fix changes, and that only functions read.
	 */
	if (count_objects(p->b.obj, b->sym->name) <= count_objects(p->built, b->sym->name) &&
	    !is_changed_constant(p, b->sym))
		return g_strdup_printf("%s is the module's own copy of what the kernel has",
				       b->sym->name);
	if (!b->sym->sec || depth > 2)
		return NULL;
	return a->sym->size == b->sym->size ?
		       kgr_same_region(p, a->sym->sec, a->sym->value, b->sym->sec, b->sym->value,
				       b->sym->size, depth + 1) :
		       g_strdup_printf("%s has another size", b->sym->name);
}

char *kgr_same_lead(struct kgr_proof *p, const struct kgr_lead *a, const struct kgr_lead *b,
		    int depth)
{
	if (a->value != b->value)
		return other(a, b);
	switch (b->kind) {
	case KGR_TARGET_STRING:
		return same_string(a, b) ? NULL : other(a, b);
	case KGR_TARGET_CONST:
		return kgr_same_region(p, a->sec, a->pos, b->sec, b->pos, b->sec->sh.sh_entsize,
				       depth);
	case KGR_TARGET_SECTION:
		return same_nameless(p, a, b, depth);
	case KGR_TARGET_SYMBOL:
		break;
	}
	if (b->sym && kgr_sym_is_constant(b->sym))
		return kgr_same_region(p, a->sec, a->pos - (uint64_t)b->offset, b->sec,
				       b->pos - (uint64_t)b->offset, b->sym->size, depth);
	return a->sym && b->sym ? same_symbol(p, a, b, depth) : other(a, b);
}
