/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A directory in a compiler's argument under another name. */
#ifndef KGR_MAP_PATH_H
#define KGR_MAP_PATH_H

/* kgr_map_path() - @arg with each mention of the directory @from, and of what is below it, turned to @to
 * @arg: one argument of a compiler, an option or a file
 * @from: an absolute name, without a slash at its end
 *
 * g_free() the result.
 */
char *kgr_map_path(const char *arg, const char *from, const char *to);

#endif
