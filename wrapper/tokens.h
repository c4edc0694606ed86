/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Preprocessed C as tokens: what a change of a header means to one unit. */
#ifndef KGR_TOKENS_H
#define KGR_TOKENS_H

#include <stdbool.h>

/* kgr_same_meaning() - do two preprocessed texts, without line markers, compile to the same?
 *
 * They do if their tokens are the same, and also if all that differs are functions, declared or
 * defined, that nothing else in the text mentions. Names that __COUNTER__ numbers may have other
 * numbers. False means: compile it, then it will be seen.
 */
bool kgr_same_meaning(const char *orig, const char *patched);

#endif
