/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two symbols that are each other's counterpart. */
#ifndef KGR_PAIRING_H
#define KGR_PAIRING_H

#include "lib/debug.h"
#include "elf/object.h"

/* kgr_pair() - say so of @a of orig and @b of patched, by that rule */
static inline void kgr_pair(struct kgr_sym *a, struct kgr_sym *b, const char *rule)
{
	kgr_debug(KGR_DEBUG_MATCH, "%s is %s: %s", a->name, b->name, rule);
	a->twin = b;
	b->twin = a;
}

#endif
