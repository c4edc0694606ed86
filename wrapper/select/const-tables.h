/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Changed tables of which a patch may have its own copy, as nothing but functions refers to them. */
#ifndef KGR_CONST_TABLES_H
#define KGR_CONST_TABLES_H

#include "select/selection.h"

/* kgr_is_read_by_functions() - may functions that are replaced have their own copy of this object?
 *
 * It must be read-only and the unit's own, without pointers to code, and referred to only by functions that stay after
 * init. A pointer to a table of functions, or one that data holds, was stored elsewhere when something was registered:
 * the kernel would go on with the old table, and the fix would do nothing.
 */
bool kgr_is_read_by_functions(const struct kgr_obj *obj, const struct kgr_sym *sym);

/* kgr_unselected_readers() - what refers to an object and is not selected, of struct kgr_sym; g_ptr_array_unref() it */
GPtrArray *kgr_unselected_readers(const struct kgr_selection *selection, const struct kgr_obj *obj,
				  const struct kgr_sym *sym);

#endif
