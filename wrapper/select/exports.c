// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Finds what a diff exports, and writes it down for modpost. EXPORT_SYMBOL_GPL(foo) leaves in an object
 *
 *	6.1	section ___ksymtab_gpl+foo, and a string __kstrtabns_foo with the namespace
 *	6.12	symbol __export_symbol_foo at "GPL", and behind that the namespace
 *
 * and modpost makes an export of foo again of "extern char foo[]; EXPORT_SYMBOL_GPL(foo);", if it
 * finds its CRC in a line "#SYMVER foo 0x12345678".
 */
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
		g_autofree char *namespace = NULL;
		struct kgr_sym *string;

		if (!g_str_has_prefix(section, prefixes[i]))
			continue;
		namespace = g_strconcat(NAMESPACE, name, NULL);
		string = kgr_obj_defined(patched, namespace);
		add(out, patched, name, i == 1,
		    string ? string_at(string->sec, string->value) : g_strdup(""));
	}
}

static void add_of_entry(GPtrArray *out, const struct kgr_obj *patched, const struct kgr_sym *entry)
{
	g_autofree char *license = string_at(entry->sec, entry->value);

	add(out, patched, entry->name + strlen(ENTRY), !strcmp(license, "GPL"),
	    string_at(entry->sec, entry->value + strlen(license) + 1));
}

bool kgr_sec_is_exports(const struct kgr_sec *sec)
{
	return g_str_has_prefix(sec->name, "___ksymtab") ||
	       g_str_has_prefix(sec->name, ".export_symbol");
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

/* The unit as genksyms wants it, in the file @text. */
static bool preprocess(const struct kgr_session *s, const struct kgr_unit *u, const char *text,
		       GError **error)
{
	g_auto(kgr_subprocess) cpp = { 0 };

	if (!kgr_compile_command(&cpp, u->record, s->overlay, text, error))
		return false;
	kgr_subprocess_add(&cpp, "-E", "-D__GENKSYMS__", NULL);
	return kgr_subprocess_run(&cpp, "the preprocessor", error);
}

/* What genksyms says of one unit. */
static char *versions_of(const struct kgr_session *s, const struct kgr_unit *u, GError **error)
{
	g_autofree char *text = g_strdup_printf("%s/%u-symbols.i", s->dir, u->number);
	g_autofree char *crcs = g_strconcat(text, ".crc", NULL);
	g_auto(kgr_subprocess) genksyms = { 0 };
	char *said = NULL;

	if (!preprocess(s, u, text, error))
		return NULL;
	genksyms.cwd = g_strdup(s->kernel->build);
	kgr_subprocess_add(&genksyms, "sh", "-c",
			   "scripts/genksyms/genksyms -r /dev/null <\"$1\" >\"$1.crc\"", "genksyms",
			   text, NULL);
	if (!kgr_subprocess_run(&genksyms, "genksyms", error))
		return NULL;
	g_file_get_contents(crcs, &said, NULL, error);
	return said;
}

static bool add_version(GString *out, const struct kgr_export *e, char *const *said, GError **error)
{
	g_autofree char *start = g_strdup_printf("#SYMVER %s 0x", e->name);

	for (; *said; said++) {
		if (!g_str_has_prefix(*said, start))
			continue;
		/* modpost wants a line before it. */
		g_string_append_printf(out, "\n%s\n", *said);
		return true;
	}
	return kgr_fail(error, KGR_TROUBLE,
			"genksyms says nothing of %s: is it defined in %s? Export it there",
			e->name, e->unit->source);
}

static bool add_versions(GString *out, const struct kgr_session *s, const GPtrArray *exports,
			 GError **error)
{
	const struct kgr_unit *unit = NULL;
	g_auto(GStrv) lines = NULL;
	guint i;

	for (i = 0; i < exports->len; i++) {
		const struct kgr_export *e = exports->pdata[i];

		/* Those of one unit follow each other, and one run tells them all. */
		if (e->unit != unit) {
			g_autofree char *said = versions_of(s, e->unit, error);

			g_clear_pointer(&lines, g_strfreev);
			lines = said ? g_strsplit(said, "\n", -1) : NULL;
			unit = e->unit;
		}
		if (!lines || !add_version(out, e, lines, error))
			return false;
	}
	return true;
}

char *kgr_export_versions(const struct kgr_session *s, const GPtrArray *exports, GError **error)
{
	g_autoptr(GString) out = g_string_new(NULL);

	if (kgr_kernel_config(s->kernel, "MODVERSIONS") && !add_versions(out, s, exports, error))
		return NULL;
	return g_string_free(g_steal_pointer(&out), FALSE);
}
