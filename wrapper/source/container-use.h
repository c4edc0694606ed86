/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Does a unit's source make a pointer to a structure of one to something inside of it, as container_of() does? */
#ifndef KGR_CONTAINER_USE_H
#define KGR_CONTAINER_USE_H

#include <stdbool.h>
#include <glib.h>

/* kgr_has_container_use() - does preprocessed C make pointers to a structure, or offsets into it, of something else?
 * @type: "struct foo"
 * @names: of char *: all variables and parameters that are one or point to one
 *
 * True as well where that cannot be told. What the compiler does without a word, as of a void
 * pointer that is assigned, is not looked for: then something is declared to be a pointer to one,
 * and DWARF says so.
 */
bool kgr_has_container_use(const char *text, const char *type, const GPtrArray *names);

#endif
