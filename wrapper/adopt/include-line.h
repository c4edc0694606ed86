/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines that include a file. */
#ifndef KGR_INCLUDE_LINE_H
#define KGR_INCLUDE_LINE_H

#include <glib.h>

#define KGR_INCLUDE_NEXT '+' /* in place of the quote or bracket, of an #include_next */
#define KGR_INCLUDE_MACRO '@' /* the same, of the name of a macro without arguments */

/* kgr_include_line() - what a line includes: its name, behind the quote or bracket; g_free() it
 * @line: white space and the '#', or the '#' itself
 * @end: behind the line
 *
 * NULL if it does not include, or what it does depends on arguments of a macro.
 */
char *kgr_include_line(const char *line, const char *end);

#endif
