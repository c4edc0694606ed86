// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Of an adopted kernel there are no records to look through. DWARF says which sources it was compiled from, all of them; which
 * of these may include a file says the static graph of includes, which has too many, and none too few. Their records are made
 * before find-units.c looks for them, and say what is so; of a header's includers, of those that it may change when they are
 * preprocessed by the command that Kbuild has for them. Nothing follows from a record that is not there: what has none and
 * may be concerned (assembly, constants that are generated, the vdso) is refused here.
 */
#include <string.h>

#include "adopt/includes.h"
#include "adopt/make-records.h"
#include "adopt/unit-commands.h"
#include "adopt/untouched.h"
#include "elf/arch.h"
#include "lib/error.h"
#include "lib/files.h"
#include "units/adopted-units.h"
#include "units/aside.h"
#include "units/file-kinds.h"
#include "units/header-impact.h"
#include "lib/sort.h"

static bool is_c(const char *file)
{
	return g_str_has_suffix(file, ".c");
}

/* What was found before does not know them. */
bool kgr_adopted_make_records(struct kgr_session *s, const GPtrArray *sources, GError **error)
{
	if (!sources->len)
		return true;
	kgr_progress_step(&s->progress, "records");
	/* What points into it goes as well. */
	g_clear_pointer(&s->by_base, g_hash_table_unref);
	kgr_build_index_clear(&s->index);
	return kgr_make_records(s->kernel, sources, s->jobs, error);
}

void kgr_adopted_prepare(struct kgr_session *s)
{
	g_autoptr(GPtrArray) sources = g_ptr_array_new();
	guint i;

	for (i = 0; i < s->overlay->files->len; i++) {
		char *file = s->overlay->files->pdata[i];

		if (is_c(file) && kgr_adopted_images(s->kernel->adopted, file))
			g_ptr_array_add(sources, file);
	}
	if (sources->len > 1)
		kgr_adopted_make_records(s, sources, NULL);
}

/* The top Makefile's USERINCLUDE, and scripts/Makefile.lib's -include. */
static bool is_on_command_line(const char *file)
{
	static const char *const names[] = { "include/linux/compiler-version.h",
					     "include/linux/kconfig.h",
					     "include/linux/compiler_types.h", NULL };

	return g_strv_contains(names, file);
}

/* What the build compiles to make headers of it, besides the kernel: it has no unit in DWARF. */
static bool makes_headers(const char *file)
{
	g_autofree char *base = g_path_get_basename(file);

	return is_c(file) && (!strcmp(base, "bounds.c") || strstr(base, "-offsets"));
}

static bool is_assembly(const char *file)
{
	return g_str_has_suffix(file, ".S") || g_str_has_suffix(file, ".s");
}

/* Named in the Makefile beside it, among other things than objects of the kernel's. */
static bool may_be_program(const struct kgr_kernel *k, const char *file)
{
	static const char *const lists[] = { "Makefile", "Kbuild" };
	g_autofree char *dir = g_path_get_dirname(file), *base = g_path_get_basename(file);
	size_t i;

	base[strlen(base) - strlen(".c")] = 0;
	for (i = 0; i < G_N_ELEMENTS(lists); i++) {
		g_autofree char *path = g_build_filename(k->source, dir, lists[i], NULL);
		g_autofree char *text = NULL;

		if (g_file_get_contents(path, &text, NULL, NULL) && strstr(text, base) &&
		    (strstr(text, "hostprogs") || strstr(text, "userprogs")))
			return true;
	}
	return false;
}

/* Files that may include one of these, and are compiled: the units, for which the caller frees the array. */
static GPtrArray *units_reached(struct kgr_session *s, const GPtrArray *files, GError **error)
{
	g_autoptr(GHashTable) reached = kgr_includes_reach(s->kernel->build, files, error);
	g_autoptr(GPtrArray) units = g_ptr_array_new_with_free_func(g_free);
	GHashTableIter it;
	gpointer file;

	if (!reached)
		return NULL;
	g_hash_table_iter_init(&it, reached);
	while (g_hash_table_iter_next(&it, &file, NULL)) {
		bool assembly = is_assembly(file);
		const char *why = NULL;

		if (kgr_adopted_images(s->kernel->adopted, file) && !assembly) {
			g_ptr_array_add(units, g_strdup(file));
			continue;
		}
		if (kgr_arch_is_boot(file))
			continue;
		if (is_on_command_line(file))
			why = "the compiler reads it before every file of the kernel";
		else if (makes_headers(file))
			why = "the build makes constants of it, which nobody has compared";
		else if (assembly && kgr_adopted_images(s->kernel->adopted, file))
			why = "it is assembly, which cannot be replaced, and nobody has compared it";
		else if (is_c(file) || assembly)
			why = kgr_unpatchable_place(file);
		if (why) {
			kgr_fail(error, KGR_REFUSED,
				 "%s may be included by %s: %s; that is not supported for adopted "
				 "kernels yet: leave it out of the diff, or record the kernel",
				 (char *)files->pdata[0], (char *)file, why);
			return NULL;
		}
	}
	g_ptr_array_sort(units, kgr_by_name);
	return g_steal_pointer(&units);
}

bool kgr_adopted_units(struct kgr_session *s, const char *file, GError **error)
{
	g_autoptr(GPtrArray) files = g_ptr_array_new(), sources = NULL;

	g_ptr_array_add(files, (char *)file);
	sources = units_reached(s, files, error);
	return sources && kgr_adopted_make_records(s, sources, error);
}

bool kgr_adopted_not_compiled(struct kgr_session *s, const char *file, GError **error)
{
	if (kgr_adopted_images(s->kernel->adopted, file))
		return kgr_fail(
			error, KGR_REFUSED,
			"%s is compiled into the kernel, but the record that was made of it names "
			"another file; adopt the kernel again (kgr-adopt)",
			file);
	if (may_be_program(s->kernel, file))
		return kgr_fail(
			error, KGR_REFUSED,
			"%s: the kernel's DWARF has no unit of it, and the Makefile beside it makes "
			"programs, too: one of it may have made some of the kernel's code. Leave it "
			"out of the diff if the fix does not need it",
			file);
	g_ptr_array_add(
		s->notes,
		g_strdup_printf("%s is left out: it was not compiled for this kernel", file));
	kgr_set_aside_absent(s, file);
	return true;
}

/*
 * Preprocessed, a unit shows whether a header changes it; records are wanted of those only, and nobody looks again. What has one
 * is looked at later.
 */
static GPtrArray *changed_units(struct kgr_session *s, const GPtrArray *headers,
				const GPtrArray *sources, GError **error)
{
	g_autoptr(GPtrArray) open = g_ptr_array_new(), changed = g_ptr_array_new();
	g_autoptr(GPtrArray) commands = NULL;
	g_autofree bool *may = NULL;
	guint i;

	for (i = 0; i < sources->len; i++)
		g_ptr_array_add(kgr_has_proved_record(s->kernel, sources->pdata[i]) ? changed :
										      open,
				sources->pdata[i]);
	commands = kgr_unit_commands(s->kernel, open, error);
	may = g_new0(bool, open->len + 1);
	if (!commands || !kgr_header_may_change(s, headers, commands, may, error))
		return NULL;
	g_clear_pointer(&s->seen_to_change, g_hash_table_unref);
	s->seen_to_change = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	for (i = 0; i < open->len; i++) {
		if (!may[i])
			continue;
		g_ptr_array_add(changed, open->pdata[i]);
		g_hash_table_add(s->seen_to_change, kgr_adopted_record(s->kernel, open->pdata[i]));
	}
	if (sources->len > changed->len)
		g_ptr_array_add(
			s->notes,
			g_strdup_printf("%u files may include a changed header, and nothing "
					"changes for them",
					sources->len - changed->len));
	return g_steal_pointer(&changed);
}

bool kgr_adopted_includers(struct kgr_session *s, const GPtrArray *headers, GError **error)
{
	g_autoptr(GPtrArray) files = g_ptr_array_new(), sources = NULL, changed = NULL;
	guint i;

	for (i = 0; i < headers->len; i++)
		g_ptr_array_add(files,
				(char *)kgr_path_below(s->kernel->source, headers->pdata[i]));
	if (!kgr_source_is_untouched(s->kernel, error))
		return false;
	sources = units_reached(s, files, error);
	if (!sources)
		return false;
	changed = changed_units(s, headers, sources, error);
	return changed && kgr_adopted_make_records(s, changed, error);
}
