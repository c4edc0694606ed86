// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Copies the string literals that go along.
 *
 * A loop over a literal's characters has a reference to its start and one to where it ends, which is at its NUL or behind it,
 * where the next literal begins. So references into one literal have to stay as far from each other as they are, and what lies
 * behind each other in the unit, and is referred to, does so in the graft:
 *
 *	.rodata.str1.1	"abc\0def\0ghi\0"		referred to: +0, +3 (a loop's end, or not), +4
 *	graft		"abc\0def\0"			one piece, as def may be where the loop over abc ends
 *
 * Only when all of a unit's references are known is it known which pieces there are. A piece that is there already, of this unit
 * or another one, is not copied again.
 */
#include <string.h>

#include "extract/extracting.h"

/* A reference to a string, to be made when its piece has a place. */
struct string_ref {
	const struct kgr_sec *sec;
	uint64_t pos;
	struct kgr_rel_place at;
	uint32_t type;
	int bias;
};

void kgr_extract_string(struct kgr_extracting *x, const struct kgr_rel *rel, int bias,
			const struct kgr_target *t, const struct kgr_rel_place *at)
{
	struct string_ref ref = { t->sec, t->pos, *at, rel->type, bias };

	g_array_append_val(x->string_refs, ref);
}

static gint by_position(gconstpointer a, gconstpointer b)
{
	const struct string_ref *x = a, *y = b;

	if (x->sec != y->sec)
		return x->sec < y->sec ? -1 : 1;
	return (x->pos > y->pos) - (x->pos < y->pos);
}

/* Behind its NUL. */
static uint64_t end_of(const struct kgr_sec *sec, uint64_t pos)
{
	const uint8_t *nul = memchr(sec->data + pos, 0, sec->sh.sh_size - pos);

	return nul ? (uint64_t)(nul - sec->data) + 1 : sec->sh.sh_size;
}

static uint64_t place_piece(struct kgr_extracting *x, struct kgr_out_sec *to,
			    const struct kgr_sec *sec, uint64_t start, uint64_t end)
{
	g_autoptr(GBytes) piece = g_bytes_new(sec->data + start, end - start);
	gpointer have = g_hash_table_lookup(x->strings, piece);
	uint64_t where;

	if (have)
		return GPOINTER_TO_SIZE(have) - 1;
	where = kgr_out_append(to, sec->data + start, end - start, 1);
	g_hash_table_insert(x->strings, g_steal_pointer(&piece), GSIZE_TO_POINTER(where + 1));
	return where;
}

void kgr_extract_strings(struct kgr_extracting *x)
{
	GArray *refs = x->string_refs;
	struct kgr_out_sec *to;
	guint i, n;

	if (!refs->len)
		return;
	to = kgr_out_section(x->graft, ".rodata.kgr.str", SHT_PROGBITS, SHF_ALLOC, 1);
	g_array_sort(refs, by_position);
	for (i = 0; i < refs->len; i = n) {
		const struct string_ref *first = &g_array_index(refs, struct string_ref, i);
		const struct kgr_sec *sec = first->sec;
		uint64_t start = kgr_sec_literal(sec, first->pos), end = end_of(sec, start), where;

		for (n = i + 1; n < refs->len; n++) {
			const struct string_ref *next = &g_array_index(refs, struct string_ref, n);
			uint64_t begin = kgr_sec_literal(next->sec, next->pos);

			if (next->sec != sec || begin > end)
				break;
			end = MAX(end, end_of(sec, begin));
		}
		where = place_piece(x, to, sec, start, end);
		for (; i < n; i++) {
			const struct string_ref *ref = &g_array_index(refs, struct string_ref, i);

			kgr_out_reloc(ref->at.sec, ref->at.offset, ref->type, to->symbol,
				      (int64_t)(where + ref->pos - start) - ref->bias);
		}
	}
	g_array_set_size(refs, 0);
}

GArray *kgr_extract_string_refs_new(void)
{
	return g_array_new(FALSE, FALSE, sizeof(struct string_ref));
}
