/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the units that a diff changes to all that the patch has to hold. */
#ifndef KGR_CHOOSE_H
#define KGR_CHOOSE_H

#include "extract.h"
#include "kernel.h"
#include "select.h"
#include "shadow.h"

struct kgr_choosing {
	struct kgr_kernel *kernel;
	struct kgr_shadow *shadow;
	GPtrArray *units; /* of struct kgr_unit; callers' are added */
	const GPtrArray *removed; /* of struct kgr_unit: of files that the diff takes away */
	char **allow_layout; /* types whose layout may change */
	char **allow_data; /* objects whose initial value may, as a callback deals with it */
	bool allow_kprobe; /* for what has no fentry */
	const char *dir; /* where compiled objects go */
	guint jobs; /* programs that may run at a time */
};

struct kgr_choice {
	GHashTable *gone; /* what is no more where it was, see moved.h */
	GPtrArray *sources; /* of struct kgr_source */
	GPtrArray *old; /* of struct kgr_old_function, as many as are redirected */
	struct kgr_selection selection;
	bool init_differs; /* something that is gone after init is not the same */
};

/* kgr_choice_init() - make its lists; notes may be added to before choosing */
void kgr_choice_init(struct kgr_choice *choice);

/* kgr_choose() - compile the units as they were and patched, compare, and select
 *
 * Functions that cannot be redirected may need callers in other files to be replaced: those files are
 * compiled as well, and all is selected again, until nothing more is needed. Returns false with
 * @error set if something is refused.
 */
bool kgr_choose(const struct kgr_choosing *from, struct kgr_choice *choice, GError **error);

#endif
