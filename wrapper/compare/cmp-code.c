// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "elf/x86/decode.h"
#include "compare/cmp.h"

void kgr_cmp_side_init(struct kgr_cmp_side *side, struct kgr_obj *obj)
{
	side->obj = obj;
	side->codes = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_array_unref);
	side->places = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_array_unref);
	side->entries = side->orc = NULL;
}

void kgr_cmp_side_clear(struct kgr_cmp_side *side)
{
	g_hash_table_destroy(side->codes);
	g_hash_table_destroy(side->places);
	g_clear_pointer(&side->entries, g_hash_table_destroy);
	g_clear_pointer(&side->orc, g_hash_table_destroy);
}

void kgr_cmp_init(struct kgr_cmp *s, struct kgr_obj *a, struct kgr_obj *b, const char *other)
{
	*s = (struct kgr_cmp){ .other = other };
	kgr_cmp_side_init(&s->a, a);
	kgr_cmp_side_init(&s->b, b);
}

void kgr_cmp_clear(struct kgr_cmp *s)
{
	kgr_cmp_side_clear(&s->a);
	kgr_cmp_side_clear(&s->b);
}

const GArray *kgr_cmp_code_of(struct kgr_cmp_side *side, struct kgr_sym *func, char **problem)
{
	GArray *code = g_hash_table_lookup(side->codes, func);
	GError *error = NULL;

	if (code)
		return code;
	code = kgr_decode(side->obj, func, &error);
	if (!code) {
		*problem = g_strdup(error->message);
		g_error_free(error);
		return NULL;
	}
	g_hash_table_insert(side->codes, func, code);
	return code;
}

bool kgr_cmp_bytes(const uint8_t *a, const uint8_t *b, unsigned int length, const uint8_t *fields,
		   const uint8_t *widths, int n)
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

/* Its references: a relocation in it, and what needs none. Returns how many, two at most. */
static int refs_of(const struct kgr_sym *func, const struct kgr_insn *insn, struct kgr_ref *refs,
		   uint8_t *fields, uint8_t *widths)
{
	uint64_t start = func->value + insn->offset, end = start + insn->length;
	bool relative = false;
	struct kgr_rel *rels;
	size_t count, i;
	int n = 0;

	rels = kgr_sec_rels(func->sec, start, end, &count);
	for (i = 0; i < count && n < 2; i++, n++) {
		kgr_ref_of(&rels[i], kgr_rel_is_pcrel(&rels[i]) ? (int)(end - rels[i].offset) : 0,
			   &refs[n]);
		fields[n] = (uint8_t)(rels[i].offset - start);
		widths[n] = (uint8_t)kgr_rel_width(&rels[i]);
		relative |= insn->field_size && fields[n] == insn->field;
	}
	if (insn->field_size && !relative && n < 2) {
		kgr_ref_within(func->sec, end + (uint64_t)insn->distance, &refs[n]);
		fields[n] = insn->field;
		widths[n++] = insn->field_size;
	}
	return n;
}

static char *same_instruction(struct kgr_cmp *s, const struct kgr_sym *a, const struct kgr_insn *x,
			      const struct kgr_sym *b, const struct kgr_insn *y)
{
	struct kgr_ref la[2], lb[2];
	uint8_t fa[2], fb[2], wa[2], wb[2];
	int na = refs_of(a, x, la, fa, wa), nb = refs_of(b, y, lb, fb, wb), i;
	char *problem = NULL;

	if (x->mnemonic != y->mnemonic || na != nb)
		return g_strdup("another instruction");
	/* Near and far branches differ in their bytes only. */
	if (!(x->branch && y->branch) &&
	    (x->length != y->length || memcmp(fa, fb, (size_t)na) || memcmp(wa, wb, (size_t)na) ||
	     !kgr_cmp_bytes(a->sec->data + a->value + x->offset,
			    b->sec->data + b->value + y->offset, x->length, fa, wa, na)))
		return g_strdup("another instruction");
	for (i = 0; i < na && !problem; i++)
		problem = kgr_cmp_ref(s, &la[i], &lb[i], 0);
	s->references += (guint)na;
	return problem;
}

char *kgr_cmp_function(struct kgr_cmp *s, struct kgr_sym *a, struct kgr_sym *b)
{
	char *problem = NULL, *why = NULL;
	const GArray *x = kgr_cmp_code_of(&s->a, a, &problem);
	const GArray *y = x ? kgr_cmp_code_of(&s->b, b, &problem) : NULL;
	guint i;

	if (!y)
		return problem;
	if (x->len != y->len)
		return g_strdup_printf("%u instructions, %s %u", x->len, s->other, y->len);
	for (i = 0; i < x->len && !why; i++)
		why = same_instruction(s, a, &g_array_index(x, struct kgr_insn, i), b,
				       &g_array_index(y, struct kgr_insn, i));
	if (why) {
		problem = g_strdup_printf("+0x%x: %s",
					  g_array_index(x, struct kgr_insn, i - 1).offset, why);
		g_free(why);
		return problem;
	}
	s->instructions += x->len;
	return kgr_cmp_entries(s, a, b);
}
