// SPDX-License-Identifier: GPL-3.0-or-later
/* Polls a patch's "transition" until it is 0, and shows how many tasks are left where stderr is a terminal. */
#include <stdio.h>
#include <unistd.h>

#include "cmd/live/blocking.h"
#include "cmd/live/sysfs.h"
#include "cmd/live/wait.h"
#include "lib/error.h"

static bool is_over(const char *patch)
{
	g_autofree char *transition = kgr_live_read(patch, "transition");

	return !transition || !g_strcmp0(transition, "0");
}

static void show_progress(const char *patch, const char *what, char **shown)
{
	g_autofree char *remaining = kgr_live_read(patch, "remaining");

	if (!g_strcmp0(*shown, remaining))
		return;
	fprintf(stderr, "\r\033[K%s: %s, %s to go", patch, what, remaining ?: "0");
	g_free(*shown);
	*shown = g_steal_pointer(&remaining);
}

bool kgr_wait_for_transition(const char *patch, const char *what, int timeout, const char *way_out,
			     GError **error)
{
	gint64 end = g_get_monotonic_time() + timeout * G_USEC_PER_SEC;
	g_autofree char *shown = NULL, *blocking = NULL;
	bool tty = isatty(STDERR_FILENO), over;

	while (!(over = is_over(patch)) && (timeout <= 0 || g_get_monotonic_time() <= end)) {
		if (tty)
			show_progress(patch, what, &shown);
		g_usleep(KGR_POLL_US);
	}
	if (tty)
		fprintf(stderr, "\r\033[K");
	if (over)
		return true;
	blocking = kgr_blocking_list(patch, false);
	return kgr_fail(error, KGR_REFUSED,
			"%s: still in transition after %d s; %s. It waits for:\n%s", patch, timeout,
			way_out, blocking ?: "");
}
