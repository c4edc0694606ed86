/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a diff changes in a header, as far as the header's text alone can tell. */
#ifndef KGR_HEADER_CHANGE_H
#define KGR_HEADER_CHANGE_H

#include <stdbool.h>
#include <glib.h>

/* kgr_changed_inlines() - the static inline functions that make all the difference
 * @orig, @patched: the header's text before and after
 * @names: of char *, with a free function; gets their names, each once or more
 *
 * Returns false if something else differs, if only maybe: then nothing is known. If true, no unit's text
 * differs but for these functions, which are new or other, whatever the unit defines before it
 * includes the header: no line for the preprocessor differs or stands in what does.
 */
bool kgr_changed_inlines(const char *orig, const char *patched, GPtrArray *names);

#endif
