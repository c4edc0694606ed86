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
 * command, and its object is what the kernel has. Of an adopted kernel the record of one of them is made.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adopt/make-records.h"
#include "adopt/untouched.h"
#include "kernel/build-index.h"
#include "lib/error.h"
#include "lib/files.h"
#include "source/makefile-lists.h"
#include "units/adopted-units.h"
#include "units/new-unit.h"
#include "units/compile-command.h"
#include "lib/subprocess.h"

/* Takes @now; NULL: it stays as it is. */
static void replace(char **string, char *now)
{
	if (!now)
		return;
	g_free(*string);
	*string = now;
}

/* "kernel/sys.c" to "BUILD/kernel/.sys.o.kgr" */
static char *record_of(const struct kgr_kernel *k, const char *file)
{
	g_autofree char *object = NULL;

	if (kgr_kernel_is_adopted(k))
		return kgr_adopted_record(k, file);
	object = g_strdup_printf("%s/%.*s.o", k->build, (int)strlen(file) - 2, file);
	return kgr_record_beside(object);
}

/* Is the kernel made of it, as far as Kbuild, or an adopted kernel's DWARF, says? */
static bool is_of_kernel(const struct kgr_kernel *k, const char *file)
{
	g_autofree char *record = NULL, *object = NULL, *command = NULL;

	if (kgr_kernel_is_adopted(k))
		return kgr_adopted_images(k->adopted, file);
	record = record_of(k, file);
	object = kgr_made_by(record);
	command = kgr_command_beside(object);
	return !access(record, F_OK) || !access(command, F_OK);
}

/* Of what an adopted kernel is made of there may be no record yet. */
static bool make_record(struct kgr_session *s, const char *file, GError **error)
{
	g_autoptr(GPtrArray) sources = NULL;

	if (!kgr_kernel_is_adopted(s->kernel) || !is_of_kernel(s->kernel, file))
		return true;
	sources = g_ptr_array_new();
	g_ptr_array_add(sources, (char *)file);
	return kgr_adopted_make_records(s, sources, error);
}

/* Is what it lists compiled: 'y', 'm' or 0? A list that a configuration option belongs to may be a module's, too. */
static char setting_of(const struct kgr_kernel *k, const struct kgr_makefile_entry *l)
{
	const char *after = strrchr(l->variable, '-');
	g_autofree char *option = NULL;

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
	return kgr_kernel_option(k, option);
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
	g_autofree char *makefile = g_build_filename(s->source, l->makefile, NULL), *text = NULL;
	g_autofree char *base = g_path_get_basename(file);
	g_autofree char *suffix = g_strdup_printf("_%.*s.o", (int)strlen(base) - 2, base);

	return !g_file_get_contents(makefile, &text, NULL, NULL) || strstr(text, suffix);
}

/* Is the file compiled just as another one of its list would be? Then @record gets its own. */
static bool read_example(struct kgr_session *s, const struct kgr_makefile_entry *l,
			 const char *file, struct kgr_record **record, GError **error)
{
	g_autofree char *path = record_of(s->kernel, file);
	g_autoptr(kgr_record) r = NULL;

	if (has_own_flags(s->overlay, l, file))
		return true;
	if (!make_record(s, file, error))
		return false;
	if (!access(path, R_OK))
		r = kgr_record_read(path, NULL);
	if (r && !(is_of_directory(l) && kgr_record_is_module(r)))
		*record = g_steal_pointer(&r);
	return true;
}

/* The record of what is compiled just as the new file is. @sibling: gets its source, which stays @l's */
static struct kgr_record *read_sibling(struct kgr_session *s, const struct kgr_makefile_entry *l,
				       const char **sibling, GError **error)
{
	struct kgr_record *r = NULL;
	guint i;

	if (l->was) {
		g_autofree char *path = record_of(s->kernel, l->was);

		*sibling = l->was;
		return make_record(s, l->was, error) ? kgr_record_read(path, error) : NULL;
	}
	for (i = 0; i < l->beside->len; i++) {
		*sibling = l->beside->pdata[i];
		if (!read_example(s, l, *sibling, &r, error) || r)
			return r;
	}
	kgr_fail(
		error, KGR_REFUSED,
		"%s: the diff brings this file, and nothing that %s has in the same list (%s) is "
		"compiled for this kernel: so it is not known how it is; put what it has into a file "
		"that is there already",
		l->file, l->makefile, l->variable);
	return NULL;
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
	g_autofree char *end = g_strconcat(was, after, NULL);

	if (!g_str_has_suffix(text, end))
		return NULL;
	return g_strdup_printf("%.*s%s%s", (int)(strlen(text) - strlen(end)), text, is, after);
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
	g_autofree char *old = stem_of(was, true), *new = stem_of(is, true);
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *whole = g_strconcat(names[i].start, old, names[i].end, NULL);

		if (!strcmp(arg, whole))
			return g_strconcat(names[i].start, new, names[i].end, NULL);
	}
	return NULL;
}

static char *renamed_argument(const char *arg, const char *was, const char *is)
{
	g_autofree char *old = stem_of(was, false), *new = stem_of(is, false);
	g_autofree char *old_path = g_strconcat("/", old, NULL);
	g_autofree char *new_path = g_strconcat("/", new, NULL);

	if (g_str_has_prefix(arg, "-DKBUILD_MODFILE="))
		return with_end(arg, old_path, new_path, "\"");
	return *arg == '-' ? renamed_name(arg, was, is) : with_end(arg, was, is, "");
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
	g_autofree char *stem = stem_of(file, false);
	g_autofree char *source = g_strdup_printf("%s/%s-before.c", dir, stem);
	g_autofree char *object = g_strdup_printf("%s/%s-before.o", dir, stem);
	g_auto(kgr_subprocess) run = { 0 };
	guint i;

	if (!g_file_set_contents(source, "", 0, error) ||
	    !kgr_compile_command(&run, r, NULL, object, error))
		return NULL;
	for (i = 0; i < run.argv->len; i++) {
		if (!strcmp(run.argv->pdata[i], r->source))
			replace((char **)&run.argv->pdata[i], g_strdup(source));
	}
	return kgr_subprocess_run(&run, "the compiler", error) ? g_steal_pointer(&object) : NULL;
}

/* Is anything compiled that the same list has? If not, Kbuild does not come to it. */
static bool is_list_used(const struct kgr_kernel *k, const struct kgr_makefile_entry *l)
{
	guint i;

	for (i = 0; i < l->beside->len; i++) {
		if (is_of_kernel(k, l->beside->pdata[i]))
			return true;
	}
	return false;
}

static bool is_compiled(struct kgr_session *s, const struct kgr_makefile_entry *l, bool *compiled,
			GError **error)
{
	char set = setting_of(s->kernel, l);

	*compiled = set;
	if (l->conditional)
		return kgr_fail(error, KGR_REFUSED,
				"%s: the diff brings this file, and %s lists it within a "
				"condition; whether it is compiled is not known: put what it has "
				"into a file that is there already",
				l->file, l->makefile);
	if (set && !l->was && l->beside->len && !is_list_used(s->kernel, l)) {
		*compiled = false;
		g_ptr_array_add(
			s->notes,
			g_strdup_printf("%s is left out: nothing that %s has in the same list "
					"(%s) was compiled for this kernel",
					l->file, l->makefile, l->variable));
		return kgr_kernel_is_adopted(s->kernel) || kgr_session_all_recorded(s, error);
	}
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

static bool make_unit(struct kgr_session *s, const struct kgr_makefile_entry *l, struct kgr_unit *u,
		      GError **error)
{
	const char *sibling;

	u->record = read_sibling(s, l, &sibling, error);
	if (!u->record)
		return false;
	u->source = g_strdup(l->file);
	u->kbuild_object = kgr_made_by(u->record->path);
	if (l->was) {
		u->built = g_strdup(u->kbuild_object);
		u->old_source = g_strdup(u->record->source);
	} else {
		u->built = compile_nothing(u->record, s->dir, l->file, error);
	}
	rename_record(s->kernel, u->record, sibling, l->file);
	return u->built;
}

bool kgr_new_unit(struct kgr_session *s, const char *file, struct kgr_unit **unit, GError **error)
{
	g_autoptr(kgr_makefile_entry) l = kgr_find_makefile_entry(s->overlay, file);
	g_autoptr(kgr_unit) made = NULL;
	bool compiled;

	*unit = NULL;
	if (!l) {
		/* Another file may include it, and is compiled for that. */
		g_ptr_array_add(s->notes,
				g_strdup_printf("%s is new, and no Makefile lists it", file));
		return true;
	}
	if (l->was)
		g_ptr_array_add(s->notes, g_strdup_printf("%s is now %s", l->was, file));
	if (!is_compiled(s, l, &compiled, error))
		return false;
	if (!compiled)
		return true;
	made = kgr_unit_new();
	if (!make_unit(s, l, made, error))
		return false;
	*unit = g_steal_pointer(&made);
	return true;
}

static void add_path(GPtrArray *paths, const char *path, const char *cwd)
{
	g_autofree char *full = g_canonicalize_filename(path, cwd);

	g_ptr_array_add(paths, realpath(full, NULL) ?: g_steal_pointer(&full));
}

/* Real names of all inputs, but for those that the diffs change. */
static GPtrArray *inputs_of(const struct kgr_record *r, const char *cwd,
			    const struct kgr_overlay *s)
{
	GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
	guint i;

	for (i = 0; i < r->inputs->len; i++)
		add_path(paths, g_array_index(r->inputs, struct kgr_input, i).path, cwd);
	for (i = 0; i < paths->len;) {
		if (kgr_path_below(s->root, paths->pdata[i]))
			g_ptr_array_remove_index_fast(paths, i);
		else
			i++;
	}
	return paths;
}

/* What the record's unit includes, it knows. */
static void remove_inputs(GPtrArray *from, const struct kgr_record *r, const struct kgr_overlay *s)
{
	g_autoptr(GPtrArray) paths = inputs_of(r, r->dir, s);
	guint i, at;

	for (i = 0; i < paths->len; i++) {
		while (g_ptr_array_find_with_equal_func(from, paths->pdata[i], g_str_equal, &at))
			g_ptr_array_remove_index_fast(from, at);
	}
}

bool kgr_check_new_inputs(struct kgr_session *s, const struct kgr_unit *u,
			  const struct kgr_record *facts, const char *cwd, GError **error)
{
	g_autoptr(GPtrArray) unknown = inputs_of(facts, cwd, s->overlay);
	const struct kgr_build_index *index = kgr_session_index(s);
	guint i;

	remove_inputs(unknown, u->record, s->overlay);
	if (unknown->len && kgr_kernel_is_adopted(s->kernel))
		return kgr_source_is_untouched(s->kernel, error);
	if (unknown->len && !kgr_session_all_recorded(s, error))
		return false;
	for (i = 0; unknown->len && i < index->records->len; i++) {
		const char *path = index->records->pdata[i];
		g_autoptr(kgr_record) other = NULL;
		bool includes;

		if (!kgr_record_includes(path, unknown, &includes, NULL) || !includes)
			continue;
		other = kgr_record_read(path, error);
		if (!other || !kgr_record_check_inputs(other, s->hashes, error))
			return false;
		remove_inputs(unknown, other, s->overlay);
	}
	return true;
}
