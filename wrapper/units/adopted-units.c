// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Makes the records of an adopted kernel that a diff needs, before find-units.c looks for them.
 * DWARF names all sources that the kernel was compiled from. The static include graph says which of
 * these may include a file; it over-approximates.
 *
 *   a .c file of the diff      compiled
 *   what may include it        compiled
 *   what may include a header  preprocessed, as built and patched, by Kbuild's command; compiled if
 *                              the two texts differ
 *
 * The records then say what really includes what. A missing record proves nothing: what never has
 * one (assembly, generated constants, the vdso) is preprocessed as well, and refused if it changes.
 */
#include <string.h>
#include <unistd.h>

#include "adopt/includes.h"
#include "adopt/kbuild-dirs.h"
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

/* The linker script of vmlinux is preprocessed, as assembly is. */
static bool is_linker_script(const struct kgr_kernel *k, const char *file)
{
	return g_str_has_prefix(file, k->vmlinux->arch->source_dir) &&
	       g_str_has_suffix(file, "/kernel/vmlinux.lds.S");
}

/* Is something made of it that has no record, and cannot be replaced? What has run before the kernel does not count. */
static bool is_unpatchable(const struct kgr_kernel *k, const char *file)
{
	/* The generic vdso is only included; who includes it is reached, too. */
	if (kgr_arch_is_boot(file) || g_str_has_prefix(file, "lib/vdso/"))
		return false;
	if (is_assembly(file) &&
	    (kgr_adopted_images(k->adopted, file) || is_linker_script(k, file)))
		return true;
	return kgr_makes_constants(file) ||
	       ((is_c(file) || is_assembly(file)) && kgr_unpatchable_place(file));
}

/* What may include a file, and is compiled: of char *. */
struct reached {
	GHashTable *all; /* files on the way to these, too */
	GPtrArray *units;
	GPtrArray *others; /* that cannot be replaced */
};

static void reached_clear(struct reached *r)
{
	g_clear_pointer(&r->all, g_hash_table_unref);
	g_clear_pointer(&r->units, g_ptr_array_unref);
	g_clear_pointer(&r->others, g_ptr_array_unref);
}

typedef struct reached reached;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(reached, reached_clear)

/*
 * Nobody has written down by which names the units read these, so from each one's directory ".."
 * has to lead to the patched files (kgr_overlay_make_way()); and from that of define_trace.h, whose
 * includes are of other directories' trace events.
 */
static bool make_ways(struct kgr_session *s, GHashTable *reached, GError **error)
{
	g_autofree char *trace = g_build_filename(s->kernel->source, "include/trace/x.h", NULL);
	GHashTableIter it;
	gpointer file;

	g_hash_table_iter_init(&it, reached);
	while (g_hash_table_iter_next(&it, &file, NULL)) {
		g_autofree char *full = g_build_filename(s->kernel->source, file, NULL);

		if (!access(full, F_OK) && !kgr_overlay_make_way(s->overlay, "", full, error))
			return false;
	}
	return kgr_overlay_make_way(s->overlay, "", trace, error);
}

static bool find_reached(struct kgr_session *s, const GPtrArray *files, struct reached *r,
			 GError **error)
{
	GHashTableIter it;
	gpointer file;

	r->all = kgr_includes_reach(s->kernel->build, files, error);
	if (!r->all)
		return false;
	r->units = g_ptr_array_new_with_free_func(g_free);
	r->others = g_ptr_array_new_with_free_func(g_free);
	g_hash_table_iter_init(&it, r->all);
	while (g_hash_table_iter_next(&it, &file, NULL)) {
		if (kgr_adopted_images(s->kernel->adopted, file) && !is_assembly(file))
			g_ptr_array_add(r->units, g_strdup(file));
		else if (is_on_command_line(file))
			return kgr_fail(error, KGR_REFUSED,
					"%s may be included by %s, which the compiler reads before "
					"every file of the kernel; that is not supported for "
					"adopted kernels yet: leave it out of the diff, or record "
					"the kernel",
					(char *)files->pdata[0], (char *)file);
		else if (is_unpatchable(s->kernel, file))
			g_ptr_array_add(r->others, g_strdup(file));
	}
	g_ptr_array_sort(r->units, kgr_by_name);
	g_ptr_array_sort(r->others, kgr_by_name);
	return true;
}

bool kgr_adopted_may_use(struct kgr_session *s, const GPtrArray *files)
{
	g_auto(reached) reached = { 0 };

	return !find_reached(s, files, &reached, NULL) || reached.units->len;
}

bool kgr_adopted_units(struct kgr_session *s, const char *file, GError **error)
{
	g_autoptr(GPtrArray) files = g_ptr_array_new();
	g_auto(reached) reached = { 0 };

	g_ptr_array_add(files, (char *)file);
	if (!find_reached(s, files, &reached, error))
		return false;
	if (reached.others->len)
		return kgr_fail(
			error, KGR_REFUSED,
			"%s may be included by %s, of which nothing can be replaced; leave it "
			"out of the diff, or record the kernel",
			file, (char *)reached.others->pdata[0]);
	return kgr_adopted_make_records(s, reached.units, error);
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
 * Preprocessed, a unit shows whether a header changes it; records are wanted of those only, and
 * nobody looks again. What has one is looked at later.
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

/*
 * Assembly, constants, the vdso: it has to be the same when preprocessed, as nothing of it is
 * compared with what runs.
 */
static bool check_others(struct kgr_session *s, const GPtrArray *headers, const GPtrArray *others,
			 GError **error)
{
	g_autoptr(GPtrArray) commands = kgr_unit_commands(s->kernel, others, error);

	while (commands && g_ptr_array_remove_fast(commands, NULL))
		;
	return commands && kgr_header_check_commands(s, headers, commands, error);
}

bool kgr_adopted_includers(struct kgr_session *s, const GPtrArray *headers, GError **error)
{
	g_autoptr(GPtrArray) files = g_ptr_array_new(), changed = NULL;
	g_auto(reached) reached = { 0 };
	guint i;

	for (i = 0; i < headers->len; i++)
		g_ptr_array_add(files,
				(char *)kgr_path_below(s->kernel->source, headers->pdata[i]));
	if (!kgr_source_is_untouched(s->kernel, error))
		return false;
	if (!find_reached(s, files, &reached, error) || !make_ways(s, reached.all, error) ||
	    !check_others(s, headers, reached.others, error))
		return false;
	changed = changed_units(s, headers, reached.units, error);
	return changed && kgr_adopted_make_records(s, changed, error);
}
