// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What a module has in it for people, besides the patch: lines for modinfo, and sections of the
 * graft with the report and with the diffs as they were applied, whatever has become of the files.
 */
#include <string.h>

#include "module/carried.h"
#include "module/module-sections.h"
#include "select/patched-func.h"

GPtrArray *kgr_carried_info(char **diffs, const GPtrArray *old)
{
	GPtrArray *info = g_ptr_array_new_with_free_func(g_free);
	guint i;

	for (i = 0; diffs[i]; i++) {
		g_autofree char *base = g_path_get_basename(diffs[i]);

		g_ptr_array_add(info, g_strconcat("kgraft_diff=", base, NULL));
	}
	for (i = 0; i < old->len; i++) {
		const struct kgr_patched_func *func = old->pdata[i];
		const struct kgr_ksym *sym = func->part[0];

		g_ptr_array_add(info,
				g_strdup_printf("kgraft_func=%s 0x%" G_GINT64_MODIFIER
						"x %" G_GUINT64_FORMAT " %08x %s",
						func->name, sym->address, sym->size, func->digest,
						sym->image->module ?: "vmlinux"));
	}
	return info;
}

static void carry(struct kgr_out_obj *graft, const char *section, const char *text, gsize size)
{
	kgr_out_append(kgr_out_section(graft, section, SHT_PROGBITS, 0, 1), text, size, 1);
}

void kgr_carry(struct kgr_out_obj *graft, const struct kgr_report *report, const GPtrArray *diffs)
{
	g_autofree char *lines = kgr_report_lines(report);
	guint i;

	carry(graft, KGR_SECTION_REPORT, lines, strlen(lines));
	for (i = 0; i < diffs->len; i++) {
		gsize size;
		const char *diff = g_bytes_get_data(diffs->pdata[i], &size);

		carry(graft, KGR_SECTION_DIFF, diff, size);
	}
}
