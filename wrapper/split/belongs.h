/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which parts of a diff cannot stay without which others. */
#ifndef KGR_BELONGS_H
#define KGR_BELONGS_H

#include "split/split.h"

/* kgr_split_find_needs() - fill in what each part needs, and is needed by, from the names that they change */
void kgr_split_find_needs(struct kgr_split *split);

#endif
