// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Some code is made of a header without including it, so that no compilation of the kernel knows:
 *
 *   lib/Makefile      $(obj)/oid_registry_data.c: $(srctree)/include/linux/oid_registry.h ...     a script reads it
 *   lib/Makefile      hostprogs := gen_crc32table
 *   lib/gen_crc32table.c   #include "../include/linux/crc32poly.h"                                a program includes it
 *
 * So all Makefiles are read once. A header counts by the last two parts of its name, wherever in a
 * line it stands, if the line is no comment and has no include before it: "-include" is for a
 * compiler, "#include" is written into what is made.
 */
#include <string.h>

#include "adopt/include-line.h"
#include "elf/arch.h"
#include "kernel/adopted.h"
#include "lib/files.h"
#include "source/makefile-lists.h"
#include "units/generators.h"

/* "linux/oid_registry.h" of "include/linux/oid_registry.h" */
static const char *last_two(const char *path)
{
	const char *slash = strrchr(path, '/'), *at = slash;

	while (at && at > path && at[-1] != '/')
		at--;
	return at && at != slash ? at : path;
}

/* The last generator that is read counts; any will do. */
static void add(GHashTable *made, const char *header, const char *generator)
{
	g_hash_table_replace(made, g_strdup(header), g_strdup(generator));
}

static void read_line(GHashTable *made, const char *makefile, const char *line)
{
	g_auto(GStrv) words = g_strsplit_set(line, " \t:;=,()'\"<>", -1);
	const char *before = "";
	int i;

	for (i = 0; words[i]; i++) {
		if (g_str_has_suffix(words[i], ".h") && strchr(words[i], '/') &&
		    !strstr(words[i], "generated/") && !g_str_has_suffix(before, "include"))
			add(made, last_two(words[i]), makefile);
		if (*words[i])
			before = words[i];
	}
}

/* What a program of the build includes by a name that leads from its own place to the kernel's headers. */
static void read_program(GHashTable *made, const char *source, const char *program)
{
	g_autofree char *path = g_build_filename(source, program, NULL), *text = NULL;
	g_autofree char *dir = g_path_get_dirname(path);
	g_auto(GStrv) lines = NULL;
	int i;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		return;
	lines = g_strsplit(text, "\n", -1);
	for (i = 0; lines[i]; i++) {
		g_autofree char *name = kgr_include_line(lines[i], lines[i] + strlen(lines[i]));
		g_autofree char *full = NULL;

		if (!name || *name != '"')
			continue;
		full = g_canonicalize_filename(name + 1, dir);
		if (kgr_path_below(source, full) && !strstr(full, "/generated/"))
			add(made, last_two(full), program);
	}
}

/* "hostprogs := a b": of a.c and b.c beside the Makefile. */
static void read_programs(GHashTable *made, const char *source, const char *makefile,
			  const char *line)
{
	g_auto(GStrv) words = g_strsplit_set(line, " \t", -1);
	g_autofree char *dir = g_path_get_dirname(makefile);
	int i;

	for (i = 1; words[i]; i++) {
		g_autofree char *name = g_strconcat(words[i], ".c", NULL);
		g_autofree char *program = g_build_filename(dir, name, NULL);

		read_program(made, source, program);
	}
}

static void read_makefile(GHashTable *made, const char *source, const char *makefile)
{
	g_autofree char *path = g_build_filename(source, makefile, NULL), *text = NULL;
	g_autoptr(GString) joined = NULL;
	g_auto(GStrv) lines = NULL;
	int i;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		return;
	joined = g_string_new(text);
	g_string_replace(joined, "\\\n", " ", 0);
	lines = g_strsplit(joined->str, "\n", -1);
	for (i = 0; lines[i]; i++) {
		const char *line = g_strstrip(lines[i]);

		if (*line == '#')
			continue;
		read_line(made, makefile, line);
		if (g_str_has_prefix(line, "hostprogs"))
			read_programs(made, source, makefile, line);
	}
}

/* Nothing of the kernel is made there, or its headers are only listed. */
static bool is_passed_over(const struct kgr_kernel *k, const char *name)
{
	static const char *const dirs[] = { "Documentation", "samples", "tools", "scripts",
					    "usr",	     "include", NULL };
	const char *last = strrchr(name, '/');

	return g_strv_contains(dirs, name) ||
	       (last == name + strlen("arch") && g_str_has_prefix(name, "arch") &&
		strncmp(name, k->vmlinux->arch->source_dir, strlen(name)) != 0);
}

static void walk(GHashTable *made, const struct kgr_kernel *k, const char *below)
{
	g_autofree char *path = g_build_filename(k->source, below, NULL);
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const char *entry;

	while (dir && (entry = g_dir_read_name(dir))) {
		g_autofree char *name =
			*below ? g_build_filename(below, entry, NULL) : g_strdup(entry);
		g_autofree char *full = g_build_filename(k->source, name, NULL);

		/* A directory's name has no dot, but for a few that no Makefile is in. */
		if (kgr_is_makefile(name))
			read_makefile(made, k->source, name);
		else if (!strchr(entry, '.') && !is_passed_over(k, name) &&
			 g_file_test(full, G_FILE_TEST_IS_DIR))
			walk(made, k, name);
	}
}

/* Is anything of that directory, or below it, part of the kernel? */
static bool is_compiled(const struct kgr_kernel *k, const char *generator)
{
	g_autofree char *dir = g_path_get_dirname(generator);
	g_autofree char *inside = g_strconcat(dir, "/", NULL);
	g_autofree char *list =
		g_build_filename(kgr_kernel_objects(k), dir, ".built-in.a.cmd", NULL);
	g_autofree char *order =
		g_build_filename(kgr_kernel_objects(k), dir, "modules.order", NULL);
	GHashTableIter it;
	gpointer source;

	if (!kgr_kernel_is_adopted(k))
		return g_file_test(list, G_FILE_TEST_EXISTS) ||
		       g_file_test(order, G_FILE_TEST_EXISTS);
	g_hash_table_iter_init(&it, k->adopted->units);
	while (g_hash_table_iter_next(&it, &source, NULL)) {
		if (g_str_has_prefix(source, inside))
			return true;
	}
	return false;
}

const char *kgr_generator_of(struct kgr_session *s, const char *header)
{
	const char *generator;

	if (!s->generators) {
		s->generators = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
		walk(s->generators, s->kernel, "");
	}
	generator = g_hash_table_lookup(s->generators, last_two(header));
	return generator && is_compiled(s->kernel, generator) ? generator : NULL;
}
