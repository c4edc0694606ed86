// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * From the graft to the .ko: fills in the templates of kmod-template/ and runs Kbuild on them. In the session's
 * directory stand then
 *
 *   patch.c, Kbuild            filled in: "@NAME@" has become "kgraft-foo"
 *   graft.o_shipped            the graft with the tables (patch-tables.c), which Kbuild takes as it is
 *   kgraft-runtime.o_shipped   the runtime (runtime-cache.c)
 *   kgraft-foo.ko              what Kbuild links of them
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "lib/error.h"
#include "lib/files.h"
#include "kernel/kbuild.h"
#include "module/patch-module.h"
#include "select/exports.h"
#include "module/patch-tables.h"
#include "module/runtime-cache.h"

static char *modinfo_lines(const struct kgr_patch_module *m)
{
	GString *out = g_string_new(NULL);
	guint i;

	for (i = 0; i < m->info->len; i++) {
		g_auto(GStrv) pair = g_strsplit(m->info->pdata[i], "=", 2);
		g_autofree char *value = g_strescape(pair[1] ?: "", NULL);

		g_string_append_printf(out, "INFO(%s, \"%s\");\n", pair[0], value);
	}
	return g_string_free(out, FALSE);
}

/* Fill in a template: pairs of @NAME@ and text, ended by NULL. */
static bool fill(const char *template, const char *dir, const char *name, const char *const *pairs,
		 GError **error)
{
	g_autofree char *to = g_build_filename(dir, name, NULL), *text = NULL;
	g_autoptr(GString) s = NULL;
	char path[PATH_MAX];
	int i;

	if (!kgr_installed(path, template, error) || !g_file_get_contents(path, &text, NULL, error))
		return false;
	s = g_string_new(text);
	for (i = 0; pairs[i]; i += 2)
		g_string_replace(s, pairs[i], pairs[i + 1], 0);
	return g_file_set_contents(to, s->str, (gssize)s->len, error);
}

static bool write_sources(const struct kgr_patch_module *m, const char *dir, GError **error)
{
	const struct kgr_kernel *k = m->session->kernel;
	g_autofree char *id = kgr_kernel_build_id_text(k);
	g_autofree char *exports = kgr_export_lines(m->exports);
	g_autofree char *modinfo = modinfo_lines(m), *runtime = NULL;
	char header[PATH_MAX];

	if (!kgr_installed(header, "runtime/kgraft.h", error))
		return false;
	runtime = g_path_get_dirname(header);
	/* clang-format off */
	const char *const pairs[] = {
		"@BUILD_ID@", id,
		"@RELEASE@", k->release,
		"@EXPORTS@", exports,
		"@MODINFO@", modinfo,
		"@VERSION@", KGR_VERSION,
		"@NAME@", m->name,
		"@RUNTIME@", runtime,
		NULL
	};
	/* clang-format on */
	return fill("kmod-template/patch.c.in", dir, "patch.c", pairs, error) &&
	       fill("kmod-template/Kbuild.in", dir, "Kbuild", pairs, error);
}

/* modpost looks for how each object was made (scripts/mod/modpost.c); these came ready-made. */
static bool write_cmd_files(const char *dir, const char *versions, GError **error)
{
	/* CRCs of exports: the last object that has one counts, and graft.o comes behind patch.o. */
	const char *const names[] = { ".graft.o.cmd", ".kgraft-runtime.o.cmd" };
	const char *const texts[] = { versions, "" };
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *path = g_build_filename(dir, names[i], NULL);

		if (!g_file_set_contents(path, texts[i], -1, error))
			return false;
	}
	return true;
}

bool kgr_patch_module_build(const struct kgr_patch_module *m, const char *output, GError **error)
{
	const char *dir = m->session->dir;
	guint jobs = m->session->jobs;
	g_autofree char *graft = g_build_filename(dir, "graft.o_shipped", NULL);
	g_autofree char *ko = g_strdup_printf("%s/%s.ko", dir, m->name);
	g_autofree char *saved = kgr_runtime_cache_kbuild(m->session->kernel, error);

	return saved && kgr_add_patch_tables(m, error) && write_sources(m, dir, error) &&
	       kgr_runtime_cache_get(m->session->kernel, dir, jobs, error) &&
	       kgr_out_write(m->graft, graft, error) && write_cmd_files(dir, m->versions, error) &&
	       kgr_kbuild_modules(m->session->kernel, dir, saved, jobs, error) &&
	       kgr_install_file(ko, output, error);
}
