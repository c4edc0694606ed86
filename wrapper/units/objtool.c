// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Running objtool on compiled units as the kernel's build did, by the command in Kbuild's .cmd file:
 *
 *   not delayed   .foo.o.cmd      objtool --orc ... foo.o        on each object; so here on the patched one
 *   delayed       .vmlinux.o.cmd  objtool --orc --ibt ... vmlinux.o   once, on the whole (IBT); so here on the patched
 *                                 object and on a copy of the built one, which is as the compiler made it: then
 *                                 both have the same tables
 *
 * Where it is delayed a module of one object is not: all of the module is that object.
 *
 * objtool exits with 0 whatever it warns of, so its warnings count: none may be new compared with the built object.
 */
#include <string.h>

#include "kernel/objtool-command.h"
#include "units/aside.h"
#include "lib/error.h"
#include "lib/files.h"
#include "units/objtool.h"
#include "lib/subprocess.h"

/* Made in the build of the object itself (scripts/Makefile.build, cmd_objtool). */
static char **unit_command(const struct kgr_unit *u)
{
	g_autofree char *path = kgr_command_beside(u->kbuild_object);

	return kgr_objtool_command(path);
}

/* @cwd: where that command was run */
static void prepare(struct kgr_subprocess *run, const struct kgr_unit *u, char **command,
		    const char *cwd, const char *object)
{
	int i;

	for (i = 0; command[i]; i++)
		kgr_subprocess_add(run, command[i], NULL);
	/* The call for vmlinux does not say so: keys of static calls need not be exported then. */
	if (kgr_record_is_module(u->record) && !g_strv_contains((const char **)command, "--module"))
		kgr_subprocess_add(run, "--module", NULL);
	kgr_subprocess_add(run, object, NULL);
	run->cwd = g_strdup(cwd);
}

static bool copy_built(struct kgr_unit *u, const char *dir, GError **error)
{
	g_autofree char *name = g_strdup_printf("%u-built.o", u->number);

	g_free(u->built_objtool);
	u->built_objtool = g_build_filename(dir, name, NULL);
	return kgr_copy_file(u->built, dir, name, error);
}

/* What objtool warns of, but for where the object is and where in a function the place is: that moves. */
static GPtrArray *warnings(const struct kgr_subprocess *run)
{
	GPtrArray *out = g_ptr_array_new_with_free_func(g_free);
	g_auto(GStrv) lines = g_strsplit(run->output ?: "", "\n", -1);
	g_autoptr(GRegex) offset = g_regex_new("\\+0x[0-9a-f]+", 0, 0, NULL);
	guint i;

	for (i = 0; lines[i]; i++) {
		const char *warning = strstr(lines[i], "objtool: ");

		if (warning)
			g_ptr_array_add(
				out, g_regex_replace_literal(offset, warning, -1, 0, "", 0, NULL));
	}
	return out;
}

/*
 * It exits with 0 even where it gave up and the object lacks what it writes (tools/objtool/check.c). A warning
 * that the built object gets as well is accepted; @built is NULL if it was not run on that.
 */
static bool is_accepted(const struct kgr_subprocess *run, const struct kgr_subprocess *built,
			GError **error)
{
	g_autoptr(GPtrArray) now = warnings(run);
	g_autoptr(GPtrArray) before = built ? warnings(built) : NULL;
	bool ok = !run->status;
	guint i;

	for (i = 0; ok && i < now->len; i++)
		ok = before &&
		     g_ptr_array_find_with_equal_func(before, now->pdata[i], g_str_equal, NULL);
	return ok || kgr_fail(error, KGR_REFUSED,
			      "objtool does not accept the code, as it did before the patch; write "
			      "the fix so that it does:\n%s",
			      run->output);
}

static void add_run(GArray *runs, const struct kgr_unit *u, char **command, const char *cwd,
		    const char *object)
{
	g_array_set_size(runs, runs->len + 1);
	prepare(kgr_subprocess_at(runs, runs->len - 1), u, command, cwd, object);
}

/*
 * On what was compiled of a unit, and if that was delayed (@linked is the command), last on a copy
 * of its built object.
 */
static bool add_runs(GArray *runs, struct kgr_unit *u, char **linked, const struct kgr_session *s,
		     GError **error)
{
	g_auto(GStrv) own = unit_command(u);
	char **command = own ?: linked;
	const char *cwd = own ? u->record->dir : s->kernel->build;

	/* Without objtool in the kernel's build there is nothing to repeat; nor of what did not compile. */
	if (!command || (!u->patched && !u->normal))
		return true;
	if (u->patched)
		add_run(runs, u, command, cwd, u->patched);
	if (u->normal)
		add_run(runs, u, command, cwd, u->normal);
	g_clear_pointer(&u->built_objtool, g_free);
	if (own)
		return true;
	if (!copy_built(u, s->dir, error))
		return false;
	add_run(runs, u, command, cwd, u->built_objtool);
	return true;
}

/* The runs of one unit, from number @first to before @end. */
static bool are_accepted(const GArray *runs, guint first, guint end, bool delayed, GError **error)
{
	const struct kgr_subprocess *built =
		delayed && end > first ? kgr_subprocess_at(runs, end - 1) : NULL;

	for (; first < end; first++) {
		if (!is_accepted(kgr_subprocess_at(runs, first), built, error))
			return false;
	}
	return true;
}

bool kgr_objtool_all(struct kgr_session *s, GPtrArray *units, GError **error)
{
	const struct kgr_kernel *kernel = s->kernel;
	bool delayed = kgr_objtool_is_delayed(kernel);
	g_auto(GStrv) linked = delayed ? kgr_objtool_linked_command(kernel, error) : NULL;
	g_autoptr(GArray) runs = kgr_subprocesses_new(0);
	g_autofree guint *first =
		g_new(guint, units->len + 1); /* of each unit's runs; then their number */
	guint i;

	if (delayed && !linked)
		return false;
	for (i = 0; i < units->len; i++) {
		first[i] = runs->len;
		if (!add_runs(runs, units->pdata[i], linked, s, error))
			return false;
	}
	first[i] = runs->len;
	if (!kgr_subprocesses_run(runs, s->jobs, error))
		return false;
	for (i = 0; i < units->len; i++) {
		struct kgr_unit *u = units->pdata[i];
		g_autoptr(GError) why = NULL;

		if (are_accepted(runs, first[i], first[i + 1], u->built_objtool, &why))
			continue;
		if (!kgr_set_aside_unit(s, u, &why)) {
			g_propagate_error(error, g_steal_pointer(&why));
			return false;
		}
		g_clear_pointer(&u->patched, g_free);
	}
	return true;
}
