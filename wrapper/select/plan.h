/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the units that a diff changes to all that the patch has to hold. */
#ifndef KGR_PLAN_H
#define KGR_PLAN_H

#include "select/select.h"
#include "units/session.h"

struct kgr_plan_input {
	struct kgr_session *session;
	GPtrArray *
		units; /* of struct kgr_unit: callers' are added, and those where nothing differs taken away */
	GPtrArray *removed; /* of struct kgr_unit: of files that the diff takes away */
	GPtrArray *as_before; /* gets the latter, with their objects' files; NULL: forget them */
	char **allow_layout; /* types whose layout may change */
	char **allow_data; /* objects whose initial value may */
	char **allow_escape; /* names of what escapes and is seen to by an unpatch callback, see escapes.h */
	bool no_kprobe; /* what has no fentry is not redirected */
	struct kgr_plan_memory *memory; /* of earlier rounds (--split); NULL: there are none */
};

struct kgr_plan {
	struct kgr_select_input select;
	GPtrArray *
		compared; /* of struct kgr_compared: units where something differs, and those with callers */
	GPtrArray *removed; /* of struct kgr_compared, without a patched object */
	GHashTable *gone; /* what is no more where it was, see moved.h */
	struct kgr_selection *selection;
	GPtrArray *sources; /* of struct kgr_compared, those that the patch takes something from */
	GPtrArray *old; /* of struct kgr_patched_func, as many as are redirected */
	bool init_differs; /* something that is gone after init is not the same */
};

/* kgr_plan_init() - an empty plan, with which kgr_plan_make() may fail, and which can be reported */
void kgr_plan_init(struct kgr_plan *plan);

/* kgr_plan_clear() - free what a plan holds; the units of its input stay */
void kgr_plan_clear(struct kgr_plan *plan);
typedef struct kgr_plan kgr_plan;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(kgr_plan, kgr_plan_clear)

/* kgr_plan_make() - compile the units patched, compare them with what the kernel has, and select
 *
 * The session's notes get what is to be said of types, the selection's the rest. @from outlives the plan. Returns
 * false with @error set if something is refused.
 */
bool kgr_plan_make(const struct kgr_plan_input *from, struct kgr_plan *plan, GError **error);

#endif
