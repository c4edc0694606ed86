/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which of a unit's changed symbols become the patch, and whether they may. */
#ifndef KGR_SELECT_H
#define KGR_SELECT_H

#include "select/compared.h"
#include "select/selection.h"

/* kgr_select() - add to @out what of a unit goes along, and what is redirected
 * @out: several units share one; kgr_find_moved() has put in it what has moved
 *
 * Refuses, with the symbol named, what must not be patched: changed data, functions that ftrace cannot hook
 * and whose callers cannot be replaced, and the like. Files with callers that are not among the units are asked
 * for in @out->in->no_fentry.
 */
bool kgr_select(const struct kgr_compared *of, struct kgr_selection *out, GError **error);

#endif
