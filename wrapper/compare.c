// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "compare.h"
#include "error.h"
#include "implicit.h"
#include "insn.h"
#include "match.h"
#include "special.h"
#include "target.h"

#define MAX_DEPTH 16

/* A stretch of a section: a function's text, an object's bytes, a table entry, a constant. */
struct region {
	const struct kgr_obj *obj;
	const struct kgr_sec *sec;
	uint64_t start, size;
};

struct compared {
	struct kgr_obj *orig, *patched;
	GHashTable *entries[2]; /* function -> list of struct region, for each side */
};

static bool same_regions(struct compared *c, const struct region *a, const struct region *b,
			 int depth, char **cause, GError **error);

static struct region whole_symbol(const struct kgr_obj *obj, const struct kgr_sym *sym)
{
	return (struct region){ obj, sym->sec, sym->value, sym->size };
}

static bool differs(char **cause, const char *format, ...) G_GNUC_PRINTF(2, 3);

static bool differs(char **cause, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (cause && !*cause)
		*cause = g_strdup_vprintf(format, args);
	va_end(args);
	return false;
}

/* What is left of its section at a string; 0: it begins behind the end. */
static size_t room_at(const struct kgr_target *t)
{
	return t->sec->data && t->pos < t->sec->sh.sh_size ? t->sec->sh.sh_size - t->pos : 0;
}

static bool same_string(const struct kgr_target *a, const struct kgr_target *b)
{
	size_t room_a = room_at(a), room_b = room_at(b), len;
	const char *x, *y;

	if (!room_a || !room_b)
		return false;
	x = (const char *)a->sec->data + a->pos;
	y = (const char *)b->sec->data + b->pos;
	len = strnlen(x, room_a);
	return len == strnlen(y, room_b) && !memcmp(x, y, len);
}

static bool other_string(const struct kgr_target *t, char **cause)
{
	size_t room = room_at(t);
	char *text =
		room ? g_strndup((const char *)t->sec->data + t->pos, MIN(room, 40)) : g_strdup("");
	char *shown = g_strescape(text, NULL);

	differs(cause, "string \"%s\"", shown);
	g_free(text);
	g_free(shown);
	return false;
}

/* A place without a name of its own: what is there decides. */
static bool same_anonymous(struct compared *c, const struct kgr_target *a,
			   const struct kgr_target *b, int depth, char **cause, GError **error)
{
	struct region x = { c->orig, a->sec, 0, a->sec->sh.sh_size };
	struct region y = { c->patched, b->sec, 0, b->sec->sh.sh_size };

	if (a->kind == KGR_TARGET_CONST) {
		x.start = a->pos;
		y.start = b->pos;
		x.size = a->sec->sh.sh_entsize;
		y.size = b->sec->sh.sh_entsize;
	} else if (kgr_sec_is_aux(a->sec) && kgr_sec_is_aux(b->sec)) {
		x.start = a->pos;
		y.start = b->pos;
		x.size = kgr_insn_aux(a->sec, a->pos);
		y.size = kgr_insn_aux(b->sec, b->pos);
	} else if (a->pos != b->pos) {
		return differs(cause, "reference into %s", b->sec->name);
	}
	return same_regions(c, &x, &y, depth + 1, cause, error);
}

static bool same_target(struct compared *c, const struct kgr_target *a, const struct kgr_target *b,
			int depth, char **cause, GError **error)
{
	struct kgr_sym *x = a->sym, *y = b->sym;

	if (a->kind != b->kind)
		return differs(cause, "reference to something else");
	if (a->kind == KGR_TARGET_STRING)
		return same_string(a, b) || other_string(b, cause);
	if (a->kind != KGR_TARGET_SYMBOL)
		return same_anonymous(c, a, b, depth, cause, error);
	if (a->offset != b->offset)
		return differs(cause, "place in %s", y->name);
	if (!x->sec && !y->sec)
		return !strcmp(x->name, y->name) ||
		       differs(cause, "reference to %s instead of %s", y->name, x->name);
	/* Before the names are asked: these are numbered, and only their content counts. */
	if (kgr_sym_is_constant(x) && kgr_sym_is_constant(y)) {
		struct region rx = whole_symbol(c->orig, x), ry = whole_symbol(c->patched, y);

		return same_regions(c, &rx, &ry, depth + 1, cause, error);
	}
	if (x->twin == y)
		return true;
	return differs(cause, "reference to %s instead of %s", y->name, x->name);
}

static int *tails_of(const struct region *r, const struct kgr_rel *rels, size_t n, GError **error)
{
	if (kgr_sec_is_text(r->sec))
		return kgr_insn_tails(r->obj, r->sec, r->start, r->size, rels, n, error);
	return g_new0(int, n + 1);
}

static bool same_bytes(const struct region *a, const struct region *b, const struct kgr_rel *rels,
		       size_t n)
{
	uint64_t from = 0, to, skip;
	size_t i;

	if (!a->sec->data || !b->sec->data)
		return a->sec->data == b->sec->data;
	for (i = 0; i <= n; i++) {
		to = i < n ? rels[i].offset - a->start : a->size;
		if (to > from && memcmp(a->sec->data + a->start + from,
					b->sec->data + b->start + from, to - from))
			return false;
		skip = i < n ? kgr_rel_width(&rels[i]) : 0;
		from = MAX(from, to + skip);
	}
	return true;
}

static bool within_section(const struct region *r)
{
	uint64_t room = r->sec->sh.sh_size;

	return r->start <= room && r->size <= room - r->start;
}

static bool same_regions(struct compared *c, const struct region *a, const struct region *b,
			 int depth, char **cause, GError **error)
{
	int *tails_a = NULL, *tails_b = NULL;
	struct kgr_rel *ra, *rb;
	size_t na, nb, i;
	bool same = false;

	if (depth > MAX_DEPTH)
		return differs(cause, "constants nested too deeply");
	if (!within_section(a) || !within_section(b))
		return differs(cause, "reference out of %s", b->sec->name);
	if (a->size != b->size)
		return differs(cause, "size %" G_GUINT64_FORMAT ", was %" G_GUINT64_FORMAT, b->size,
			       a->size);
	ra = kgr_sec_rels(a->sec, a->start, a->start + a->size, &na);
	rb = kgr_sec_rels(b->sec, b->start, b->start + b->size, &nb);
	if (na != nb)
		return differs(cause, "references");
	for (i = 0; i < na; i++) {
		if (ra[i].offset - a->start != rb[i].offset - b->start ||
		    kgr_rel_width(&ra[i]) != kgr_rel_width(&rb[i]) ||
		    kgr_rel_is_pcrel(&ra[i]) != kgr_rel_is_pcrel(&rb[i]) ||
		    kgr_rel_is_value(&ra[i]) != kgr_rel_is_value(&rb[i]))
			return differs(cause, "references");
		if (!kgr_rel_width(&ra[i]))
			return kgr_fail(error, KGR_REFUSED,
					"%s: relocation type %u in %s is not supported",
					a->obj->path, ra[i].type, a->sec->name);
	}
	if (!same_bytes(a, b, ra, na))
		return differs(cause, "code or data");
	tails_a = tails_of(a, ra, na, error);
	tails_b = tails_a ? tails_of(b, rb, nb, error) : NULL;
	if (!tails_b)
		goto out;
	for (i = 0; i < na; i++) {
		struct kgr_target ta, tb;

		kgr_target(&ra[i], kgr_rel_is_pcrel(&ra[i]) ? tails_a[i] : 0, &ta);
		kgr_target(&rb[i], kgr_rel_is_pcrel(&rb[i]) ? tails_b[i] : 0, &tb);
		if (!same_target(c, &ta, &tb, depth, cause, error))
			goto out;
	}
	same = true;
out:
	g_free(tails_a);
	g_free(tails_b);
	return same;
}

/* Table entries: what an alternative or a fixup does is part of what the function does. */

static void free_entries(gpointer list)
{
	g_slist_free_full(list, g_free);
}

static GHashTable *collect_entries(const struct kgr_obj *obj, GError **error)
{
	GHashTable *out = g_hash_table_new_full(NULL, NULL, NULL, free_entries);
	size_t i;
	uint64_t at;

	for (i = 1; i < obj->nsecs; i++) {
		const struct kgr_sec *sec = &obj->secs[i];
		const struct kgr_special *special = kgr_special_find(sec->name);
		unsigned int size;

		if (!special || !special->compared || !sec->data || !sec->sh.sh_size)
			continue;
		size = kgr_special_entry_size(special, sec);
		if (!size) {
			kgr_fail(error, KGR_REFUSED, "%s: the entries of %s have an unknown layout",
				 obj->path, sec->name);
			g_hash_table_destroy(out);
			return NULL;
		}
		for (at = 0; at < sec->sh.sh_size; at += size) {
			struct kgr_sym *owner = kgr_special_owner(special, sec, at, NULL);
			struct region *entry;
			GSList *list;

			if (!owner)
				continue;
			entry = g_new(struct region, 1);
			*entry = (struct region){ obj, sec, at, size };
			list = g_hash_table_lookup(out, owner);
			g_hash_table_steal(out, owner);
			g_hash_table_insert(out, owner, g_slist_append(list, entry));
		}
	}
	return out;
}

/* An alternative's replacement has no symbol: compare the bytes that its entry names. */
static bool same_replacements(struct compared *c, const struct region *a, const struct region *b,
			      char **cause, GError **error)
{
	size_t na, nb;
	struct kgr_rel *ra = kgr_sec_rels(a->sec, a->start + 4, a->start + 5, &na);
	struct kgr_rel *rb = kgr_sec_rels(b->sec, b->start + 4, b->start + 5, &nb);
	unsigned int len = a->sec->data[a->start + a->size - 1];
	struct region x, y;

	if (na != 1 || nb != 1 || !ra->sym->sec || !rb->sym->sec)
		return differs(cause, "alternative");
	x = (struct region){ c->orig, ra->sym->sec, ra->sym->value + (uint64_t)ra->addend, len };
	y = (struct region){ c->patched, rb->sym->sec, rb->sym->value + (uint64_t)rb->addend, len };
	if (x.start + len > x.sec->sh.sh_size || y.start + len > y.sec->sh.sh_size)
		return differs(cause, "alternative");
	return same_regions(c, &x, &y, 1, cause, error);
}

static bool same_entry(struct compared *c, const struct region *a, const struct region *b,
		       char **cause, GError **error)
{
	struct kgr_rel *ra, *rb;
	size_t na, nb, i;

	if (strcmp(a->sec->name, b->sec->name) || a->size != b->size)
		return differs(cause, "entries of %s", b->sec->name);
	ra = kgr_sec_rels(a->sec, a->start, a->start + a->size, &na);
	rb = kgr_sec_rels(b->sec, b->start, b->start + b->size, &nb);
	if (na != nb || !same_bytes(a, b, ra, na))
		return differs(cause, "entries of %s", b->sec->name);
	for (i = 0; i < na; i++) {
		struct kgr_target ta, tb;

		if (ra[i].offset - a->start != rb[i].offset - b->start)
			return differs(cause, "entries of %s", b->sec->name);
		kgr_target(&ra[i], 0, &ta);
		kgr_target(&rb[i], 0, &tb);
		if (!strcmp(a->sec->name, ".altinstructions") && ra[i].offset == a->start + 4) {
			if (!same_replacements(c, a, b, cause, error))
				return false;
		} else if (!same_target(c, &ta, &tb, 1, cause, error)) {
			return false;
		}
	}
	return true;
}

static bool same_entries(struct compared *c, struct kgr_sym *a, struct kgr_sym *b, char **cause,
			 GError **error)
{
	GSList *x = g_hash_table_lookup(c->entries[0], a);
	GSList *y = g_hash_table_lookup(c->entries[1], b);

	for (; x && y; x = x->next, y = y->next) {
		if (!same_entry(c, x->data, y->data, cause, error))
			return false;
	}
	return (!x && !y) || differs(cause, "number of table entries");
}

static bool compare_pair(struct compared *c, struct kgr_sym *a, struct kgr_sym *b, GError **error)
{
	struct region x = whole_symbol(c->orig, a), y = whole_symbol(c->patched, b);
	GError *problem = NULL;
	bool same;

	if (strcmp(a->sec->name, b->sec->name) &&
	    (a->sec->sh.sh_flags & ~SHF_MERGE) != (b->sec->sh.sh_flags & ~SHF_MERGE))
		same = differs(&b->cause, "now in section %s, was in %s", b->sec->name,
			       a->sec->name);
	else
		same = same_regions(c, &x, &y, 0, &b->cause, &problem) &&
		       (a->type != STT_FUNC || same_entries(c, a, b, &b->cause, &problem));
	if (problem) {
		g_propagate_error(error, problem);
		return false;
	}
	a->verdict = b->verdict = same ? KGR_SAME : KGR_CHANGED;
	if (same)
		g_clear_pointer(&b->cause, g_free);
	return true;
}

static bool is_unit_symbol(const struct kgr_sym *sym)
{
	return (kgr_sym_is_func(sym) || kgr_sym_is_object(sym)) &&
	       sym->sec->sh.sh_flags & SHF_ALLOC && !kgr_special_find(sym->sec->name);
}

/* A function and its cold part are one: if either changed, both did. */
static void join_cold_parts(struct kgr_obj *obj)
{
	size_t i;

	for (i = 0; i < obj->nsyms; i++) {
		struct kgr_sym *part = &obj->syms[i], *whole = part->parent;

		if (!whole || (part->verdict == KGR_SAME && whole->verdict == KGR_SAME))
			continue;
		if (whole->verdict == KGR_SAME) {
			whole->verdict = KGR_CHANGED;
			whole->cause = g_strdup_printf("its cold part: %s", part->cause ?: "new");
			if (whole->twin)
				whole->twin->verdict = KGR_CHANGED;
		}
	}
}

bool kgr_compare(struct kgr_obj *orig, struct kgr_obj *patched, GError **error)
{
	struct compared c = { .orig = orig, .patched = patched };
	bool ok = false;
	size_t i;

	if (!kgr_add_implicit(orig, error) || !kgr_add_implicit(patched, error))
		return false;
	kgr_match(orig, patched);
	c.entries[0] = collect_entries(orig, error);
	c.entries[1] = c.entries[0] ? collect_entries(patched, error) : NULL;
	if (!c.entries[1])
		goto out;
	for (i = 0; i < patched->nsyms; i++) {
		struct kgr_sym *sym = &patched->syms[i];

		if (!is_unit_symbol(sym))
			continue;
		if (!sym->twin)
			sym->verdict = KGR_NEW;
		else if (!compare_pair(&c, sym->twin, sym, error))
			goto out;
	}
	for (i = 0; i < orig->nsyms; i++) {
		if (is_unit_symbol(&orig->syms[i]) && !orig->syms[i].twin)
			orig->syms[i].verdict = KGR_GONE;
	}
	join_cold_parts(patched);
	ok = true;
out:
	g_clear_pointer(&c.entries[0], g_hash_table_destroy);
	g_clear_pointer(&c.entries[1], g_hash_table_destroy);
	return ok;
}
