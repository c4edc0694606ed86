// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Makes the runtime's list (runtime/blocking.c) readable. A task is a line
 * "pid state asleep_ms function command", and a line that begins with a tab for each frame of its stack.
 */
#include <stdio.h>
#include <string.h>
#include <glib.h>

#include "cmd/live/blocking.h"
#include "cmd/live/sysfs.h"

static void add_task(GString *out, const char *line)
{
	unsigned long long asleep_ms;
	char function[256], state;
	int pid, command;

	if (sscanf(line, "%d %c %llu %255s %n", &pid, &state, &asleep_ms, function, &command) != 4)
		return;
	g_string_append_printf(out, "%d %s %c", pid, line + command, state);
	if (state != 'R')
		g_string_append_printf(out, ", asleep for %llu.%03llu s", asleep_ms / 1000,
				       asleep_ms % 1000);
	if (strcmp(function, "-"))
		g_string_append_printf(out, ", in %s()", function);
	g_string_append_c(out, '\n');
}

char *kgr_blocking_list(const char *patch, bool stacks)
{
	g_autofree char *text = kgr_live_read(patch, "blocking");
	g_auto(GStrv) lines = NULL;
	GString *out;
	int i;

	if (!text)
		return NULL;
	out = g_string_new(NULL);
	lines = g_strsplit(text, "\n", -1);
	for (i = 0; lines[i]; i++) {
		if (lines[i][0] != '\t')
			add_task(out, lines[i]);
		else if (stacks)
			g_string_append_printf(out, "    %s\n", lines[i] + 1);
	}
	return g_string_free(out, FALSE);
}
