/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who in a unit refers to a function: all that must be known to do without redirecting it. */
#ifndef KGR_CALLERS_H
#define KGR_CALLERS_H

#include "object.h"

struct kgr_outsider {
	struct kgr_sym *who; /* NULL: something without a name */
	const char *where; /* its section */
};

enum kgr_outsiders {
	KGR_ANY_OUTSIDER,
	KGR_NO_FUNCTION /* data and the like: who calls the function through it is not known */
};

/* kgr_find_outsider() - find somebody who refers to @callee and is not included in the patch */
bool kgr_find_outsider(const struct kgr_obj *patched, const struct kgr_sym *callee,
		       enum kgr_outsiders wanted, struct kgr_outsider *out);

#endif
