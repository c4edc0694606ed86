/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the units that a diff changes to all that the patch has to hold. */
#ifndef KGR_PLAN_H
#define KGR_PLAN_H

#include "select/select.h"
#include "units/session.h"

struct kgr_plan_input {
	struct kgr_session *session;
	GPtrArray *units; /* of struct kgr_unit; callers' are added */
	const GPtrArray *removed; /* of struct kgr_unit: of files that the diff takes away */
	char **allow_layout; /* types whose layout may change */
	char **allow_data; /* objects whose initial value may, as a callback deals with it */
	bool allow_kprobe; /* for what has no fentry */
};

/* One of the units that the patch takes something from. */
struct kgr_patched_unit {
	struct kgr_obj *patched;
	struct kgr_image *image; /* what the unit is part of */
	int file_idx; /* from kgr_image_file_idx() */
};

struct kgr_plan {
	GHashTable *gone; /* what is no more where it was, see moved.h */
	GPtrArray *sources; /* of struct kgr_patched_unit */
	GPtrArray *old; /* of struct kgr_patched_func, as many as are redirected */
	struct kgr_selection selection;
	bool init_differs; /* something that is gone after init is not the same */
};

/* kgr_plan_init() - make its lists; its notes are the session's */
void kgr_plan_init(struct kgr_plan *choice, const struct kgr_session *session);

/* kgr_plan_make() - compile the units as they were and patched, compare, and select
 *
 * Functions that cannot be redirected may need callers in other files to be replaced: those files are
 * compiled as well, and all is selected again, until nothing more is needed. Returns false with
 * @error set if something is refused.
 */
bool kgr_plan_make(const struct kgr_plan_input *from, struct kgr_plan *choice, GError **error);

#endif
