/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Building a diff in rounds: each without what was refused in those before. */
#ifndef KGR_ROUNDS_H
#define KGR_ROUNDS_H

#include "select/plan-memory.h"
#include "split/split.h"
#include "units/session.h"

struct kgr_rounds {
	struct kgr_session *session;
	struct kgr_split *split;
	struct kgr_plan_memory *memory; /* for struct kgr_plan_input */
};

/* kgr_rounds_open() - before the first round
 * @session: has the kernel, and the overlay with all of the diff
 * @diff, @strip: its name, and see kgr_overlay_create()
 *
 * Returns rounds to be freed with kgr_rounds_free(); NULL with @error set if the diff does not fit exactly, or is more
 * than one.
 */
struct kgr_rounds *kgr_rounds_open(struct kgr_session *session, const char *diff, int strip,
				   GError **error);

/* kgr_rounds_free() - NULL is fine; the session stays */
void kgr_rounds_free(struct kgr_rounds *rounds);

/* kgr_rounds_begin() - have the session's overlay be the source with what is in, and forget its notes and refusals
 *
 * What an earlier round made of units must be gone, but for what is remembered. Refuses if nothing is in.
 */
bool kgr_rounds_begin(struct kgr_rounds *rounds, GError **error);

/* kgr_rounds_end() - leave out what was refused
 * @again: there has to be another round
 *
 * False with @error set if something is refused that no file of the diff is to blame for.
 */
bool kgr_rounds_end(struct kgr_rounds *rounds, bool *again, GError **error);

/* kgr_rounds_is_whole() - does the round look at all that include a changed header? Only then is it
 * a build as any other
 */
static inline bool kgr_rounds_is_whole(const struct kgr_rounds *rounds)
{
	return rounds->session->includers == 1;
}

#endif
