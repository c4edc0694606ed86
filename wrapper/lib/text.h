/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text of files, read where it stands. */
#ifndef KGR_TEXT_H
#define KGR_TEXT_H

#include <stdbool.h>
#include <string.h>

/* kgr_text_begins() - does the text at @at begin with @with? It is looked at no further than they agree.
 *
 * g_str_has_prefix() measures all of the text first, from GLib 2.76 on: of a place in a file that is all that follows.
 */
static inline bool kgr_text_begins(const char *at, const char *with)
{
	return !strncmp(at, with, strlen(with));
}

#endif
