/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a build is, for people; and where its time went, for those who measure. */
#ifndef KGR_PROGRESS_H
#define KGR_PROGRESS_H

#include <stdbool.h>
#include <stdio.h>

#define KGR_MAX_STEPS 32

/* Seconds: those that passed, and those that we and our children were running. */
struct kgr_moment {
	double wall, cpu;
};

struct kgr_progress {
	struct {
		const char *what;
		struct kgr_moment spent;
	} steps[KGR_MAX_STEPS]; /* in the order in which they first began */
	int count;
	int at; /* the one that goes on, counted from 1; 0: none */
	struct kgr_moment since; /* when it began, or began again */
};

/* kgr_progress_step() - a new step begins, or one that was there before goes on
 * @what: its name, a constant; NULL: the last one has ended
 *
 * Shown on stderr if that is a terminal.
 */
void kgr_progress_step(struct kgr_progress *progress, const char *what);

/* kgr_progress_update() - show on a terminal that @done of @all things of the step are done */
void kgr_progress_update(const struct kgr_progress *progress, unsigned int done, unsigned int all);

/* kgr_progress_print_times() - wall and CPU seconds (ours and our children's) of each step, and our
 * own peak memory in MB
 */
void kgr_progress_print_times(const struct kgr_progress *progress, FILE *out);

#endif
