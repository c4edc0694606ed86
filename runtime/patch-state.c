// SPDX-License-Identifier: GPL-2.0-only
/*
 * The state of the patch as a whole: which universe all tasks shall live in, and whether some do not yet.
 *
 *	target	in transition	the patch is
 *	old	no		off
 *	new	yes		on its way in
 *	new	no		on: converged
 *	old	yes		on its way out
 *
 * transition.c sets it under kgr_lock(); everybody may ask, without a lock only for what may be out of date
 * at once.
 */
#include <linux/compiler.h>

#include "kgraft.h"

static bool loaded;
static enum kgr_universe target;
static bool in_transition;

bool kgr_is_loaded(void)
{
	return READ_ONCE(loaded);
}

/**
 * kgr_set_loaded - the load has succeeded: files may change the patch now; never taken back
 *
 * Process context, under kgr_lock().
 */
void kgr_set_loaded(void)
{
	WRITE_ONCE(loaded, true);
}

/**
 * kgr_in_transition - is a transition under way, to whichever universe?
 *
 * Any context. Only under kgr_lock() does the answer last.
 */
bool kgr_in_transition(void)
{
	return READ_ONCE(in_transition);
}

enum kgr_universe kgr_current_target(void)
{
	return READ_ONCE(target);
}

bool kgr_is_off(void)
{
	return kgr_current_target() == KGR_OLD && !kgr_in_transition();
}

/**
 * kgr_set_in_transition - a transition begins, or has converged
 * @is: does it begin?
 *
 * For transition.c, under kgr_lock(). The new target is set before.
 */
void kgr_set_in_transition(bool is)
{
	WRITE_ONCE(in_transition, is);
}

/**
 * kgr_set_current_target - where all tasks live or are to go from now on
 * @universe: returned by kgr_current_target(); the handlers do not read it, see
 *	kgr_target_universe()
 *
 * For transition.c, under kgr_lock().
 */
void kgr_set_current_target(enum kgr_universe universe)
{
	WRITE_ONCE(target, universe);
}
