// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Of an adopted kernel there are no records to look through. DWARF says which sources it was compiled from, and their records
 * are made before find-units.c looks for them. So nothing may follow from a record that is not there: what is not known to be
 * complete is refused here.
 */
#include <string.h>

#include "adopt/make-records.h"
#include "elf/arch.h"
#include "lib/error.h"
#include "lib/files.h"
#include "units/adopted-units.h"

static bool is_c(const char *file)
{
	return g_str_has_suffix(file, ".c");
}

/* What was found before does not know them. */
static bool make_records(struct kgr_session *s, const GPtrArray *sources, GError **error)
{
	if (!sources->len)
		return true;
	kgr_progress_step(&s->progress, "records");
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
		make_records(s, sources, NULL);
}

bool kgr_adopted_units(struct kgr_session *s, const char *file, GError **error)
{
	g_autoptr(GPtrArray) sources = g_ptr_array_new();

	if (kgr_adopted_images(s->kernel->adopted, file))
		g_ptr_array_add(sources, (char *)file);
	return make_records(s, sources, error);
}

static bool is_of_other_arch(const struct kgr_kernel *k, const char *file)
{
	return g_str_has_prefix(file, "arch/") &&
	       !g_str_has_prefix(file, k->vmlinux->arch->source_dir);
}

bool kgr_adopted_not_compiled(struct kgr_session *s, const char *file, GError **error)
{
	if (!is_of_other_arch(s->kernel, file))
		return kgr_fail(
			error, KGR_REFUSED,
			"%s: the kernel's DWARF has no unit of it, and whether another file "
			"includes it, or it made some of the kernel's code, is not known of an "
			"adopted kernel; leave it out of the diff if the fix does not need it",
			file);
	g_ptr_array_add(
		s->notes,
		g_strdup_printf("%s is left out: it was not compiled for this kernel", file));
	return true;
}

bool kgr_adopted_includers(struct kgr_session *s, const GPtrArray *headers, GError **error)
{
	const char *file = kgr_path_below(s->kernel->source, headers->pdata[0]);

	return kgr_fail(
		error, KGR_REFUSED,
		"%s: changed headers are not supported for adopted kernels yet; if the fix can "
		"do without, leave it out of the diff, or record the kernel",
		file);
}
