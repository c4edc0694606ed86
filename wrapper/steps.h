/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a build is, for people; and where its time went, for those who measure. */
#ifndef KGR_STEPS_H
#define KGR_STEPS_H

#include <stdbool.h>
#include <stdio.h>

/* kgr_step() - a new step begins; NULL: the last one has ended
 *
 * Shown on stderr if that is a terminal.
 */
void kgr_step(const char *what);

/* kgr_step_progress() - how far the step is, for who watches a terminal */
void kgr_step_progress(unsigned int done, unsigned int all);

/* kgr_steps_print() - wall and CPU seconds (ours and our children's) of each step */
void kgr_steps_print(FILE *out);

#endif
