/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Preprocessed C, without line markers: what a change of a header means to one unit. */
#ifndef KGR_PP_COMPARE_H
#define KGR_PP_COMPARE_H

#include <stdbool.h>
#include <glib.h>

/* kgr_pp_same() - do two texts compile to the same?
 *
 * They do if their tokens are the same, and also if all that differs are functions, declared or
 * defined, that nothing else in the text mentions. Names that __COUNTER__ numbers may have other
 * numbers. False means: compile it, then it will be seen.
 */
bool kgr_pp_same(const char *orig, const char *patched);

/* kgr_pp_same_without() - does @text compile to the same whatever is in its static inline functions @names?
 * @names: of char *
 * @known: gets false if one is missing, which may be there by another name if its name is a macro
 *
 * It does if nothing in it mentions them but themselves.
 */
bool kgr_pp_same_without(const char *text, const GPtrArray *names, bool *known);

#endif
