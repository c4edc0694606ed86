/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of kgr-build share: the stages' order (kgr-build.c), names (names.c), and rounds (rounds.c). */
#ifndef KGR_BUILDING_H
#define KGR_BUILDING_H

#include "cmd/build/options.h"
#include "elf/elf-writer.h"
#include "select/plan.h"
#include "split/rounds.h"
#include "units/session.h"

struct kgr_building {
	const struct kgr_build_options *opt;
	struct kgr_session *session;
	char *name, *output;
	/* With --split: */
	struct kgr_rounds *rounds;
	char *live_diff; /* where the diff of what is in goes */
	char *keep; /* with --keep: the directory for all that is made on the way, or NULL */
	GPtrArray *units, *removed; /* of struct kgr_unit */
	GPtrArray *as_before; /* with --keep: units where nothing differs */
	bool reached; /* there were units before those where nothing differs went */
	struct kgr_plan plan;
	GPtrArray *objects; /* from kgr_module_refs_new(), for extracting; NULL before that */
};

/* kgr_building_choose_names() - of the patch and of all files that are written
 *
 * False with @error set if a name cannot be had, or a file could not be written when all is done.
 */
bool kgr_building_choose_names(struct kgr_building *b, GError **error);

/* kgr_building_plan() - find the units of what is in, and plan; false with @error set */
bool kgr_building_plan(struct kgr_building *b, GError **error);

/* kgr_building_plan_in_rounds() - with --split: the plan of the diff without what is refused; false with @error set */
bool kgr_building_plan_in_rounds(struct kgr_building *b, GError **error);

/* kgr_building_graft() - extract what is planned; kgr_out_free() it
 * @at: see kgr_extract()
 */
struct kgr_out_obj *kgr_building_graft(struct kgr_building *b, const struct kgr_compared **at,
				       GError **error);

#endif
