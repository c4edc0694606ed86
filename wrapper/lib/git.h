/* SPDX-License-Identifier: GPL-3.0-or-later */
/* git as a tool on files, which says and does the same for everybody. */
#ifndef KGR_GIT_H
#define KGR_GIT_H

#include <glib.h>

/* kgr_git() - run git, without repository, configuration or attributes of a user or a machine
 * @args: behind "git", ending with NULL
 * @cwd: where
 * @input: a file for its standard input; or NULL
 * @status: its exit status
 *
 * Returns what it wrote to stdout and stderr, with NULs if there are any in it; NULL with @error set if it could not be
 * started.
 */
GString *kgr_git(const char *const *args, const char *cwd, const char *input, int *status,
		 GError **error);

/* kgr_git_words() - the first line of such an output, without git's "error: " or "fatal: "; g_free() it */
char *kgr_git_words(const GString *output);

#endif
