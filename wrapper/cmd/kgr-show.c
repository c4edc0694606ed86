// SPDX-License-Identifier: GPL-3.0-or-later
/* kgr-show: a record, an object or a patch module, readable. */
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "module/module-sections.h"
#include "dwarf/dwarf-types.h"
#include "lib/command-line.h"
#include "lib/error.h"
#include "lib/json.h"
#include "lib/standard-output.h"
#include "lib/unpack.h"
#include "elf/modinfo.h"
#include "elf/object.h"
#include "record/record.h"

/* Everything shown is a list of keys and values; keys may come again. */
static void add(GPtrArray *out, const char *key, const char *format, ...) G_GNUC_PRINTF(3, 4);

static void add(GPtrArray *out, const char *key, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_ptr_array_add(out, g_strdup(key));
	g_ptr_array_add(out, g_strdup_vprintf(format, args));
	va_end(args);
}

static bool show_record(const char *path, GPtrArray *out, GError **error)
{
	g_autoptr(kgr_record) r = kgr_record_read(path, error);
	guint i;

	if (!r)
		return false;
	add(out, "kind", "record");
	add(out, "source", "%s", r->source);
	add(out, "object", "%s", r->object);
	add(out, "object-hash", "%016" G_GINT64_MODIFIER "x", r->object_hash);
	add(out, "directory", "%s", r->dir);
	add(out, "compiler", "%s", r->compiler);
	add(out, "gcc", "%s", r->gcc);
	for (i = 0; i < r->args->len; i++)
		add(out, "argument", "%s", (char *)r->args->pdata[i]);
	for (i = 0; i < r->env->len; i++)
		add(out, "environment", "%s", (char *)r->env->pdata[i]);
	for (i = 0; i < r->inputs->len; i++) {
		const struct kgr_input *in = &g_array_index(r->inputs, struct kgr_input, i);

		add(out, "input", "%016" G_GINT64_MODIFIER "x %s", in->hash, in->path);
	}
	for (i = 0; i < r->facts->len; i++) {
		g_autofree char *fact = g_strdelimit(g_strdup(r->facts->pdata[i]), "\t", ' ');

		add(out,
		    *fact == 'F' ? "function" :
		    *fact == 'O' ? "object" :
		    *fact == 'i' ? "  inlined" :
				   "  clone-of",
		    "%s", fact + 2);
	}
	return true;
}

/* The text of a section that is never loaded (module-sections.h), or NULL. */
static char *carried(const char *path, const char *section, GError **error)
{
	g_autoptr(kgr_obj) obj = kgr_obj_open(path, error);
	struct kgr_sec *sec = obj ? kgr_sec_named(obj, section) : NULL;

	if (sec && sec->data)
		return g_strndup((const char *)sec->data, sec->sh.sh_size);
	if (obj)
		kgr_fail(error, KGR_TROUBLE,
			 "%s: it has no section %s: not a module of this kgr-build; give the .ko "
			 "that it made",
			 path, section);
	return NULL;
}

/* Lines "replaced NAME (WHY)". */
static void add_report(const char *path, GPtrArray *out)
{
	g_autofree char *text = carried(path, KGR_SECTION_REPORT, NULL);
	g_auto(GStrv) lines = g_strsplit(text ?: "", "\n", -1);
	int i;

	for (i = 0; lines[i]; i++) {
		char *space = strchr(lines[i], ' ');

		if (!space)
			continue;
		*space++ = 0;
		add(out, lines[i], "%s", g_strstrip(space));
	}
}

static bool show_module(const char *path, const GPtrArray *info, GPtrArray *out)
{
	guint i;

	add(out, "kind", "patch module");
	for (i = 0; i < info->len; i++) {
		g_auto(GStrv) pair = g_strsplit(info->pdata[i], "=", 2);

		if (g_str_has_prefix(pair[0], "kgraft") || !strcmp(pair[0], "name") ||
		    !strcmp(pair[0], "vermagic"))
			add(out, pair[0], "%s", pair[1] ?: "");
	}
	add_report(path, out);
	return true;
}

static bool show_object(const char *path, GPtrArray *out, GError **error)
{
	g_autoptr(kgr_obj) obj = kgr_obj_open(path, error);
	g_autoptr(kgr_dwarf_types) dwarf = NULL;
	g_autoptr(GError) problem = NULL;
	const char *missing;
	size_t i;

	if (!obj)
		return false;
	dwarf = kgr_dwarf_types_read(obj, &missing, &problem);
	if (problem) {
		g_propagate_error(error, g_steal_pointer(&problem));
		return false;
	}
	add(out, "kind", "object");
	add(out, "dwarf", "%s", dwarf ? "yes" : missing);
	for (i = 0; i < obj->nsyms; i++) {
		const struct kgr_sym *sym = &obj->syms[i];

		if (kgr_sym_is_func(sym) || kgr_sym_is_object(sym))
			add(out, kgr_sym_is_func(sym) ? "function" : "object",
			    "%s %s+0x%" G_GINT64_MODIFIER "x %" G_GUINT64_FORMAT "%s%s:%u",
			    sym->name, sym->sec->name, sym->value, sym->size,
			    sym->decl_file ? " " : "", sym->decl_file ?: "", sym->decl_line);
	}
	return true;
}

static bool show(const char *path, GPtrArray *out, GError **error)
{
	g_autoptr(GPtrArray) info = NULL;

	if (g_str_has_suffix(path, ".kgr"))
		return show_record(path, out, error);
	info = kgr_modinfo_read(path, NULL);
	if (info && kgr_modinfo_get(info, "kgraft_build_id"))
		return show_module(path, info, out);
	return show_object(path, out, error);
}

static void print_json(const GPtrArray *out)
{
	struct json_object *list = json_object_new_array();
	guint i;

	for (i = 0; i + 1 < out->len; i += 2) {
		g_autofree char *key = kgr_json_text(g_strstrip(out->pdata[i]));
		struct json_object *o = json_object_new_object();

		json_object_object_add(o, key, kgr_json_string(out->pdata[i + 1]));
		json_object_array_add(list, o);
	}
	kgr_json_print(list);
}

static void print_text(const GPtrArray *out)
{
	guint i;

	for (i = 0; i + 1 < out->len; i += 2)
		g_print("%-12s %s\n", (char *)out->pdata[i], (char *)out->pdata[i + 1]);
}

typedef struct options options;

struct options {
	gboolean json, diff;
	gchar **files;
};

static void options_clear(struct options *o)
{
	g_strfreev(o->files);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(options, options_clear)

static const struct kgr_program program = {
	.name = "kgr-show",
	.arguments = "FILE",
	.summary = "Show a record, an object or a patch module.",
	.description = "Exit status: 0 shown, 2 trouble.",
};

static bool parse(char *const *argv, struct options *o, GError **error)
{
	const GOptionEntry entries[] = {
		{ "diff", 0, 0, G_OPTION_ARG_NONE, &o->diff,
		  "print the source diff that a patch module was made of", NULL },
		{ "json", 0, 0, G_OPTION_ARG_NONE, &o->json, "print JSON", NULL },
		{ G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o->files, NULL, NULL },
		G_OPTION_ENTRY_NULL,
	};

	return kgr_command_line_parse(&program, entries, argv, error) &&
	       ((o->files && !o->files[1]) ||
		kgr_fail(error, KGR_TROUBLE, "one file is needed, see kgr-show --help"));
}

static bool run(const char *file, const struct options *o, GError **error)
{
	g_autoptr(GPtrArray) out = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *path = kgr_unpacked(file, error), *text = NULL;

	if (!path)
		return false;
	if (o->diff) {
		text = carried(path, KGR_SECTION_DIFF, error);
		fputs(text ?: "", stdout);
		return text;
	}
	if (!show(path, out, error))
		return false;
	if (o->json)
		print_json(out);
	else
		print_text(out);
	return true;
}

int main(int argc, char **argv)
{
	g_auto(options) opt = { 0 };
	g_autoptr(GError) error = NULL;

	kgr_watch_output("kgr-show");
	setlocale(LC_ALL, "");
	(void)argc;
	if (parse(argv, &opt, &error) && run(opt.files[0], &opt, &error))
		return 0;
	kgr_command_line_fail(&program, argv, error);
	return KGR_TROUBLE;
}
