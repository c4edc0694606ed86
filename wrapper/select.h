/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which of the changed symbols become the patch, and whether they may. */
#ifndef KGR_SELECT_H
#define KGR_SELECT_H

#include "image.h"
#include "object.h"
#include "record.h"

/* As enum kgr_callback_kind in runtime/patch.h. */
#define KGR_CALLBACK_KINDS 4
extern const char *const kgr_callback_kinds[KGR_CALLBACK_KINDS];

/* A function that the diff names with one of kgraft-macros.h's macros. */
struct kgr_callback {
	struct kgr_sym *sym;
	unsigned int kind;
	const struct kgr_image *image; /* what it is for; not known to kgr_select() */
};

struct kgr_selection {
	bool allow_kprobe; /* asked for: where there is no fentry */
	GArray *callbacks; /* of struct kgr_callback */
	GPtrArray *redirected; /* of struct kgr_sym, functions whose callers are led elsewhere */
	GPtrArray *notes; /* of char *, things worth telling */
};

/* kgr_select() - mark what of @patched goes along (included) and what is redirected
 * @record: of the unit as it was built, for what it says of fentry
 * @in_module: is the unit part of a loadable module?
 * @out: added to; several units share one
 *
 * Refuses, with the symbol named, what must not be patched: changed data, functions that cannot be
 * redirected and whose callers cannot be replaced, new exports and the like.
 */
bool kgr_select(struct kgr_obj *orig, struct kgr_obj *patched, const struct kgr_record *record,
		bool in_module, struct kgr_selection *out, GError **error);

#endif
