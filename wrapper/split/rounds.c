// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Rounds: each builds what is still in, and goes on behind a refusal to find the next one; what is refused is left out,
 * with what belongs to it; and so on until nothing is.
 *
 *   1  a.c, b.c, c.c, f.h; a.c needs f.h		f.h and c.c are refused
 *   2  b.c, g.h, h.h					nothing is refused in files that the diff touches
 *   3  b.c, g.h, h.h and some that include them	g.h is refused
 *   4  b.c, h.h and some that include it		nothing is refused
 *   5  b.c, h.h and all that include it		nothing is refused: this is the build
 *
 * The first rounds are without what headers change in files that the diff does not touch, which is
 * the most work: what is left out by then takes most of it along. A header that is left out later
 * has all that include it compiled once more, so that a few of them are asked before. The last
 * round is a build as any other, of what is in.
 */
#include "lib/error.h"
#include "split/blame.h"
#include "split/rounds.h"
#include "units/aside.h"

#define SOME 16 /* one in so many that include a changed header, spread over the kernel */

struct kgr_rounds *kgr_rounds_open(struct kgr_session *s, const char *diff, int strip,
				   GError **error)
{
	struct kgr_rounds *r;

	/* That of another release is told by its hunks. */
	if (s->notes->len) {
		kgr_fail(error, KGR_REFUSED,
			 "--split takes a diff of the very source of this kernel: %s",
			 (const char *)s->notes->pdata[0]);
		return NULL;
	}
	s->aside = kgr_aside_new();
	s->unchanged = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	s->includers = 0;
	r = g_new0(struct kgr_rounds, 1);
	r->session = s;
	r->memory = kgr_plan_memory_new();
	r->split = kgr_split_new(s, diff, strip, error);
	if (!r->split)
		g_clear_pointer(&r, kgr_rounds_free);
	return r;
}

void kgr_rounds_free(struct kgr_rounds *r)
{
	if (!r)
		return;
	kgr_plan_memory_free(r->memory);
	kgr_split_free(r->split);
	g_free(r);
}

bool kgr_rounds_begin(struct kgr_rounds *r, GError **error)
{
	struct kgr_session *s = r->session;
	g_autoptr(GBytes) live = kgr_split_text(r->split);

	if (!g_bytes_get_size(live))
		return kgr_fail(
			error, KGR_REFUSED, "nothing of %s can be live: %s", r->split->text->name,
			kgr_split_refusal(r->split) ?: "nothing of this kernel is made of it");
	g_ptr_array_set_size(s->aside, 0);
	g_ptr_array_set_size(s->notes, 0);
	kgr_overlay_set_diff(s->overlay, live);
	return kgr_split_update(r->split, s->overlay, error);
}

bool kgr_rounds_end(struct kgr_rounds *r, bool *again, GError **error)
{
	struct kgr_session *s = r->session;
	guint left_out;

	if (!kgr_split_judge(r->split, s, &left_out, error))
		return false;
	if (kgr_split_outdates(r->split)) {
		g_hash_table_remove_all(r->memory->units);
		g_hash_table_remove_all(s->unchanged);
	}
	*again = left_out || !kgr_rounds_is_whole(r);
	if (!left_out)
		s->includers = s->includers ? 1 : SOME;
	return true;
}
