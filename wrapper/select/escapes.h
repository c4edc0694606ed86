/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of a patch the kernel may still point to when the patch has gone. */
#ifndef KGR_ESCAPES_H
#define KGR_ESCAPES_H

#include "select/compared.h"
#include "select/selection.h"

/* kgr_find_escapes() - find the selection's escapes
 * @sources: of struct kgr_compared: the units that it takes something from
 *
 * Returns false with @error set if code cannot be decoded.
 */
bool kgr_find_escapes(const GPtrArray *sources, struct kgr_selection *selection, GError **error);

/* kgr_settle_escapes() - make allowed ones of the selection's escapes that are allowed, and notes of all
 * @allowed: names; or NULL
 *
 * Returns false with @error set if one is allowed that does not escape, or without an unpatch
 * callback, which has to see to it that the kernel's pointers are gone.
 */
bool kgr_settle_escapes(struct kgr_selection *selection, char **allowed, GError **error);

/* kgr_escapes_text() - a selection's escapes as one text, "" for none; g_free() it */
char *kgr_escapes_text(const GPtrArray *escapes, const char *separator);

#endif
