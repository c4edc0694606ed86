/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which of the changed symbols become the patch, and whether they may. */
#ifndef KGR_SELECT_H
#define KGR_SELECT_H

#include "object.h"
#include "record.h"

struct kgr_selection {
	GPtrArray *redirected; /* of struct kgr_sym, functions whose callers are led elsewhere */
	GPtrArray *notes; /* of char *, things worth telling */
};

/* kgr_select() - mark what of @patched goes along (included) and what is redirected
 * @record: of the unit as it was built, for what it says of fentry
 * @out: added to; several units share one
 *
 * Refuses, with the symbol named, what must not be patched: changed data, functions that cannot be
 * redirected and whose callers cannot be replaced, new exports and the like.
 */
bool kgr_select(struct kgr_obj *orig, struct kgr_obj *patched, const struct kgr_record *record,
		struct kgr_selection *out, GError **error);

/* kgr_sec_is_init() - is this section gone once the kernel has booted? */
bool kgr_sec_is_init(const struct kgr_sec *sec);

#endif
