/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a build is, for people; and where its time went, for those who measure. */
#ifndef KGR_PROGRESS_H
#define KGR_PROGRESS_H

#include <stdbool.h>
#include <stdio.h>

#define KGR_MAX_STEPS 32

/* Seconds since some moment, and those that we and our children were running. */
struct kgr_moment {
	double wall, cpu;
};

struct kgr_progress {
	struct {
		const char *what;
		struct kgr_moment start;
	} steps[KGR_MAX_STEPS];
	int count;
};

/* kgr_progress_step() - a new step begins; NULL: the last one has ended
 *
 * Shown on stderr if that is a terminal.
 */
void kgr_progress_step(struct kgr_progress *progress, const char *what);

/* kgr_progress_update() - how far the step is, for who watches a terminal */
void kgr_progress_update(const struct kgr_progress *progress, unsigned int done, unsigned int all);

/* kgr_progress_print_times() - wall and CPU seconds (ours and our children's) of each step */
void kgr_progress_print_times(const struct kgr_progress *progress, FILE *out);

#endif
