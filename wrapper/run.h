/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Running other programs: compilers, objtool, patch, make. */
#ifndef KGR_RUN_H
#define KGR_RUN_H

#include <stdbool.h>
#include <glib.h>

struct kgr_run {
	GPtrArray *argv; /* ends with NULL once kgr_run_all() has begun */
	const char *cwd;
	char **env; /* NULL: ours */
	char *output; /* out: stdout and stderr together, g_free it */
	int status; /* out: exit status, 128 + signal if killed by one */
};

/* kgr_run_all() - run @count programs, at most @parallel at a time, and wait for all
 *
 * Returns false with @error set if one could not be started; how they ended is in status. All of
 * them die with this process's Ctrl-C since they stay in its process group.
 */
bool kgr_run_all(struct kgr_run *runs, guint count, guint parallel, GError **error);

#endif
