/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A program that runs for this one, and does not outlive it. */
#ifndef KGR_CHILD_H
#define KGR_CHILD_H

#include <stdbool.h>
#include <sys/types.h>
#include <glib.h>

struct kgr_child {
	char *const *argv; /* ends with NULL; the first is looked for in PATH */
	char *const *env; /* NULL: ours */
	const char *cwd; /* NULL: ours */
	int input, output; /* its standard input; its standard output and error */
};

/* kgr_child_start() - run a program in a process group of its own, with no other descriptors than these
 *
 * Returns its process id, 0 with @error set if it cannot be started. kgr_child_wait() for it.
 */
pid_t kgr_child_start(const struct kgr_child *child, GError **error);

/* kgr_child_wait() - wait until any child of this process has ended
 * @status: as waitpid(2) gives it
 *
 * Returns its process id, 0 with @error set.
 */
pid_t kgr_child_wait(int *status, GError **error);

/* kgr_children_kill() - kill all that was started and is not waited for, with all that these have
 * started, and wait until they are gone
 *
 * May be called in a signal handler.
 */
void kgr_children_kill(void);

#endif
