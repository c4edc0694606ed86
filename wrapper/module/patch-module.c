// SPDX-License-Identifier: GPL-3.0-or-later
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "lib/error.h"
#include "lib/files.h"
#include "kernel/kbuild.h"
#include "module/patch-module.h"
#include "select/patched-func.h"
#include "module/runtime-cache.h"

static char *hex(const uint8_t *bytes, size_t n, const char *before, const char *between)
{
	GString *out = g_string_new(NULL);
	size_t i;

	for (i = 0; i < n; i++)
		g_string_append_printf(out, "%s%s%02x", i ? between : "", before, bytes[i]);
	return g_string_free(out, FALSE);
}

/* patch.c's LINKED() lines, one for each name of unexported.list. */
static char *linked_lines(struct kgr_kernel *kernel, GError **error)
{
	GString *out = g_string_new(NULL);
	char path[PATH_MAX], *text = NULL, **lines;
	bool ok = kgr_installed(path, "runtime/unexported.list", error) &&
		  g_file_get_contents(path, &text, NULL, error);
	int i;

	lines = g_strsplit(ok ? text : "", "\n", -1);
	for (i = 0; ok && lines[i]; i++) {
		char *name = g_strstrip(lines[i]);
		bool optional = g_str_has_suffix(name, "?");
		const struct kgr_ksym *sym;
		bool several;

		if (!*name || *name == '#')
			continue;
		if (optional)
			name[strlen(name) - 1] = 0;
		sym = kgr_image_unique(kernel->vmlinux, name, &several);
		if (!sym && (several || !optional))
			ok = kgr_fail(
				error, KGR_REFUSED, "%s: the runtime needs %s, of which there %s",
				kernel->vmlinux->path, name, several ? "are several" : "is none");
		g_string_append_printf(
			out, "LINKED(%s, 0x%" G_GINT64_MODIFIER "x, %" G_GUINT64_FORMAT ");\n",
			name, sym ? sym->address : 0, sym ? sym->size : 0);
	}
	g_strfreev(lines);
	g_free(text);
	return g_string_free(out, !ok);
}

/* One struct kgr_text: an address as linked, or the number of a module's symbol. */
static void append_part(GString *out, const struct kgr_patch_module *m, const struct kgr_ksym *part)
{
	uint64_t where = 0;

	if (part)
		where = part->image->module ? kgr_module_ref_symbol(m->objects, part) :
					      part->address;
	g_string_append_printf(out, "{ 0x%" G_GINT64_MODIFIER "x, %" G_GUINT64_FORMAT " }, ", where,
			       part ? part->size : 0);
}

/* ".callbacks = { [0] = kgr_callback_1_0, }," of one object, and their declarations in @head. */
static char *callback_words(const struct kgr_patch_module *m, const struct kgr_image *image,
			    GString *head)
{
	GString *out = g_string_new(".callbacks = { ");
	guint i;

	for (i = 0; i < m->callbacks->len; i++) {
		const struct kgr_callback *c = &g_array_index(m->callbacks, struct kgr_callback, i);
		guint number = kgr_module_ref_number(m->objects, c->image);

		if (c->image != image)
			continue;
		g_string_append_printf(head, "extern char kgr_callback_%u_%u[];\n", number,
				       c->kind);
		g_string_append_printf(out, "[%u] = kgr_callback_%u_%u, ", c->kind, number,
				       c->kind);
	}
	g_string_append(out, "},");
	return g_string_free(out, FALSE);
}

/* After function_lines(), which may add symbols. */
static char *object_lines(const struct kgr_patch_module *m)
{
	GString *head = g_string_new(NULL),
		*out = g_string_new("static struct kgr_object objects[] = {\n");
	guint i, s;

	for (i = 0; i < m->objects->len; i++) {
		const struct kgr_module_ref *object = m->objects->pdata[i];
		const uint8_t *id;
		uint64_t address;
		size_t size = kgr_image_build_id((struct kgr_image *)object->image, &id, &address);
		char *bytes = hex(id, size, "0x", ", ");
		char *callbacks = callback_words(m, object->image, head);

		g_string_append_printf(head, "static const struct kgr_module_sym syms_%u[] = {\n",
				       i);
		for (s = 0; s < object->syms->len; s++) {
			const struct kgr_ksym *sym = object->syms->pdata[s];

			g_string_append_printf(head, "\t{ \"%s\", %u },\n", sym->name,
					       kgr_image_sympos(sym));
		}
		g_string_append_printf(head,
				       "};\nstatic unsigned long addresses_%u[%u];\n"
				       "static const u8 object_id_%u[] = { %s };\n",
				       i, object->syms->len, i, bytes);
		g_string_append_printf(head,
				       "extern char kgr_jumps_%u[], kgr_jumps_%u_end[], "
				       "kgr_calls_%u[], kgr_calls_%u_end[];\n",
				       i + 1, i + 1, i + 1, i + 1);
		g_string_append_printf(out,
				       "\t{ .name = \"%s\", .syms = syms_%u, .nsyms = %u, "
				       ".addresses = addresses_%u,\n"
				       "\t  .build_id = object_id_%u, .build_id_size = %zu,\n"
				       "\t  .jumps = { kgr_jumps_%u, kgr_jumps_%u_end },\n"
				       "\t  .calls = { kgr_calls_%u, kgr_calls_%u_end },\n",
				       object->image->module, i, object->syms->len, i, i, size,
				       i + 1, i + 1, i + 1, i + 1);
		g_string_append_printf(out, "\t  %s },\n", callbacks);
		g_free(callbacks);
		g_free(bytes);
	}
	g_string_append(out, "};\n");
	g_string_append(head, out->str);
	g_string_free(out, TRUE);
	return g_string_free(head, FALSE);
}

static char *function_lines(const struct kgr_patch_module *m)
{
	GString *head = g_string_new(NULL),
		*out = g_string_new("static struct kgr_func funcs[] = {\n");
	guint i, s;

	for (i = 0; i < m->old->len; i++) {
		const struct kgr_patched_func *old = m->old->pdata[i];

		g_string_append_printf(head, "extern char kgr_new_%u[], kgr_trampoline_%u[];\n", i,
				       i);
		g_string_append_printf(head, "KGR_TRAMPOLINE(kgr_trampoline_%u, kgr_new_%u);\n", i,
				       i);
		g_string_append_printf(head, "static const struct kgr_span spans_%u[] = {", i);
		for (s = 0; s < old->spans->len; s++) {
			const struct kgr_span *span =
				&g_array_index(old->spans, struct kgr_span, s);

			g_string_append_printf(head, "%s{ %u, %u },", s % 8 ? " " : "\n\t",
					       span->offset, span->size);
		}
		g_string_append(head, "\n};\n");
		g_string_append_printf(out,
				       "\t{ .name = \"%s\", .new_func = kgr_new_%u, "
				       ".trampoline = kgr_trampoline_%u,\n",
				       old->name, i, i);
		g_string_append_printf(out, "\t  .object = %u, .by_kprobe = %d, .old = { ",
				       kgr_module_ref_number(m->objects, old->part[0]->image),
				       old->by_kprobe);
		append_part(out, m, old->part[0]);
		append_part(out, m, old->part[1]);
		g_string_append(out, "},\n");
		g_string_append_printf(out,
				       "\t  .spans = spans_%u, .nspans = ARRAY_SIZE(spans_%u), "
				       ".digest = 0x%08x },\n",
				       i, i, old->digest);
	}
	g_string_append(out, "};\n");
	g_string_append(head, out->str);
	g_string_free(out, TRUE);
	return g_string_free(head, FALSE);
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
	char *linked = linked_lines(k, error), *functions = function_lines(m);
	char *objects = object_lines(m), *callbacks;
	GString *declared = g_string_new(NULL);
	char *id = hex(k->build_id, k->build_id_size, "", "");
	char *bytes = hex(k->build_id, k->build_id_size, "0x", ", ");
	char *address = g_strdup_printf("0x%" G_GINT64_MODIFIER "x", k->build_id_address);
	char *exports = kgr_export_lines(m->exports);
	char *modinfo = modinfo_lines(m), *runtime = NULL, header[PATH_MAX];
	bool ok = linked && kgr_installed(header, "runtime/patch.h", error);

	callbacks = callback_words(m, k->vmlinux, declared);
	runtime = ok ? g_path_get_dirname(header) : NULL;
	if (ok) {
		char *pairs[] = { "@LINKED@",
				  linked,
				  "@FUNCTIONS@",
				  functions,
				  "@OBJECTS@",
				  objects,
				  "@CALLBACK_NAMES@",
				  declared->str,
				  "@CALLBACKS@",
				  callbacks,
				  "@BUILD_ID_BYTES@",
				  bytes,
				  "@BUILD_ID_ADDRESS@",
				  address,
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
	g_free(linked);
	g_free(functions);
	g_free(objects);
	g_free(exports);
	g_free(callbacks);
	g_string_free(declared, TRUE);
	g_free(id);
	g_free(bytes);
	g_free(address);
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
	bool ok = saved && write_sources(m, dir, error) &&
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
