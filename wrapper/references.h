/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who in an object refers to a symbol. */
#ifndef KGR_REFERENCES_H
#define KGR_REFERENCES_H

#include "target.h"

struct kgr_reference {
	const struct kgr_sec *sec; /* where it is */
	const struct kgr_rel *rel;
	struct kgr_sym *from; /* who refers; NULL: something without a name */
	struct kgr_target target;
};

typedef bool (*kgr_reference_fn)(const struct kgr_sym *sym, const struct kgr_reference *ref,
				 const void *arg);

/* kgr_find_reference() - the first reference to @sym from what is loaded of which @fn says yes
 *
 * Returns false if there is none; @out is undefined then.
 */
bool kgr_find_reference(const struct kgr_obj *obj, const struct kgr_sym *sym, kgr_reference_fn fn,
			const void *arg, struct kgr_reference *out);

#endif
