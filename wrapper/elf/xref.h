/* SPDX-License-Identifier: GPL-3.0-or-later */
/* References to a symbol in an object. */
#ifndef KGR_XREF_H
#define KGR_XREF_H

#include "elf/reloc.h"

struct kgr_xref {
	const struct kgr_sec *sec; /* where it is */
	const struct kgr_rel *rel;
	struct kgr_sym *from; /* what refers; NULL: something without a name */
	struct kgr_target target;
};

/* kgr_xref_fn - does this reference to @sym count? */
typedef bool (*kgr_xref_fn)(const struct kgr_sym *sym, const struct kgr_xref *ref, const void *arg);

/* kgr_find_xref() - the first reference to @sym from what is loaded of which @fn says yes
 *
 * Returns false if there is none; @out is undefined then.
 */
bool kgr_find_xref(const struct kgr_obj *obj, const struct kgr_sym *sym, kgr_xref_fn fn,
		   const void *arg, struct kgr_xref *out);

/* kgr_referrers() - the functions and objects with such references, each once, in the order of the file
 *
 * Returns an array of struct kgr_sym; g_ptr_array_unref() it.
 */
GPtrArray *kgr_referrers(const struct kgr_obj *obj, const struct kgr_sym *sym, kgr_xref_fn fn,
			 const void *arg);

#endif
