// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Two references: what they are to decides how that is compared.
 *
 *	string literal		by its characters: "a" at .rodata.str1.1+6 is "a" at +90
 *	constant of a pool	by its bytes, as many as the section's entry size says
 *	constant with a name	by its bytes and what they refer to in turn (__func__, CSWTCH, a compound literal)
 *	place without a name	a switch's jumps: as constants, up to the next place that is
 *				referred to; an entry of one of the kernel's tables, which WARN()
 *				refers to: that one entry
 *	function or object	by its identity, and how far into it; the caller says what identity is (struct kgr_cmp)
 *
 * Constants refer to constants, so this goes on to a depth of eight.
 */
#include <string.h>

#include "elf/arch.h"
#include "elf/special-sections.h"
#include "elf/symbol-name.h"
#include "compare/cmp.h"

#define MAX_DEPTH 8

void kgr_ref_of(const struct kgr_rel *rel, int bias, struct kgr_ref *out)
{
	struct kgr_target t;

	kgr_target(rel, bias, &t);
	*out = (struct kgr_ref){ t.sym,		  t.offset, t.sec,
				 t.pos,		  t.kind,   kgr_rel_is_value(rel),
				 t.section_anchor };
	if (t.sym && t.sym->sec) {
		out->sec = t.sym->sec;
		out->pos = t.sym->value + (uint64_t)t.offset;
	}
}

/* The assembler needs no relocation for what lies in the same section. */
void kgr_ref_within(const struct kgr_sec *sec, uint64_t pos, struct kgr_ref *out)
{
	*out = (struct kgr_ref){ .sec = sec, .pos = pos, .kind = KGR_TARGET_SYMBOL };
	out->sym = kgr_sec_sym_at(sec, pos);
	if (out->sym)
		out->offset = (int64_t)(pos - out->sym->value);
}

static const char *name_of(const struct kgr_ref *ref)
{
	return ref->sym ? ref->sym->name : ref->sec ? ref->sec->name : "nothing";
}

char *kgr_cmp_other_ref(const struct kgr_cmp *s, const struct kgr_ref *a, const struct kgr_ref *b)
{
	return g_strdup_printf("reference to %s%+" G_GINT64_FORMAT ", %s to %s%+" G_GINT64_FORMAT,
			       name_of(a), a->offset, s->other, name_of(b), b->offset);
}

bool kgr_within(const struct kgr_sec *sec, uint64_t pos, uint64_t size)
{
	return sec && sec->data && pos <= sec->sh.sh_size && size <= sec->sh.sh_size - pos;
}

/* Where b's literal is in a: of one function's references all are to the same copy, or a loop over it would not end. */
static bool is_one_copy(struct kgr_cmp *s, const uint8_t *a, const uint8_t *b)
{
	const uint8_t *known = g_hash_table_lookup(s->literals, b);

	if (known)
		return known == a;
	g_hash_table_insert(s->literals, (gpointer)b, (gpointer)a);
	return true;
}

/*
 * Behind a literal's NUL a loop over it may end. Another literal may begin there as well, whose
 * content counts then: so it must be where one of the sections ends.
 */
static bool is_behind_known(const struct kgr_cmp *s, const struct kgr_ref *a,
			    const struct kgr_ref *b)
{
	uint64_t start;
	const uint8_t *known;

	if (!b->pos || b->sec->data[b->pos - 1] ||
	    (a->pos != a->sec->sh.sh_size && b->pos != b->sec->sh.sh_size))
		return false;
	start = kgr_sec_literal(b->sec, b->pos - 1);
	known = g_hash_table_lookup(s->literals, b->sec->data + start);
	return known && known + (b->pos - start) == a->sec->data + a->pos;
}

/* The whole literal is the same, and both are as far into it. */
static bool same_string(struct kgr_cmp *s, const struct kgr_ref *a, const struct kgr_ref *b)
{
	uint64_t start, before, len;

	if (!kgr_within(a->sec, a->pos, 0) || !kgr_within(b->sec, b->pos, 0))
		return false;
	if (is_behind_known(s, a, b))
		return true;
	start = kgr_sec_literal(b->sec, b->pos);
	before = b->pos - start;
	len = strnlen((const char *)b->sec->data + start, b->sec->sh.sh_size - start) + 1;
	return a->pos >= before && kgr_within(b->sec, start, len) &&
	       kgr_within(a->sec, a->pos - before, len) &&
	       !memcmp(a->sec->data + a->pos - before, b->sec->data + start, len) &&
	       is_one_copy(s, a->sec->data + a->pos - before, b->sec->data + start);
}

/* As a person would quote it. */
static char *quoted(const struct kgr_ref *ref)
{
	g_autofree char *text = g_strndup((const char *)ref->sec->data + ref->pos,
					  MIN(ref->sec->sh.sh_size - ref->pos, 40));

	return g_strescape(text, NULL);
}

static char *other_string(const struct kgr_cmp *s, const struct kgr_ref *a, const struct kgr_ref *b)
{
	g_autofree char *x = NULL, *y = NULL;

	if (a->kind != KGR_TARGET_STRING || !kgr_within(a->sec, a->pos, 1) ||
	    !kgr_within(b->sec, b->pos, 1))
		return kgr_cmp_other_ref(s, a, b);
	x = quoted(a);
	y = quoted(b);
	return g_strdup_printf("string \"%s\", %s \"%s\"", x, s->other, y);
}

/* Are there but zeros? */
static bool is_padding(const struct kgr_sec *sec, uint64_t pos, uint64_t end)
{
	size_t count;

	kgr_sec_rels(sec, pos, end, &count);
	while (!count && sec->data && pos < end && !sec->data[pos])
		pos++;
	return !count && (pos == end || !sec->data);
}

static bool are_zeros(const struct kgr_sec *sec, uint64_t pos, uint64_t size)
{
	return kgr_within(sec, pos, size) && is_padding(sec, pos, pos + size);
}

/* Data, or a replacement's code, where a relative field is the last of its instruction. */
char *kgr_cmp_region(struct kgr_cmp *s, const struct kgr_sec *as, uint64_t apos,
		     const struct kgr_sec *bs, uint64_t bpos, uint64_t size, int depth)
{
	struct kgr_rel *ra, *rb;
	size_t na, nb, i;
	struct kgr_field field = { 0 };
	uint64_t from = 0;
	char *how = NULL;

	if (depth > MAX_DEPTH)
		return g_strdup("constants are nested too deeply");
	if (as && bs && !as->data && !bs->data)
		return NULL;
	/* .bss is as good as zeros. */
	if (as && bs && !as->data)
		return are_zeros(bs, bpos, size) ? NULL :
						   g_strdup_printf("data of %s differs", bs->name);
	if (as && bs && !bs->data)
		return are_zeros(as, apos, size) ? NULL :
						   g_strdup_printf("data of %s differs", bs->name);
	if (!kgr_within(as, apos, size) || !kgr_within(bs, bpos, size))
		return g_strdup("a reference leaves its section");
	ra = kgr_sec_rels(as, apos, apos + size, &na);
	rb = kgr_sec_rels(bs, bpos, bpos + size, &nb);
	for (i = 0; !how && (i < na || i < nb); i++) {
		struct kgr_ref la, lb;
		uint64_t at;
		bool code;

		if (i >= na || i >= nb || ra[i].offset - apos != rb[i].offset - bpos ||
		    ra[i].howto->mask != rb[i].howto->mask || !rb[i].howto->mask ||
		    ra[i].howto->from_end != rb[i].howto->from_end)
			return g_strdup_printf("data of %s has other references", bs->name);
		at = ra[i].offset - apos;
		if (at > from && memcmp(as->data + apos + from, bs->data + bpos + from, at - from))
			return g_strdup_printf("data of %s differs", bs->name);
		from = at + kgr_rel_width(&ra[i]);
		/* The bits beside the field, in code. */
		field.mask = rb[i].howto->mask;
		if (from <= size && !kgr_cmp_bytes(as->data + apos + at, bs->data + bpos + at,
						   kgr_rel_width(&rb[i]), &field, 1))
			return g_strdup_printf("data of %s differs", bs->name);
		code = kgr_sec_is_text(bs);
		kgr_ref_of(&ra[i], code ? kgr_rel_usual_bias(&ra[i]) : 0, &la);
		kgr_ref_of(&rb[i], code ? kgr_rel_usual_bias(&rb[i]) : 0, &lb);
		how = kgr_cmp_ref(s, &la, &lb, depth + 1);
	}
	if (!how && size > from &&
	    memcmp(as->data + apos + from, bs->data + bpos + from, size - from))
		return g_strdup_printf("data of %s differs", bs->name);
	s->references += (guint)na;
	return how;
}

static int by_value(gconstpointer a, gconstpointer b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Places of a section that are referred to and have no symbol, sorted. */
static GArray *nameless_places(const struct kgr_obj *obj, const struct kgr_sec *sec)
{
	GArray *out = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	size_t i, r;

	for (i = 1; i < obj->nsecs; i++) {
		for (r = 0; r < obj->secs[i].nrels; r++) {
			const struct kgr_rel *rel = &obj->secs[i].rels[r];
			bool code = kgr_sec_is_text(&obj->secs[i]);
			struct kgr_ref ref;

			if (rel->sym->sec != sec)
				continue;
			kgr_ref_of(rel, code ? kgr_rel_usual_bias(rel) : 0, &ref);
			if (ref.kind == KGR_TARGET_SECTION)
				g_array_append_val(out, ref.pos);
		}
	}
	g_array_sort(out, by_value);
	return out;
}

/* How far what has no name may reach: to the next reference, symbol or end. */
static uint64_t reach(struct kgr_cmp_side *side, const struct kgr_sec *sec, uint64_t pos)
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
static char *same_nameless(struct kgr_cmp *s, const struct kgr_ref *a, const struct kgr_ref *b,
			   int depth)
{
	uint64_t size, start, aend = 0, bend = 0;

	if (!a->sec || !b->sec || a->pos >= a->sec->sh.sh_size || b->pos >= b->sec->sh.sh_size)
		return kgr_cmp_other_ref(s, a, b);
	kgr_special_entry_at(a->sec, a->pos, &start, &aend);
	kgr_special_entry_at(b->sec, b->pos, &start, &bend);
	if (aend || bend)
		return a->sec->special == b->sec->special && aend - a->pos == bend - b->pos ?
			       kgr_cmp_region(s, a->sec, a->pos, b->sec, b->pos, bend - b->pos,
					      depth) :
			       kgr_cmp_other_ref(s, a, b);
	aend = reach(&s->a, a->sec, a->pos);
	bend = reach(&s->b, b->sec, b->pos);
	size = MIN(aend - a->pos, bend - b->pos);
	if (s->alike &&
	    (!is_padding(a->sec, a->pos + size, aend) || !is_padding(b->sec, b->pos + size, bend)))
		return g_strdup_printf("a constant in %s has another size", b->sec->name);
	return kgr_cmp_region(s, a->sec, a->pos, b->sec, b->pos, size, depth);
}

bool kgr_cmp_place(struct kgr_cmp *s, const struct kgr_ref *a, const struct kgr_ref *b)
{
	const GArray *x, *y;

	if (!a->offset && !b->offset)
		return true;
	x = kgr_cmp_code_of(s, &s->a, a->sym);
	y = x ? kgr_cmp_code_of(s, &s->b, b->sym) : NULL;
	return y &&
	       kgr_insn_index(x, (uint64_t)a->offset) == kgr_insn_index(y, (uint64_t)b->offset);
}

/*
 * GCC for arm64 gives a section's variables one section anchor, and what code adds to that says which is meant: with
 * "adrp x0, .bss; ldr w0, [x0, :lo12:.bss]" and "ldr w1, [x0, 8]" behind it the relocations are to the first object
 * only. So a reference to a section anchor is one to all of the section.
 */
static char *same_neighbours(struct kgr_cmp *s, const struct kgr_ref *a, const struct kgr_ref *b,
			     int depth)
{
	const GPtrArray *x = a->sec->syms, *y = b->sec->syms;
	bool same = x->len == y->len && a->sec->sh.sh_size == b->sec->sh.sh_size;
	guint i;

	for (i = 0; same && i < x->len; i++) {
		const struct kgr_sym *one = x->pdata[i], *other = y->pdata[i];

		same = one->value == other->value && one->size == other->size &&
		       kgr_name_same_but_numbers(one->name, other->name);
	}
	if (!same)
		return g_strdup_printf("a section anchor in %s, where other objects lie",
				       b->sec->name);
	return b->sec->sh.sh_flags & SHF_WRITE ?
		       NULL :
		       kgr_cmp_region(s, a->sec, 0, b->sec, 0, b->sec->sh.sh_size, depth + 1);
}

/* There are bytes to compare it by. */
static bool is_nameless(const struct kgr_ref *ref)
{
	return ref->kind == KGR_TARGET_SECTION && kgr_within(ref->sec, ref->pos, 1);
}

/* A string of wide characters has several elements. */
static uint64_t pooled_size(const struct kgr_sec *sec, uint64_t pos)
{
	uint64_t element = sec->sh.sh_entsize, end = pos;

	if (!(sec->sh.sh_flags & SHF_STRINGS))
		return element;
	while (end + element <= sec->sh.sh_size && !is_padding(sec, end, end + element))
		end += element;
	return end + element - pos;
}

/* The code may refer into its middle. */
static char *same_pooled(struct kgr_cmp *s, const struct kgr_ref *a, const struct kgr_ref *b,
			 int depth)
{
	uint64_t element = b->sec->sh.sh_entsize, in = element ? b->pos % element : 0;
	uint64_t size = element ? pooled_size(b->sec, b->pos - in) : 0;

	/* Where the pool is no pool any more, as in a module, it is as far from the constant's start as here. */
	return a->pos < in ?
		       kgr_cmp_other_ref(s, a, b) :
		       kgr_cmp_region(s, a->sec, a->pos - in, b->sec, b->pos - in, size, depth);
}

/*
 * Where an object ends, in a section that several share, what has no name may begin: UBSAN's
 * descriptions in .data do.
 */
static bool may_be_nameless(const struct kgr_ref *ref)
{
	return ref->kind == KGR_TARGET_SYMBOL && ref->sym && ref->offset > 0 &&
	       (uint64_t)ref->offset == ref->sym->size && !kgr_sec_is_text(ref->sec) &&
	       kgr_within(ref->sec, ref->pos, 1);
}

char *kgr_cmp_ref(struct kgr_cmp *s, const struct kgr_ref *a, const struct kgr_ref *b, int depth)
{
	bool known = a->kind == KGR_TARGET_SYMBOL && a->sym;
	/* The end of another object may be where a constant begins, if only b's share a section. */
	bool constant =
		b->sym && kgr_sym_is_constant(b->sym) && !(known && !kgr_sym_is_constant(a->sym));

	if (a->value != b->value)
		return kgr_cmp_other_ref(s, a, b);
	if ((is_nameless(a) && may_be_nameless(b)) || (is_nameless(b) && may_be_nameless(a)))
		return same_nameless(s, a, b, depth);
	if ((a->section_anchor || b->section_anchor) && a->sec && b->sec) {
		char *how = same_neighbours(s, a, b, depth);

		if (how)
			return how;
	}
	switch (b->kind) {
	case KGR_TARGET_STRING:
		/* A literal with a NUL within is no string to the assembler, and may begin as one. */
		return (a->kind == b->kind || !s->alike) && same_string(s, a, b) ?
			       NULL :
			       other_string(s, a, b);
	case KGR_TARGET_CONST:
		return same_pooled(s, a, b, depth);
	case KGR_TARGET_SECTION:
		if (s->alike && a->kind == KGR_TARGET_STRING)
			return kgr_cmp_other_ref(s, a, b);
		return known ? s->symbol(s, a, b, depth) : same_nameless(s, a, b, depth);
	case KGR_TARGET_SYMBOL:
		break;
	}
	if (constant && a->sym && a->sym->size != b->sym->size)
		return g_strdup_printf("constant %s has another size", b->sym->name);
	if (constant)
		return kgr_cmp_region(s, a->sec, a->pos - (uint64_t)b->offset, b->sec,
				      b->pos - (uint64_t)b->offset, b->sym->size, depth);
	return known && b->sym ? s->symbol(s, a, b, depth) : kgr_cmp_other_ref(s, a, b);
}
