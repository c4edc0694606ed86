/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The line numbers that a patched file had before, by #line. */
#ifndef KGR_LINE_DIRECTIVES_H
#define KGR_LINE_DIRECTIVES_H

#include <stdbool.h>
#include <glib.h>

/* kgr_add_line_directives() - make unchanged lines of a patched file keep their old numbers
 * @old, @new: the file before and after; @new is rewritten with #line directives in it
 * @plain: what it was is moved to here, in the same file system, if there are any to add
 *
 * WARN(), lockdep, might_sleep() and many others put __LINE__ into code and tables. A line that a
 * diff adds would so change every such function below it, though the diff does not touch them.
 * Returns false with @error set if one file cannot be read or the other not be written.
 */
bool kgr_add_line_directives(const char *old, const char *new, const char *plain, GError **error);

#endif
