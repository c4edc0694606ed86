/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --debug: what the stages decide and why, a line a decision on stderr, for those who look inside a build. */
#ifndef KGR_DEBUG_H
#define KGR_DEBUG_H

#include <stdbool.h>
#include <glib.h>

enum kgr_debug {
	KGR_DEBUG_UNITS, /* which compilations the diff reaches */
	KGR_DEBUG_MATCH, /* which symbol is the counterpart of which, and by what rule */
	KGR_DEBUG_COMPARE, /* what differs, and how */
	KGR_DEBUG_SELECT, /* what goes into the patch, what is redirected, and why */
	KGR_DEBUG_EXTRACT, /* what the graft is made of, and where its relocations go */
	KGR_DEBUG_COUNT
};

/* One bit a category; for kgr_debug() alone. */
extern unsigned int kgr_debug_mask;

/* kgr_debug_enable() - from now on print these
 * @list: names of categories, separated by commas; or "all"
 *
 * False with @error set, which names the known ones, if one is unknown.
 */
bool kgr_debug_enable(const char *list, GError **error);

/* kgr_debug_on() - is the category printed? For callers that would have to work for what they print. */
static inline bool kgr_debug_on(enum kgr_debug category)
{
	return kgr_debug_mask & 1u << category;
}

/* kgr_debug_print() - print one line whether its category is on or not; kgr_debug() asks before */
void kgr_debug_print(enum kgr_debug category, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* kgr_debug() - print one line, without its newline; the arguments are not evaluated if it is off */
#define kgr_debug(category, ...)                                                                   \
	do {                                                                                       \
		if (kgr_debug_on(category))                                                        \
			kgr_debug_print(category, __VA_ARGS__);                                    \
	} while (0)

#endif
