// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "lib/error.h"
#include "select/exports.h"
#include "units/compile-command.h"

#define ENTRY "__export_symbol_" /* 6.12: the name of one in .export_symbol */
#define NAMESPACE "__kstrtabns_" /* 6.1: the string that says it */

void kgr_export_free(struct kgr_export *export)
{
	if (!export)
		return;
	g_free(export->name);
	g_free(export->namespace);
	g_free(export);
}

static void free_export(gpointer export)
{
	kgr_export_free(export);
}

/* A string at @pos of a section; "" if there is none. */
static char *string_at(const struct kgr_sec *sec, uint64_t pos)
{
	if (!sec->data || pos >= sec->sh.sh_size)
		return g_strdup("");
	return g_strndup((const char *)sec->data + pos, sec->sh.sh_size - pos);
}

static void add(GPtrArray *out, const struct kgr_obj *patched, const char *name, bool gpl,
		char *namespace)
{
	struct kgr_export *export = g_new0(struct kgr_export, 1);

	export->name = g_strdup(name);
	export->gpl = gpl;
	export->namespace = namespace;
	export->sym = kgr_obj_defined(patched, name);
	g_ptr_array_add(out, export);
}

static void add_of_section(GPtrArray *out, const struct kgr_obj *patched, const char *section)
{
	static const char *const prefixes[] = { "___ksymtab+", "___ksymtab_gpl+" };
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(prefixes); i++) {
		const char *name = section + strlen(prefixes[i]);
		struct kgr_sym *string;
		char *spelt;

		if (!g_str_has_prefix(section, prefixes[i]))
			continue;
		spelt = g_strconcat(NAMESPACE, name, NULL);
		string = kgr_obj_defined(patched, spelt);
		add(out, patched, name, i == 1,
		    string ? string_at(string->sec, string->value) : g_strdup(""));
		g_free(spelt);
	}
}

static void add_of_entry(GPtrArray *out, const struct kgr_obj *patched, const struct kgr_sym *entry)
{
	char *license = string_at(entry->sec, entry->value);

	add(out, patched, entry->name + strlen(ENTRY), !strcmp(license, "GPL"),
	    string_at(entry->sec, entry->value + strlen(license) + 1));
	g_free(license);
}

GPtrArray *kgr_new_exports(const struct kgr_obj *orig, const struct kgr_obj *patched)
{
	GPtrArray *out = g_ptr_array_new_with_free_func(free_export);
	size_t i;

	for (i = 1; i < patched->nsecs; i++) {
		if (!kgr_sec_named(orig, patched->secs[i].name))
			add_of_section(out, patched, patched->secs[i].name);
	}
	for (i = 1; i < patched->nsyms; i++) {
		const struct kgr_sym *sym = &patched->syms[i];

		if (sym->sec && g_str_has_prefix(sym->name, ENTRY) &&
		    !kgr_obj_defined(orig, sym->name))
			add_of_entry(out, patched, sym);
	}
	return out;
}

char *kgr_export_lines(const GPtrArray *exports)
{
	GString *out = g_string_new(exports->len ? "#include <linux/export.h>\n" : NULL);
	guint i;

	for (i = 0; i < exports->len; i++) {
		const struct kgr_export *e = exports->pdata[i];

		g_string_append_printf(out, "extern char %s[];\nEXPORT_SYMBOL%s%s(%s%s%s);\n",
				       e->name, *e->namespace ? "_NS" : "", e->gpl ? "_GPL" : "",
				       e->name, *e->namespace ? ", " : "", e->namespace);
	}
	return g_string_free(out, FALSE);
}

/* What genksyms says of one unit. */
static char *versions_of(const struct kgr_session *s, const struct kgr_unit *u, GError **error)
{
	char *text = g_strdup_printf("%s/%u-symbols.i", s->dir, u->number);
	static const char *const shell[] = {
		"sh", "-c", "scripts/genksyms/genksyms -r /dev/null <\"$1\" >\"$1.crc\"", "genksyms"
	};
	struct kgr_subprocess cpp = { 0 };
	struct kgr_subprocess genksyms = { .argv = g_ptr_array_new_with_free_func(g_free),
					   .cwd = g_strdup(s->kernel->build) };
	char *crcs = g_strconcat(text, ".crc", NULL), *said = NULL;
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(shell); i++)
		g_ptr_array_add(genksyms.argv, g_strdup(shell[i]));
	g_ptr_array_add(genksyms.argv, g_strdup(text));
	if (!kgr_compile_command(&cpp, u->record, s->overlay, text, error)) {
		kgr_subprocess_clear(&cpp);
		kgr_subprocess_clear(&genksyms);
		goto out;
	}
	g_ptr_array_add(cpp.argv, g_strdup("-E"));
	g_ptr_array_add(cpp.argv, g_strdup("-D__GENKSYMS__"));
	if (!kgr_subprocess_run(&cpp, "the preprocessor", error)) {
		kgr_subprocess_clear(&genksyms);
		goto out;
	}
	if (kgr_subprocess_run(&genksyms, "genksyms", error))
		g_file_get_contents(crcs, &said, NULL, error);
out:
	g_free(text);
	g_free(crcs);
	return said;
}

static bool add_version(GString *out, const struct kgr_export *e, char *const *said, GError **error)
{
	char *start = g_strdup_printf("#SYMVER %s 0x", e->name);
	bool found = false;

	for (; *said && !found; said++) {
		found = g_str_has_prefix(*said, start);
		if (found)
			/* modpost wants a line before it. */
			g_string_append_printf(out, "\n%s\n", *said);
	}
	g_free(start);
	return found || kgr_fail(error, KGR_TROUBLE, "genksyms says nothing of %s", e->name);
}

char *kgr_export_versions(const struct kgr_session *s, const GPtrArray *exports, GError **error)
{
	const struct kgr_unit *unit = NULL;
	GString *out = g_string_new(NULL);
	char **lines = NULL;
	bool ok = true;
	guint i;

	for (i = 0; ok && i < exports->len && kgr_kernel_config(s->kernel, "MODVERSIONS"); i++) {
		const struct kgr_export *e = exports->pdata[i];

		/* Those of one unit follow each other, and one run tells them all. */
		if (e->unit != unit) {
			char *said = versions_of(s, e->unit, error);

			g_strfreev(lines);
			lines = said ? g_strsplit(said, "\n", -1) : NULL;
			unit = e->unit;
			g_free(said);
		}
		ok = lines && add_version(out, e, lines, error);
	}
	g_strfreev(lines);
	return g_string_free(out, !ok);
}
