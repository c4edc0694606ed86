// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Plans with --split: round after round (split/rounds.c), until nothing of what is still in is refused. Of a diff whose
 * second file cannot be live
 *
 *	round 1		both files	the second one is refused, and left out
 *	round 2		the first file	nothing is refused: this plan is built
 *
 * A round that looks at all units extracts as well, to find the few refusals that only extraction has.
 */
#include "cmd/build/building.h"
#include "units/aside.h"

/* What can be selected can be extracted, with rare exceptions: they belong to a unit, too. */
static bool try_graft(struct kgr_building *b, GError **error)
{
	g_autoptr(kgr_out_obj) graft = NULL;
	g_autoptr(GError) why = NULL;
	const struct kgr_compared *at = NULL;

	graft = kgr_building_graft(b, &at, &why);
	if (graft || (at && kgr_set_aside_unit(b->session, at->unit, &why)))
		return true;
	g_propagate_error(error, g_steal_pointer(&why));
	return false;
}

static void forget_plan(struct kgr_building *b)
{
	kgr_plan_clear(&b->plan);
	kgr_plan_init(&b->plan);
	g_clear_pointer(&b->units, g_ptr_array_unref);
	g_clear_pointer(&b->removed, g_ptr_array_unref);
}

bool kgr_building_plan_in_rounds(struct kgr_building *b, GError **error)
{
	bool again = true;

	b->rounds = kgr_rounds_open(b->session, b->opt->diffs[0], b->opt->strip, error);
	while (b->rounds && again) {
		forget_plan(b);
		if (!kgr_rounds_begin(b->rounds, error) || !kgr_building_plan(b, error))
			return false;
		if (kgr_rounds_is_whole(b->rounds) && !kgr_is_any_refused(b->session) &&
		    !try_graft(b, error))
			return false;
		if (!kgr_rounds_end(b->rounds, &again, error))
			return false;
	}
	return b->rounds;
}
