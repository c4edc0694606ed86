// SPDX-License-Identifier: GPL-3.0-or-later
/* From the graft to the .ko: fills in the templates of kmod-template/ and runs Kbuild on them. */
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

/* What converged functions' entries call is assembly, so that objtool sees it (arch/.../trampoline.h). */
static char *trampoline_lines(guint n)
{
	GString *out = g_string_new(NULL);
	guint i;

	for (i = 0; i < n; i++)
		g_string_append_printf(out, "KGR_TRAMPOLINE(kgr_trampoline_%u, kgr_new_%u);\n", i,
				       i);
	return g_string_free(out, FALSE);
}

static char *modinfo_lines(const struct kgr_patch_module *m)
{
	GString *out = g_string_new(NULL);
	guint i;

	for (i = 0; i < m->info->len; i++) {
		char **pair = g_strsplit(m->info->pdata[i], "=", 2);
		char *value = g_strescape(pair[1] ?: "", NULL);

		g_string_append_printf(out, "INFO(%s, \"%s\");\n", pair[0], value);
		g_free(value);
		g_strfreev(pair);
	}
	return g_string_free(out, FALSE);
}

/* Fill in a template: pairs of @NAME@ and text, ended by NULL. */
static bool fill(const char *template, const char *dir, const char *name, char **pairs,
		 GError **error)
{
	char path[PATH_MAX], *text, *to;
	GString *s;
	bool ok;
	int i;

	if (!kgr_installed(path, template, error) || !g_file_get_contents(path, &text, NULL, error))
		return false;
	s = g_string_new(text);
	for (i = 0; pairs[i]; i += 2)
		g_string_replace(s, pairs[i], pairs[i + 1], 0);
	to = g_build_filename(dir, name, NULL);
	ok = g_file_set_contents(to, s->str, (gssize)s->len, error);
	g_free(to);
	g_string_free(s, TRUE);
	g_free(text);
	return ok;
}

static bool write_sources(const struct kgr_patch_module *m, const char *dir, GError **error)
{
	struct kgr_kernel *k = m->session->kernel;
	char *trampolines = trampoline_lines(m->old->len);
	char *id = kgr_kernel_build_id_text(k);
	char *exports = kgr_export_lines(m->exports);
	char *modinfo = modinfo_lines(m), *runtime = NULL, header[PATH_MAX];
	bool ok = kgr_installed(header, "runtime/kgraft.h", error);

	runtime = ok ? g_path_get_dirname(header) : NULL;
	if (ok) {
		char *pairs[] = { "@TRAMPOLINES@",
				  trampolines,
				  "@BUILD_ID@",
				  id,
				  "@RELEASE@",
				  k->release,
				  "@EXPORTS@",
				  exports,
				  "@MODINFO@",
				  modinfo,
				  "@VERSION@",
				  (char *)KGR_VERSION,
				  "@NAME@",
				  (char *)m->name,
				  "@RUNTIME@",
				  runtime,
				  NULL };

		ok = fill("kmod-template/patch.c.in", dir, "patch.c", pairs, error) &&
		     fill("kmod-template/Kbuild.in", dir, "Kbuild", pairs, error);
	}
	g_free(trampolines);
	g_free(id);
	g_free(exports);
	g_free(modinfo);
	g_free(runtime);
	return ok;
}

/* modpost looks for how each object was made (scripts/mod/modpost.c); these came ready-made. */
static bool write_cmd_files(const char *dir, const char *versions, GError **error)
{
	/* CRCs of exports: the last object that has one counts, and graft.o comes behind patch.o. */
	const char *const names[] = { ".graft.o.cmd", ".kgraft-runtime.o.cmd" };
	const char *const texts[] = { versions, "" };
	bool ok = true;
	size_t i;

	for (i = 0; ok && i < G_N_ELEMENTS(names); i++) {
		char *path = g_build_filename(dir, names[i], NULL);

		ok = g_file_set_contents(path, texts[i], -1, error);
		g_free(path);
	}
	return ok;
}

bool kgr_patch_module_build(const struct kgr_patch_module *m, const char *output, GError **error)
{
	const char *dir = m->session->dir;
	guint jobs = m->session->jobs;
	char *graft = g_build_filename(dir, "graft.o_shipped", NULL);
	char *ko = g_strdup_printf("%s/%s.ko", dir, m->name);
	char *saved = kgr_runtime_cache_kbuild(m->session->kernel, error);
	bool ok = saved && kgr_add_patch_tables(m, error) && write_sources(m, dir, error) &&
		  kgr_runtime_cache_get(m->session->kernel, dir, jobs, error) &&
		  kgr_out_write(m->graft, graft, error) &&
		  write_cmd_files(dir, m->versions, error) &&
		  kgr_kbuild_modules(m->session->kernel, dir, saved, jobs, error) &&
		  kgr_install_file(ko, output, error);

	g_free(graft);
	g_free(ko);
	g_free(saved);
	return ok;
}
