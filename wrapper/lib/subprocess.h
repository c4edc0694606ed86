/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Running other programs: compilers, objtool, git, make. */
#ifndef KGR_SUBPROCESS_H
#define KGR_SUBPROCESS_H

#include <stdbool.h>
#include <glib.h>

struct kgr_subprocess {
	GPtrArray *
		argv; /* of char *, its own; ends with NULL once kgr_subprocess_run_all() has begun */
	char *cwd; /* NULL: ours */
	char **env; /* NULL: ours */
	char *input; /* a file for its standard input; NULL: it has none */
	bool vital; /* if it fails, nothing else is started */
	char *output; /* out: stdout and stderr together, with a NUL behind them */
	gsize size; /* out: of that, without the last NUL; there may be others in it */
	int status; /* out: exit status, 128 + signal if killed by one; -1: not started */
};

/* kgr_subprocess_add() - append words to its command: strings, copied, and NULL behind the last */
void kgr_subprocess_add(struct kgr_subprocess *run, ...) G_GNUC_NULL_TERMINATED;

/* kgr_subprocesses_new() - an array of @count struct kgr_subprocess, all zero, to be filled in
 *
 * Freed with the array (g_array_unref) is all that they point to.
 */
GArray *kgr_subprocesses_new(guint count);

/* kgr_subprocess_at() - the run with number @n of such an array */
static inline struct kgr_subprocess *kgr_subprocess_at(const GArray *runs, guint n)
{
	return &g_array_index(runs, struct kgr_subprocess, n);
}

/* kgr_subprocess_run_all() - run @count programs, at most @parallel at a time, and wait for all
 *
 * They start in order; one that ends makes room for the next, however long others take. Returns false with
 * @error set if one could not be started; how they ended is in status.
 */
bool kgr_subprocess_run_all(struct kgr_subprocess *runs, guint count, guint parallel,
			    GError **error);

/* kgr_subprocesses_run() - the same with all of such an array */
static inline bool kgr_subprocesses_run(const GArray *runs, guint parallel, GError **error)
{
	return kgr_subprocess_run_all((struct kgr_subprocess *)(void *)runs->data, runs->len,
				      parallel, error);
}

/* kgr_subprocess_run() - run one program, and clear @run whatever becomes of it
 * @what: what it is, for the error: "WHAT failed:" and its output
 *
 * Returns false with @error set if it could not be started, or its exit status was not 0.
 */
bool kgr_subprocess_run(struct kgr_subprocess *run, const char *what, GError **error);

/* kgr_subprocess_clear() - free all that a run points to; it may be filled in again */
void kgr_subprocess_clear(struct kgr_subprocess *run);

typedef struct kgr_subprocess kgr_subprocess;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(kgr_subprocess, kgr_subprocess_clear)

#endif
