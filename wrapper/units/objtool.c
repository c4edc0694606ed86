// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Running objtool on compiled units as the kernel's build did, by the command in Kbuild's .cmd file: on each object
 * (foo.o: .foo.o.cmd), or once on vmlinux.o where that is delayed (IBT: .vmlinux.o.cmd). In the second case the
 * built object is as the compiler left it; a copy goes through objtool too, so that both sides have the same
 * tables. Arguments that only the whole can pass (--noinstr, --unret) are left out. objtool ends well whatever
 * it has to say, so what it says counts: nothing may be new compared with the built object.
 */
#include <string.h>

#include "elf/arch.h"
#include "lib/error.h"
#include "lib/files.h"
#include "units/objtool.h"
#include "lib/subprocess.h"

/* The call of objtool in a .cmd file, without the object: "cmd_X := ... ; objtool ARGS X". */
static char **read_command(const char *path)
{
	char *text = NULL, *at, **words = NULL;
	int count;

	if (g_file_get_contents(path, &text, NULL, NULL) &&
	    (at = strstr(text, "objtool/objtool "))) {
		while (at > text && !g_ascii_isspace(at[-1]) && at[-1] != ';')
			at--;
		at[strcspn(at, ";\n")] = 0;
		if (g_shell_parse_argv(at, &count, &words, NULL))
			g_clear_pointer(&words[count - 1], g_free);
	}
	g_free(text);
	return words;
}

/* Made in the build of the object itself (scripts/Makefile.build, cmd_objtool). */
static char **unit_command(const struct kgr_unit *u)
{
	char *dir = g_path_get_dirname(u->kbuild_object),
	     *base = g_path_get_basename(u->kbuild_object);
	char *path = g_strdup_printf("%s/.%s.cmd", dir, base);
	char **words = read_command(path);

	g_free(dir);
	g_free(base);
	g_free(path);
	return words;
}

/* Checks of the whole, which a part cannot pass, and names for padding, which nobody asks for. */
static bool is_for_whole(const char *word)
{
	return !strcmp(word, "--noinstr") || !strcmp(word, "--unret") ||
	       g_str_has_prefix(word, "--prefix");
}

/*
 * Made on all of vmlinux (scripts/Makefile.vmlinux_o), and with the same arguments on all of a module; what
 * a part can take of that.
 */
static char **linked_command(const struct kgr_kernel *kernel)
{
	char *path = g_build_filename(kernel->build, ".vmlinux.o.cmd", NULL);
	char **words = read_command(path);
	int i, kept = 0;

	for (i = 0; words && words[i]; i++) {
		if (is_for_whole(words[i]))
			g_free(words[i]);
		else
			words[kept++] = words[i];
	}
	if (words)
		words[kept] = NULL;
	g_free(path);
	return words;
}

static void prepare(struct kgr_subprocess *run, const struct kgr_unit *u, char **command,
		    const char *object)
{
	int i;

	run->argv = g_ptr_array_new_with_free_func(g_free);
	for (i = 0; command[i]; i++)
		g_ptr_array_add(run->argv, g_strdup(command[i]));
	/* The call for vmlinux does not say so: keys of static calls need not be exported then. */
	if (kgr_record_is_module(u->record) && !g_strv_contains((const char **)command, "--module"))
		g_ptr_array_add(run->argv, g_strdup("--module"));
	g_ptr_array_add(run->argv, g_strdup(object));
	run->cwd = g_strdup(u->record->dir);
}

static bool copy_built(struct kgr_unit *u, const char *dir, GError **error)
{
	char *name = g_strdup_printf("%u-built.o", u->number);
	bool ok = kgr_copy_file(u->built, dir, name, error);

	g_free(u->built_objtool);
	u->built_objtool = g_build_filename(dir, name, NULL);
	g_free(name);
	return ok;
}

/* What objtool says of an object, but for where that is and where in a function: that moves. */
static GPtrArray *complaints(const struct kgr_subprocess *run)
{
	GPtrArray *out = g_ptr_array_new_with_free_func(g_free);
	char **lines = g_strsplit(run->output ?: "", "\n", -1);
	GRegex *offset = g_regex_new("\\+0x[0-9a-f]+", 0, 0, NULL);
	guint i;

	for (i = 0; lines[i]; i++) {
		const char *said = strstr(lines[i], "objtool: ");

		if (said)
			g_ptr_array_add(out,
					g_regex_replace_literal(offset, said, -1, 0, "", 0, NULL));
	}
	g_regex_unref(offset);
	g_strfreev(lines);
	return out;
}

/*
 * It ends well whatever it has to say, even where it gave up and the object lacks what it writes (tools/objtool/check.c).
 * What it says of the kernel's own object too is as good as that, if it was asked.
 */
static bool is_accepted(const struct kgr_subprocess *run, const struct kgr_subprocess *built,
			GError **error)
{
	GPtrArray *now = complaints(run);
	GPtrArray *before = built ? complaints(built) : NULL;
	bool ok = !run->status;
	guint i;

	for (i = 0; ok && i < now->len; i++)
		ok = before &&
		     g_ptr_array_find_with_equal_func(before, now->pdata[i], g_str_equal, NULL);
	if (before)
		g_ptr_array_unref(before);
	g_ptr_array_unref(now);
	return ok ||
	       kgr_fail(error, KGR_REFUSED, "objtool does not accept the code:\n%s", run->output);
}

bool kgr_objtool_all(const struct kgr_session *s, GPtrArray *units, GError **error)
{
	const struct kgr_kernel *kernel = s->kernel;
	struct kgr_subprocess *runs = g_new0(struct kgr_subprocess, 4 * units->len + 1);
	bool delayed = kgr_kernel_config(kernel, kernel->vmlinux->arch->landing_pad_config),
	     ok = true;
	char **linked = delayed ? linked_command(kernel) : NULL;
	/* By run: that of the kernel's own object, if it has one; it is its own. */
	const struct kgr_subprocess **built =
		g_new0(const struct kgr_subprocess *, 4 * units->len + 1);
	guint i, count = 0;

	if (delayed && !linked)
		ok = kgr_fail(error, KGR_TROUBLE,
			      "%s/.vmlinux.o.cmd does not say how objtool was run", kernel->build);
	for (i = 0; ok && i < units->len; i++) {
		struct kgr_unit *u = units->pdata[i];
		char **command = delayed ? g_strdupv(linked) : unit_command(u);
		const char *const objects[] = { u->patched, u->normal };
		guint first = count;
		size_t o;

		/* Without objtool in the kernel's build there is nothing to repeat. */
		for (o = 0; command && o < G_N_ELEMENTS(objects); o++) {
			if (objects[o])
				prepare(&runs[count++], u, command, objects[o]);
		}
		if (delayed) {
			for (o = first; o <= count; o++)
				built[o] = &runs[count];
			ok = copy_built(u, s->dir, error);
			prepare(&runs[count++], u, command, u->built_objtool);
		}
		g_strfreev(command);
	}
	g_strfreev(linked);
	ok = ok && kgr_subprocess_run_all(runs, count, s->jobs, error);
	for (i = 0; ok && i < count; i++)
		ok = is_accepted(&runs[i], built[i], error);
	for (i = 0; i < count; i++)
		kgr_subprocess_clear(&runs[i]);
	g_free(built);
	g_free(runs);
	return ok;
}
