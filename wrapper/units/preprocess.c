// SPDX-License-Identifier: GPL-3.0-or-later
/* Runs a unit's recorded command with -E, from the overlay or from the source as it is, and reads what it makes. */
#include <unistd.h>

#include "lib/subprocess.h"
#include "units/compile-command.h"
#include "units/preprocess.h"

char *kgr_preprocess(const struct kgr_session *session, const struct kgr_unit *unit, bool patched)
{
	g_autofree char *output = g_strdup_printf("%s/%u.i", session->dir, unit->number);
	g_autofree char *deps = g_strconcat(output, ".d", NULL), *text = NULL;
	g_auto(kgr_subprocess) run = { 0 };

	if (!kgr_compile_command(&run, unit->record, patched ? session->overlay : NULL, output,
				 NULL))
		return NULL;
	kgr_subprocess_add(&run, "-E", "-P", NULL);
	if (kgr_subprocess_run_all(&run, 1, 1, NULL) && !run.status)
		g_file_get_contents(output, &text, NULL, NULL);
	unlink(output);
	unlink(deps);
	return g_steal_pointer(&text);
}
