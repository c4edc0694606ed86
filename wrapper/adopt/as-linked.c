// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * With IBT objtool is run when all of vmlinux, or of a module, has been linked (objtool-command.h),
 * so what the compiler leaves lacks its tables, and some jumps are not yet what they are going to
 * be. To compare an object with what was linked it is run on a copy. A module of one object is no
 * exception to Kbuild: there its own command ran objtool, and nothing is left to do.
 */
#include "adopt/as-linked.h"
#include "kernel/build-index.h"
#include "kernel/objtool-command.h"
#include "lib/error.h"
#include "lib/files.h"
#include "lib/subprocess.h"

static bool run_objtool(const struct kgr_kernel *k, const char *object, bool module, GError **error)
{
	g_auto(GStrv) command = kgr_objtool_linked_command(k, error);
	g_auto(kgr_subprocess) run = { .cwd = g_strdup(k->adopted->objects) };
	guint i;

	if (!command)
		return false;
	for (i = 0; command[i]; i++)
		kgr_subprocess_add(&run, command[i], NULL);
	if (module)
		kgr_subprocess_add(&run, "--module", NULL);
	kgr_subprocess_add(&run, object, NULL);
	return kgr_subprocess_run(&run, "objtool", error);
}

char *kgr_as_linked(const struct kgr_kernel *k, const char *object, bool module, GError **error)
{
	g_autofree char *path = kgr_command_beside(object), *dir = NULL, *base = NULL;
	g_autofree char *name = NULL, *copy = NULL;
	g_auto(GStrv) own = NULL;

	if (!kgr_objtool_is_delayed(k))
		return g_strdup(object);
	own = kgr_objtool_command(path);
	if (own)
		return g_strdup(object);
	dir = g_path_get_dirname(object);
	base = g_path_get_basename(object);
	name = g_strdup_printf(".%s.linked", base);
	copy = g_build_filename(dir, name, NULL);
	return kgr_copy_file(object, dir, name, error) && run_objtool(k, copy, module, error) ?
		       g_steal_pointer(&copy) :
		       NULL;
}
