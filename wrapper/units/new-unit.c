// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A file that the diff brings has no record, but others of the same list in its Makefile have. With
 * "obj-y := core.o new.o", new.c is compiled with the command of core.c, its names replaced:
 *
 *   -DKBUILD_BASENAME="core" ... -o core.o core.c    becomes
 *   -DKBUILD_BASENAME="new" ... -o new.o new.c
 *
 * and what the kernel has of it is what an empty file compiles to. A neighbour that the Makefile names once
 * more, as in CFLAGS_core.o, is no example. A file that takes the place of one that goes has that one's
 * command, and its object is what the kernel has.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernel/build-index.h"
#include "lib/error.h"
#include "source/makefile-lists.h"
#include "units/new-unit.h"
#include "units/compile-command.h"
#include "lib/subprocess.h"

/* "kernel/sys.c" to "BUILD/kernel/.sys.o.kgr" */
static char *record_of(const struct kgr_kernel *k, const char *file)
{
	char *dir = g_path_get_dirname(file), *base = g_path_get_basename(file);
	char *path =
		g_strdup_printf("%s/%s/.%.*s.o.kgr", k->build, dir, (int)strlen(base) - 2, base);

	g_free(dir);
	g_free(base);
	return path;
}

/* Is what it lists compiled? A list that a configuration option belongs to may be a module's, too. */
static char setting_of(const struct kgr_kernel *k, const struct kgr_makefile_entry *l)
{
	const char *after = strrchr(l->variable, '-');
	char *option, set;

	if (!after)
		return 0;
	after++;
	if (!strcmp(after, "y") || !strcmp(after, "objs"))
		return 'y';
	if (!strcmp(after, "m"))
		return 'm';
	if (!g_str_has_prefix(after, "$(CONFIG_") || !g_str_has_suffix(after, ")"))
		return 0;
	option = g_strndup(after + strlen("$(CONFIG_"), strlen(after) - strlen("$(CONFIG_)"));
	set = kgr_kernel_option(k, option);
	g_free(option);
	return set;
}

/* Every object of such a list is for itself; those of others are parts of the one that it is named after. */
static bool is_of_directory(const struct kgr_makefile_entry *l)
{
	return g_str_has_prefix(l->variable, "obj-") || g_str_has_prefix(l->variable, "lib-");
}

/* Does the Makefile say more of it than that it is there, as with "CFLAGS_sys.o := -pg"? */
static bool has_own_flags(const struct kgr_overlay *s, const struct kgr_makefile_entry *l,
			  const char *file)
{
	char *makefile = g_build_filename(s->source, l->makefile, NULL), *text = NULL;
	char *base = g_path_get_basename(file);
	char *suffix = g_strdup_printf("_%.*s.o", (int)strlen(base) - 2, base);
	bool has = !g_file_get_contents(makefile, &text, NULL, NULL) || strstr(text, suffix);

	g_free(makefile);
	g_free(base);
	g_free(suffix);
	g_free(text);
	return has;
}

/* The record of what is compiled just as the new file is. */
static struct kgr_record *read_sibling(const struct kgr_kernel *k, const struct kgr_overlay *s,
				       const struct kgr_makefile_entry *l, char **sibling,
				       GError **error)
{
	struct kgr_record *r = NULL;
	guint i;

	if (l->was) {
		char *path = record_of(k, l->was);

		*sibling = g_strdup(l->was);
		r = kgr_record_read(path, error);
		g_free(path);
		return r;
	}
	for (i = 0; !r && i < l->beside->len; i++) {
		char *path = record_of(k, l->beside->pdata[i]);

		if (!access(path, R_OK) && !has_own_flags(s, l, l->beside->pdata[i]))
			r = kgr_record_read(path, NULL);
		if (r && is_of_directory(l) && kgr_record_is_module(r))
			g_clear_pointer(&r, kgr_record_free);
		if (r)
			*sibling = g_strdup(l->beside->pdata[i]);
		g_free(path);
	}
	if (!r)
		kgr_fail(
			error, KGR_REFUSED,
			"%s: the diff brings this file, and nothing that %s has in the same list "
			"(%s) is compiled for this kernel: so it is not known how it is; put what it "
			"has into a file that is there already",
			l->file, l->makefile, l->variable);
	return r;
}

/* "dir/sys.c" to "sys", or to what is made of it for a C identifier (scripts/Makefile.lib, name-fix). */
static char *stem_of(const char *file, bool fixed)
{
	char *stem = g_path_get_basename(file);

	stem[strlen(stem) - 2] = 0;
	return fixed ? g_strdelimit(stem, "-,", '_') : stem;
}

/* @text with @was at its end, before what may follow, as @is; NULL if it does not end so. */
static char *with_end(const char *text, const char *was, const char *is, const char *after)
{
	char *end = g_strconcat(was, after, NULL), *now = NULL;

	if (g_str_has_suffix(text, end))
		now = g_strdup_printf("%.*s%s%s", (int)(strlen(text) - strlen(end)), text, is,
				      after);
	g_free(end);
	return now;
}

/* Kbuild's names for the file (scripts/Makefile.lib), which are its module's too if it is one of its own. */
static char *renamed_name(const char *arg, const char *was, const char *is)
{
	static const struct {
		const char *start, *end;
	} names[] = {
		{ "-DKBUILD_BASENAME=\"", "\"" },
		{ "-DKBUILD_MODNAME=\"", "\"" },
		{ "-D__KBUILD_MODNAME=kmod_", "" },
	};
	char *old = stem_of(was, true), *new = stem_of(is, true), *now = NULL;
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(names) && !now; i++) {
		char *whole = g_strconcat(names[i].start, old, names[i].end, NULL);

		if (!strcmp(arg, whole))
			now = g_strconcat(names[i].start, new, names[i].end, NULL);
		g_free(whole);
	}
	g_free(old);
	g_free(new);
	return now;
}

static char *renamed_argument(const char *arg, const char *was, const char *is)
{
	char *old = stem_of(was, false), *new = stem_of(is, false);
	char *old_path = g_strconcat("/", old, NULL), *new_path = g_strconcat("/", new, NULL);
	char *now = renamed_name(arg, was, is);

	if (!now && g_str_has_prefix(arg, "-DKBUILD_MODFILE="))
		now = with_end(arg, old_path, new_path, "\"");
	if (!now && *arg != '-')
		now = with_end(arg, was, is, "");
	g_free(old);
	g_free(new);
	g_free(old_path);
	g_free(new_path);
	return now;
}

static void replace(char **string, char *now)
{
	if (!now)
		return;
	g_free(*string);
	*string = now;
}

/* As if @is had been compiled, and not @was. */
static void rename_record(const struct kgr_kernel *k, struct kgr_record *r, const char *was,
			  const char *is)
{
	guint i;

	for (i = 0; i < r->args->len; i++)
		replace((char **)&r->args->pdata[i], renamed_argument(r->args->pdata[i], was, is));
	replace(&r->source, with_end(r->source, was, is, ""));
	replace(&r->path, record_of(k, is));
}

/* What the kernel had of the file: nothing, compiled as the file is. */
static char *compile_nothing(const struct kgr_record *r, const char *dir, const char *file,
			     GError **error)
{
	struct kgr_subprocess run = { 0 };
	char *stem = stem_of(file, false);
	char *source = g_strdup_printf("%s/%s-before.c", dir, stem);
	char *object = g_strdup_printf("%s/%s-before.o", dir, stem);
	guint i;

	g_free(stem);
	if (!g_file_set_contents(source, "", 0, error) ||
	    !kgr_compile_command(&run, r, NULL, object, error)) {
		kgr_subprocess_clear(&run);
		g_clear_pointer(&object, g_free);
		goto out;
	}
	for (i = 0; i < run.argv->len; i++) {
		if (!strcmp(run.argv->pdata[i], r->source))
			replace((char **)&run.argv->pdata[i], g_strdup(source));
	}
	if (!kgr_subprocess_run(&run, "the compiler", error))
		g_clear_pointer(&object, g_free);
out:
	g_free(source);
	return object;
}

static bool is_compiled(const struct kgr_session *s, const struct kgr_makefile_entry *l,
			bool *compiled, GError **error)
{
	char set = setting_of(s->kernel, l);

	*compiled = set;
	if (l->conditional)
		return kgr_fail(error, KGR_REFUSED,
				"%s: the diff brings this file, and %s lists it within a "
				"condition; whether it is compiled is not known",
				l->file, l->makefile);
	if (set == 'm' && is_of_directory(l))
		return kgr_fail(error, KGR_REFUSED,
				"%s: the diff brings a module of its own; leave it out of the "
				"patch and load it by itself",
				l->file);
	if (!set)
		g_ptr_array_add(s->notes,
				g_strdup_printf("%s is new, and not in this configuration (%s)",
						l->file, l->variable));
	return true;
}

static bool make_unit(const struct kgr_session *s, const struct kgr_makefile_entry *l,
		      struct kgr_unit *u, GError **error)
{
	char *sibling = NULL;

	u->record = read_sibling(s->kernel, s->overlay, l, &sibling, error);
	if (!u->record)
		return false;
	u->source = g_strdup(l->file);
	u->kbuild_object = g_canonicalize_filename(u->record->object, u->record->dir);
	if (l->was) {
		u->built = g_strdup(u->kbuild_object);
		u->old_source = g_strdup(u->record->source);
	} else {
		u->built = compile_nothing(u->record, s->dir, l->file, error);
	}
	rename_record(s->kernel, u->record, sibling, l->file);
	g_free(sibling);
	return u->built;
}

bool kgr_new_unit(struct kgr_session *s, const char *file, struct kgr_unit **unit, GError **error)
{
	struct kgr_makefile_entry *l = kgr_find_makefile_entry(s->overlay, file);
	bool compiled, ok;

	*unit = NULL;
	if (!l) {
		/* Another file may include it, and is compiled for that. */
		g_ptr_array_add(s->notes,
				g_strdup_printf("%s is new, and no Makefile lists it", file));
		return true;
	}
	if (l->was)
		g_ptr_array_add(s->notes, g_strdup_printf("%s is now %s", l->was, file));
	ok = is_compiled(s, l, &compiled, error);
	if (ok && compiled) {
		*unit = g_new0(struct kgr_unit, 1);
		ok = make_unit(s, l, *unit, error);
		if (!ok)
			g_clear_pointer(unit, kgr_unit_free);
	}
	kgr_makefile_entry_free(l);
	return ok;
}

static void add_path(GPtrArray *paths, const char *path, const char *cwd)
{
	char *full = g_canonicalize_filename(path, cwd), *real = realpath(full, NULL);

	g_ptr_array_add(paths, g_strdup(real ?: full));
	free(real);
	g_free(full);
}

/* Real names of all inputs, but for those that the diffs change. */
static GPtrArray *inputs_of(const struct kgr_record *r, const char *cwd,
			    const struct kgr_overlay *s)
{
	GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
	size_t len = strlen(s->root);
	guint i;

	for (i = 0; i < r->inputs->len; i++)
		add_path(paths, g_array_index(r->inputs, struct kgr_input, i).path, cwd);
	for (i = 0; i < paths->len;) {
		if (!strncmp(paths->pdata[i], s->root, len))
			g_ptr_array_remove_index_fast(paths, i);
		else
			i++;
	}
	return paths;
}

static void remove_all(GPtrArray *from, const GPtrArray *paths)
{
	guint i, at;

	for (i = 0; i < paths->len; i++) {
		while (g_ptr_array_find_with_equal_func(from, paths->pdata[i], g_str_equal, &at))
			g_ptr_array_remove_index_fast(from, at);
	}
}

bool kgr_check_new_inputs(struct kgr_session *s, const struct kgr_unit *u,
			  const struct kgr_record *facts, const char *cwd, GError **error)
{
	GPtrArray *unknown = inputs_of(facts, cwd, s->overlay),
		  *known = inputs_of(u->record, u->record->dir, s->overlay);
	const struct kgr_build_index *index = kgr_session_index(s);
	bool ok = true;
	guint i;

	remove_all(unknown, known);
	g_ptr_array_unref(known);
	ok = !unknown->len || kgr_session_all_recorded(s, error);
	for (i = 0; ok && unknown->len && i < index->records->len; i++) {
		const char *path = index->records->pdata[i];
		struct kgr_record *other;
		bool includes = false;

		if (!kgr_record_includes(path, unknown, &includes, NULL) || !includes)
			continue;
		other = kgr_record_read(path, error);
		ok = other && kgr_record_check_inputs(other, s->hashes, error);
		if (ok) {
			known = inputs_of(other, other->dir, s->overlay);
			remove_all(unknown, known);
			g_ptr_array_unref(known);
		}
		kgr_record_free(other);
	}
	g_ptr_array_unref(unknown);
	return ok;
}
