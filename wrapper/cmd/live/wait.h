/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Waiting for the end of a transition. */
#ifndef KGR_WAIT_H
#define KGR_WAIT_H

#include <stdbool.h>
#include <glib.h>

#define KGR_POLL_US 20000

/* kgr_wait_for_transition() - wait until a patch's transition is over, @timeout seconds at most, 0: for
 * ever
 * @what: "patching" or "unpatching", shown with the number of tasks left where stderr is a terminal
 *
 * False with @error set if it is not over: the error lists the tasks that it waits for, after @way_out,
 * which says what can be done.
 */
bool kgr_wait_for_transition(const char *patch, const char *what, int timeout, const char *way_out,
			     GError **error);

#endif
