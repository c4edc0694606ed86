// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Two functions, instruction by instruction. What an instruction refers to is taken out of its bytes, by the mask
 * of the field, and compared by what it means; the rest of the bytes must be the same:
 *
 *	48 8d 3d 00 00 00 00	lea 0(%rip),%rdi	R_X86_64_PC32 .rodata.str1.1 + 6
 *	48 8d 3d 00 00 00 00	lea 0(%rip),%rdi	R_X86_64_PC32 .rodata.str1.1 + 90
 *
 * are the same if the same string is at both places (cmp-refs.c). NOPs do not count, and where the
 * assembler chooses how long a branch is, only its target does. At the end the kernel's tables must
 * say the same of both (cmp-tables.c).
 */
#include <string.h>

#include "compare/cmp.h"
#include "elf/arch.h"

static void init_side(struct kgr_cmp_side *side, struct kgr_obj *obj)
{
	side->obj = obj;
	side->codes = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_array_unref);
	side->places = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_array_unref);
	side->entries = side->orc = NULL;
}

static void clear_side(struct kgr_cmp_side *side)
{
	g_hash_table_destroy(side->codes);
	g_hash_table_destroy(side->places);
	g_clear_pointer(&side->entries, g_hash_table_destroy);
	g_clear_pointer(&side->orc, g_hash_table_destroy);
}

void kgr_cmp_init(struct kgr_cmp *s, struct kgr_obj *a, struct kgr_obj *b, const char *other)
{
	*s = (struct kgr_cmp){ .other = other, .literals = g_hash_table_new(NULL, NULL) };
	init_side(&s->a, a);
	init_side(&s->b, b);
}

void kgr_cmp_clear(struct kgr_cmp *s)
{
	clear_side(&s->a);
	clear_side(&s->b);
	g_clear_pointer(&s->literals, g_hash_table_unref);
	g_clear_error(&s->error);
}

char *kgr_cmp_undecided(const struct kgr_cmp *s)
{
	return g_strdup(s->error ? s->error->message : "it is not understood");
}

const GArray *kgr_cmp_code_of(struct kgr_cmp *s, struct kgr_cmp_side *side, struct kgr_sym *func)
{
	GArray *code = g_hash_table_lookup(side->codes, func);

	if (code)
		return code;
	code = kgr_decode(side->obj, func, s->error ? NULL : &s->error);
	if (code)
		g_hash_table_insert(side->codes, func, code);
	return code;
}

bool kgr_cmp_bytes(const uint8_t *a, const uint8_t *b, unsigned int length,
		   const struct kgr_field *fields, int n)
{
	unsigned int i;
	int f;

	for (i = 0; i < length; i++) {
		uint8_t counts = 0xff;

		for (f = 0; f < n; f++) {
			if (i >= fields[f].offset && i < fields[f].offset + 8u)
				counts &= (uint8_t) ~(fields[f].mask >> 8 * (i - fields[f].offset));
		}
		if ((a[i] ^ b[i]) & counts)
			return false;
	}
	return true;
}

/* Its references: a relocation in it, and what needs none. Returns how many, two at most. */
static int refs_of(const struct kgr_sym *func, const struct kgr_insn *insn, struct kgr_ref *refs,
		   struct kgr_field *fields)
{
	uint64_t start = func->value + insn->offset, end = start + insn->length;
	bool relative = false;
	struct kgr_rel *rels;
	size_t count, i;
	int n = 0;

	rels = kgr_sec_rels(func->sec, start, end, &count);
	for (i = 0; i < count && n < 2; i++, n++) {
		kgr_ref_of(&rels[i], kgr_rel_bias(&rels[i], end), &refs[n]);
		fields[n].offset = (uint8_t)(rels[i].offset - start);
		fields[n].mask = rels[i].howto->mask;
		fields[n].relative = rels[i].howto->from_end;
		relative |= insn->mask && fields[n].offset == insn->field;
	}
	if (insn->mask && !relative && n < 2) {
		kgr_ref_within(func->sec, func->value + (uint64_t)insn->target, &refs[n]);
		fields[n++] = (struct kgr_field){ .offset = insn->field,
						  .mask = insn->mask,
						  .relative = true };
	}
	return n;
}

static bool same_fields(const struct kgr_field *a, const struct kgr_field *b, int n)
{
	int i;

	for (i = 0; i < n; i++) {
		if (a[i].offset != b[i].offset || a[i].mask != b[i].mask ||
		    a[i].relative != b[i].relative)
			return false;
	}
	return true;
}

static char *same_instruction(struct kgr_cmp *s, const struct kgr_sym *a, const struct kgr_insn *x,
			      const struct kgr_sym *b, const struct kgr_insn *y)
{
	struct kgr_ref la[2], lb[2];
	struct kgr_field fa[2], fb[2];
	int na = refs_of(a, x, la, fa), nb = refs_of(b, y, lb, fb), i;
	char *how = NULL;

	if (x->kind != y->kind || na != nb)
		return g_strdup("another instruction");
	/* Near and far branches differ in their bytes only. */
	if (!(x->any_length && y->any_length) &&
	    (x->length != y->length || !same_fields(fa, fb, na) ||
	     !kgr_cmp_bytes(a->sec->data + a->value + x->offset,
			    b->sec->data + b->value + y->offset, x->length, fa, na)))
		return g_strdup("another instruction");
	for (i = 0; i < na && !how; i++)
		how = kgr_cmp_ref(s, &la[i], &lb[i], 0);
	s->references += (guint)na;
	return how;
}

char *kgr_cmp_function(struct kgr_cmp *s, struct kgr_sym *a, struct kgr_sym *b)
{
	const GArray *x = kgr_cmp_code_of(s, &s->a, a);
	const GArray *y = x ? kgr_cmp_code_of(s, &s->b, b) : NULL;
	guint i;

	if (!y)
		return kgr_cmp_undecided(s);
	g_hash_table_remove_all(s->literals);
	if (x->len != y->len)
		return g_strdup_printf("%u instructions, %s %u", x->len, s->other, y->len);
	for (i = 0; i < x->len; i++) {
		const struct kgr_insn *insn = &g_array_index(x, struct kgr_insn, i);
		g_autofree char *how =
			same_instruction(s, a, insn, b, &g_array_index(y, struct kgr_insn, i));

		if (how)
			return g_strdup_printf("+0x%x: %s", insn->offset, how);
	}
	s->instructions += x->len;
	return kgr_cmp_entries(s, a, b);
}
