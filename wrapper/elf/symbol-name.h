/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of symbols, which the compiler makes of source names: "foo.constprop.0.isra.1", "count.1234", "foo.cold". */
#ifndef KGR_SYMBOL_NAME_H
#define KGR_SYMBOL_NAME_H

#include <stdbool.h>
#include <stddef.h>

/* kgr_name_without_numbers() - what the compiler's counters do not change of a name: "foo.constprop.isra" of
 * "foo.constprop.0.isra.1", "__UNIQUE_ID_x" of "__UNIQUE_ID_x123"; g_free() it
 */
char *kgr_name_without_numbers(const char *name);

/* kgr_name_same_but_numbers() - are two names the same, part by part, where any number is as good as another? */
bool kgr_name_same_but_numbers(const char *a, const char *b);

/* kgr_name_source_length() - how many characters of a name are the source's: 3 of "foo.isra.0" */
size_t kgr_name_source_length(const char *name);

/* kgr_name_is_of() - is a name what the compiler may have made of the source's @source? */
bool kgr_name_is_of(const char *name, const char *source);

/* kgr_name_of_whole() - "foo" of the cold part "foo.cold"; NULL if it is no such part; g_free() it */
char *kgr_name_of_whole(const char *name);

#endif
