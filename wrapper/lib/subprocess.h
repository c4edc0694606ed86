/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Running other programs: compilers, objtool, patch, make. */
#ifndef KGR_SUBPROCESS_H
#define KGR_SUBPROCESS_H

#include <stdbool.h>
#include <glib.h>

struct kgr_subprocess {
	GPtrArray *argv; /* ends with NULL once kgr_subprocess_run_all() has begun */
	char *cwd; /* NULL: ours */
	char **env; /* NULL: ours */
	bool vital; /* if it fails, nothing else is started */
	char *output; /* out: stdout and stderr together, g_free it */
	int status; /* out: exit status, 128 + signal if killed by one; -1: not started */
};

/* kgr_subprocess_run_all() - run @count programs, at most @parallel at a time, and wait for all
 *
 * They start in order; one that ends makes room for the next, however long others take. Returns false with @error set if one could not be started; how they ended is in status. All of
 * them die with this process's Ctrl-C since they stay in its process group.
 */
bool kgr_subprocess_run_all(struct kgr_subprocess *runs, guint count, guint parallel,
			    GError **error);

/* kgr_subprocess_run() - run one program, and forget it whatever becomes of it
 * @what: what it is, for the error: "WHAT failed:" and its output
 */
bool kgr_subprocess_run(struct kgr_subprocess *run, const char *what, GError **error);

/* kgr_subprocess_clear() - forget a run, with all that it points to */
void kgr_subprocess_clear(struct kgr_subprocess *run);

#endif
