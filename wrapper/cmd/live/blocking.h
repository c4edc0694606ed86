/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tasks that a transition still waits for. */
#ifndef KGR_BLOCKING_H
#define KGR_BLOCKING_H

#include <stdbool.h>

/* kgr_blocking_list() - a line for each task that has not moved, with its stack below if @stacks
 *
 * Returns text to g_free(), NULL if there is no such patch or its "blocking" cannot be read.
 */
char *kgr_blocking_list(const char *patch, bool stacks);

#endif
