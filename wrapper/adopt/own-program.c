// SPDX-License-Identifier: GPL-3.0-or-later
/* An installation may be moved as a whole, so what is beside this program comes before what is in PATH. */
#include <unistd.h>

#include "adopt/own-program.h"
#include "lib/error.h"

char *kgr_own_program(const char *name, GError **error)
{
	g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
	g_autofree char *dir = self ? g_path_get_dirname(self) : g_strdup(".");
	g_autofree char *beside = g_build_filename(dir, name, NULL);
	char *found =
		!access(beside, X_OK) ? g_steal_pointer(&beside) : g_find_program_in_path(name);

	if (!found)
		kgr_fail(error, KGR_TROUBLE, "%s is not installed; install kgraft again", name);
	return found;
}
