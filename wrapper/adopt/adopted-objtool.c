// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Makes from the packages what a build would have left of objtool:
 *
 *   tools/objtool/objtool    in the kbuild package (6.12) a wrapper that runs objtool.real-x86 or
 *                            another one, by make's environment; here there is no make, so the real
 *                            binary is installed in place of the wrapper
 *   .vmlinux.o.cmd           the command that ran it on vmlinux.o, with the arguments of
 *                            scripts/Makefile.vmlinux_o
 */
#include <errno.h>
#include <stdio.h>

#include "adopt/adopted-objtool.h"
#include "adopt/kbuild-env.h"
#include "kernel/build-index.h"
#include "lib/error.h"
#include "lib/subprocess.h"

static bool unwrap(const char *build, const char *srcarch, GError **error)
{
	g_autofree char *path = g_build_filename(build, "tools", "objtool", "objtool", NULL);
	g_autofree char *real = g_strconcat(path, ".real-", srcarch, NULL);

	return !rename(real, path) || errno == ENOENT ||
	       kgr_fail(error, KGR_TROUBLE, "%s cannot become %s: %s", real, path,
			g_strerror(errno));
}

/* The variables of the file that makes vmlinux.o, said by make. */
static bool write_makefile(const char *path, GError **error)
{
	return g_file_set_contents(
		path,
		"kgr-say:\n"
		"include $(srctree)/scripts/Makefile.vmlinux_o\n"
		"kgr-say: ; @echo '$(if $(objtool),$(objtool) $(objtool-args))'\n",
		-1, error);
}

static char *ask(const char *build, const char *source, const char *makefile, const char *compiler,
		 GError **error)
{
	g_auto(kgr_subprocess) run = { .cwd = g_strdup(build) };

	run.env = kgr_kbuild_env_read(build, source, build, compiler, error);
	if (!run.env)
		return NULL;
	kgr_subprocess_add(&run, "make", "-srR", "--no-print-directory", "-f", makefile, "kgr-say",
			   NULL);
	if (!kgr_subprocess_run_all(&run, 1, 1, error))
		return NULL;
	if (!run.status)
		return g_strdup(g_strstrip(run.output));
	kgr_fail(error, KGR_TROUBLE,
		 "scripts/Makefile.vmlinux_o does not say how objtool is run; are the headers and "
		 "the source of one version? make says:\n%s",
		 run.output);
	return NULL;
}

bool kgr_adopted_objtool(const char *build, const char *source, const char *srcarch,
			 const char *compiler, GError **error)
{
	g_autofree char *makefile = g_build_filename(build, ".kgr-objtool", NULL);
	g_autofree char *object = g_build_filename(build, "vmlinux.o", NULL);
	g_autofree char *path = kgr_command_beside(object);
	g_autofree char *command = NULL, *text = NULL;

	if (!unwrap(build, srcarch, error) || !write_makefile(makefile, error))
		return false;
	command = ask(build, source, makefile, compiler, error);
	remove(makefile);
	if (!command || !*command)
		return command;
	text = g_strdup_printf("savedcmd_vmlinux.o := ld ; %s vmlinux.o\n", command);
	return g_file_set_contents(path, text, -1, error);
}
