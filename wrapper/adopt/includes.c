// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A static graph of includes. Every file of the source is read for lines like these, whatever #if they stand in:
 *
 *   #include "internal.h"      beside the file, if there is one there; else any file whose name ends so
 *   #include <linux/fs.h>      the first of the kernel's own directories of headers that has it; else any that ends so
 *   #include NAME              what any #define of that name in the source says
 *   #include TRACE_INCLUDE(x)  left out: the file that it names is one that has included this one
 *   #include "made.h"          of no file: made by the build, of what lies beside it. So all that
 *                              is included, or written to be, by programs, scripts and other files
 *                              beside it that are no units counts for this file
 *
 * The same stands for a unit whose source is made by the build, of which there is no file. Where
 * the compiler looks is the same for all units up to there; directories that a Makefile adds come
 * behind. What is only on the command line (linux/kconfig.h and the like) is nobody's include:
 * whoever asks has to know that. The file has a line for each file: its name, and those that it may
 * include.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "adopt/include-line.h"
#include "adopt/includes.h"
#include "elf/arch.h"
#include "lib/error.h"

struct graph {
	const char *arch;
	GHashTable *
		files; /* name -> GPtrArray of what it includes, as written: "<linux/fs.h" or "\"internal.h" */
	GHashTable *by_base; /* last part of a name -> GPtrArray of names */
	GHashTable *macros; /* name -> GPtrArray of what such an #include would include, as written */
	GHashTable *beside; /* directory -> GPtrArray of what is made there may include, as written */
	const char *source;
	const struct kgr_adopted *adopted;
};

static bool is_source(const char *name)
{
	static const char *const ends[] = { ".c", ".h",	  ".S", ".inc", ".def",
					    ".x", ".lds", ".s", NULL };
	const char *dot = strrchr(name, '.');

	return dot && g_strv_contains(ends, dot);
}

/* Behind the "define" of a line that may name a file; NULL if it does not. */
static const char *behind_define(const char *line, const char *end)
{
	while (line < end && (*line == ' ' || *line == '\t' || *line == '#'))
		line++;
	if (end - line <= 7 || strncmp(line, "define", 6) != 0)
		return NULL;
	line += 6;
	return memchr(line, '<', (size_t)(end - line)) || memchr(line, '"', (size_t)(end - line)) ?
		       line :
		       NULL;
}

/* "#define NAME <file.h>", or with quotes. */
static void note_macro(const struct graph *g, const char *line, const char *end)
{
	const char *at = behind_define(line, end), *name = NULL, *value = NULL;
	g_autofree char *text = at ? g_strndup(at, (gsize)(end - at)) : g_strdup("");
	g_auto(GStrv) words = g_strsplit_set(text, " \t", -1);
	GPtrArray *values;
	int i;

	for (i = 0; words[i] && !value; i++) {
		if (*words[i])
			*(name ? &value : &name) = words[i];
	}
	if (!value || (*value != '<' && *value != '"') ||
	    !strchr(value + 1, *value == '<' ? '>' : '"'))
		return;
	values = g_hash_table_lookup(g->macros, name);
	if (!values) {
		values = g_ptr_array_new_with_free_func(g_free);
		g_hash_table_insert(g->macros, g_strdup(name), values);
	}
	g_ptr_array_add(values, g_strndup(value, strcspn(value + 1, ">\"") + 1));
}

static GPtrArray *read_includes(const struct graph *g, const char *path)
{
	g_autoptr(GMappedFile) file = g_mapped_file_new(path, FALSE, NULL);
	GPtrArray *out = g_ptr_array_new_with_free_func(g_free);
	const char *at = file ? g_mapped_file_get_contents(file) : NULL;
	const char *end = at ? at + g_mapped_file_get_length(file) : NULL;

	while (at && at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at)) ?: end;
		char *name = kgr_include_line(at, newline);

		if (name)
			g_ptr_array_add(out, name);
		else
			note_macro(g, at, newline);
		at = newline + 1;
	}
	return out;
}

static void add_file(struct graph *g, const char *path, const char *name)
{
	char *key = g_strdup(name);
	const char *slash = strrchr(key, '/'), *base = slash ? slash + 1 : key;
	GPtrArray *same = g_hash_table_lookup(g->by_base, base);

	if (g_hash_table_contains(g->files, key)) {
		g_free(key);
		return;
	}
	if (!same) {
		same = g_ptr_array_new();
		g_hash_table_insert(g->by_base, g_strdup(base), same);
	}
	g_ptr_array_add(same, key);
	g_hash_table_insert(g->files, key, read_includes(g, path));
}

/* Of tools/ the kernel includes something of its libraries. */
static bool is_program_dir(const char *below, const char *name)
{
	return !strcmp(below, "tools") && strcmp(name, "tools/lib") != 0;
}

/*
 * Nothing of the kernel includes a file of these, and they are large; nor one of another
 * architecture's, as user mode Linux is, though it has a directory below the one whose processors
 * it runs on.
 */
static bool is_passed_over(const struct graph *g, const char *below, const char *name)
{
	static const char *const dirs[] = { "Documentation", "samples", "scripts",
					    "LICENSES",	     "rust",	NULL };

	return g_strv_contains(dirs, name) || is_program_dir(below, name) ||
	       (g_str_has_prefix(below, "arch/") && g_str_has_suffix(name, "/um") &&
		!strchr(below + strlen("arch/"), '/')) ||
	       (g_str_equal(below, "arch") && strncmp(name, g->arch, strlen(name)) != 0);
}

static bool walk(struct graph *g, const char *root, const char *below, GError **error)
{
	g_autofree char *path = g_build_filename(root, below, NULL);
	g_autoptr(GError) cause = NULL;
	g_autoptr(GDir) dir = g_dir_open(path, 0, &cause);
	const char *entry;
	bool ok = true;

	if (!dir)
		return kgr_fail(error, KGR_TROUBLE, "%s", cause->message);
	while (ok && (entry = g_dir_read_name(dir))) {
		g_autofree char *name =
			*below ? g_build_filename(below, entry, NULL) : g_strdup(entry);
		g_autofree char *full = g_build_filename(root, name, NULL);

		if (is_source(entry))
			add_file(g, full, name);
		else if (!is_passed_over(g, below, name) &&
			 !g_file_test(full, G_FILE_TEST_IS_SYMLINK) &&
			 g_file_test(full, G_FILE_TEST_IS_DIR))
			ok = walk(g, root, name, error);
	}
	return ok;
}

/* "../a/./b.h" in "x/y" is "x/a/b.h". */
static char *beside(const char *file, const char *name)
{
	g_autofree char *dir = g_path_get_dirname(file), *root = g_strconcat("/", dir, NULL);
	g_autofree char *full = g_canonicalize_filename(name, root);

	return g_strdup(full + 1);
}

static void add_target(GHashTable *targets, const struct graph *g, const char *name)
{
	gpointer key;

	if (g_hash_table_lookup_extended(g->files, name, &key, NULL))
		g_hash_table_add(targets, key);
}

/* Of the kernel's own directories of headers the first that has it, in the order in which gcc is given them. */
static bool find_header(const struct graph *g, const char *name, GHashTable *targets)
{
	static const char *const dirs[] = { "A/include",
					    "A/include/generated",
					    "include",
					    "A/include/uapi",
					    "A/include/generated/uapi",
					    "include/uapi",
					    "include/generated/uapi" };
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(dirs); i++) {
		bool own = g_str_has_prefix(dirs[i], "A/");
		g_autofree char *dir =
			g_strconcat(own ? g->arch : "", dirs[i] + (own ? 2 : 0), NULL);
		g_autofree char *path = g_build_filename(dir, name, NULL);

		if (!g_hash_table_contains(g->files, path))
			continue;
		add_target(targets, g, path);
		return true;
	}
	return false;
}

static bool find_any(const struct graph *g, const char *name, GHashTable *targets)
{
	g_autofree char *clean = beside("x", name), *end = g_strconcat("/", clean, NULL);
	const char *base = strrchr(end, '/') + 1;
	const GPtrArray *same = g_hash_table_lookup(g->by_base, base);
	bool found = false;
	guint i;

	for (i = 0; same && i < same->len; i++) {
		if (!strcmp(same->pdata[i], clean) || g_str_has_suffix(same->pdata[i], end)) {
			g_hash_table_add(targets, same->pdata[i]);
			found = true;
		}
	}
	return found;
}

/* False if there is no such file. What "#include_next" finds stands behind what any other line does, so all count. */
static bool resolve(const struct graph *g, const char *file, const char *written,
		    GHashTable *targets)
{
	const char *name = written + 1;
	g_autofree char *near = beside(file, name);

	if (*written == KGR_INCLUDE_MACRO) {
		const GPtrArray *values = g_hash_table_lookup(g->macros, name);
		bool found = false;
		guint i;

		for (i = 0; values && i < values->len; i++)
			found |= resolve(g, file, values->pdata[i], targets);
		return found;
	}
	if (*written == '"' && g_hash_table_contains(g->files, near)) {
		add_target(targets, g, near);
		return true;
	}
	return (*written != KGR_INCLUDE_NEXT && find_header(g, name, targets)) ||
	       find_any(g, name, targets);
}

/* Anything that something is made of, or by; of C that is a program. */
static bool may_make(const struct graph *g, const char *file, const char *path)
{
	g_autoptr(GMappedFile) text = NULL;
	const char *at;

	if (kgr_adopted_images(g->adopted, file) || g_str_has_suffix(file, ".h"))
		return false;
	if (!g_str_has_suffix(file, ".c"))
		return true;
	text = g_mapped_file_new(path, FALSE, NULL);
	at = text ? g_mapped_file_get_contents(text) : NULL;
	return at && g_strstr_len(at, (gssize)g_mapped_file_get_length(text), " main(");
}

/* A program's own are of headers of the machine that builds. */
static bool begins_line(const char *start, const char *at)
{
	while (at > start && (at[-1] == ' ' || at[-1] == '\t'))
		at--;
	return at == start || at[-1] == '\n';
}

/* Wherever they stand in it: a program has them in strings. */
static void add_mentioned(const char *path, GPtrArray *out)
{
	g_autoptr(GMappedFile) file = g_mapped_file_new(path, FALSE, NULL);
	const char *start = file ? g_mapped_file_get_contents(file) : NULL, *at = start;
	const char *end = at ? at + g_mapped_file_get_length(file) : NULL;
	bool program = g_str_has_suffix(path, ".c");

	while (at && at < end && (at = memchr(at, '#', (size_t)(end - at)))) {
		const char *newline = memchr(at, '\n', (size_t)(end - at)) ?: end;
		char *name =
			program && begins_line(start, at) ? NULL : kgr_include_line(at, newline);

		if (name)
			g_ptr_array_add(out, name);
		at++;
	}
}

/* What is made in a directory may include these, all as written there. */
static const GPtrArray *made_beside(const struct graph *g, const char *dir)
{
	GPtrArray *out = g_hash_table_lookup(g->beside, dir);
	g_autofree char *path = g_build_filename(g->source, dir, NULL);
	/* It makes x.asn1.c and x.asn1.h of x.asn1, wherever that lies. */
	g_autofree char *asn1 = g_build_filename(g->source, "scripts", "asn1_compiler.c", NULL);
	g_autoptr(GDir) list = NULL;
	const char *entry;

	if (out)
		return out;
	out = g_ptr_array_new_with_free_func(g_free);
	g_hash_table_insert(g->beside, g_strdup(dir), out);
	list = g_dir_open(path, 0, NULL);
	while (list && (entry = g_dir_read_name(list))) {
		g_autofree char *name = g_build_filename(dir, entry, NULL);
		g_autofree char *full = g_build_filename(path, entry, NULL);

		if (g_file_test(full, G_FILE_TEST_IS_REGULAR) && may_make(g, name, full))
			add_mentioned(full, out);
		if (g_str_has_suffix(name, ".asn1"))
			add_mentioned(asn1, out);
	}
	return out;
}

static void resolve_made(const struct graph *g, const char *file, GHashTable *targets)
{
	g_autofree char *dir = g_path_get_dirname(file);
	const GPtrArray *names = made_beside(g, dir);
	guint i;

	for (i = 0; i < names->len; i++)
		resolve(g, file, names->pdata[i], targets);
}

/*
 * Of the units those whose source is not there; but for modpost's own, which is not Kbuild's to
 * make again, and for the vdso's images, which are what is made of the vdso.
 */
static void add_generated(const struct graph *g)
{
	GHashTableIter it;
	gpointer unit;

	g_hash_table_iter_init(&it, g->adopted->units);
	while (g_hash_table_iter_next(&it, &unit, NULL)) {
		const struct kgr_arch_place *place = kgr_arch_place(unit);

		if (!g_hash_table_contains(g->files, unit) && !g_str_has_prefix(unit, ".") &&
		    !(place && place->why))
			g_hash_table_insert(g->files, g_strdup(unit), NULL);
	}
}

static void unref_names(gpointer names)
{
	if (names)
		g_ptr_array_unref(names);
}

static void write_one(const struct graph *g, const char *file, GString *out)
{
	const GPtrArray *names = g_hash_table_lookup(g->files, file);
	g_autoptr(GHashTable) targets = g_hash_table_new(g_str_hash, g_str_equal);
	bool unit = kgr_adopted_images(g->adopted, file), made = !names;
	g_autoptr(GList) sorted = NULL;
	const GList *it;
	guint i;

	for (i = 0; names && i < names->len; i++)
		made |= !resolve(g, file, names->pdata[i], targets);
	if (made && unit)
		resolve_made(g, file, targets);
	g_string_append(out, file);
	if (!names)
		g_string_append(out, KGR_INCLUDES_MADE);
	sorted = g_list_sort(g_hash_table_get_keys(targets), (GCompareFunc)strcmp);
	for (it = sorted; it; it = it->next)
		g_string_append_printf(out, "\t%s", (char *)it->data);
	g_string_append_c(out, '\n');
}

bool kgr_includes_write(const char *source, const char *build, const char *arch,
			const struct kgr_adopted *adopted, GError **error)
{
	g_autoptr(GHashTable) files =
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, unref_names);
	g_autoptr(GHashTable) by_base = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
							      (GDestroyNotify)g_ptr_array_unref);
	g_autoptr(GHashTable) macros = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
							     (GDestroyNotify)g_ptr_array_unref);
	g_autoptr(GHashTable) beside = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
							     (GDestroyNotify)g_ptr_array_unref);
	struct graph g = { .arch = arch,
			   .files = files,
			   .by_base = by_base,
			   .macros = macros,
			   .beside = beside,
			   .source = source,
			   .adopted = adopted };
	g_autofree char *path = g_build_filename(build, KGR_INCLUDES, NULL);
	g_autofree char *own = g_strconcat(arch, "include/generated", NULL);
	g_autoptr(GString) out = g_string_new(NULL);
	g_autoptr(GList) sorted = NULL;
	const GList *it;

	if (!walk(&g, source, "", error) || !walk(&g, build, "include/generated", error) ||
	    !walk(&g, build, own, error))
		return false;
	add_generated(&g);
	sorted = g_list_sort(g_hash_table_get_keys(files), (GCompareFunc)strcmp);
	for (it = sorted; it; it = it->next)
		write_one(&g, it->data, out);
	return g_file_set_contents(path, out->str, (gssize)out->len, error);
}

/* Included file -> GPtrArray of those that include it; all names are part of @text, which is cut up. */
static GHashTable *read_reverse(char *text)
{
	GHashTable *reverse = g_hash_table_new_full(g_str_hash, g_str_equal, NULL,
						    (GDestroyNotify)g_ptr_array_unref);
	char *line, *next;

	for (line = text; *line; line = next) {
		char *tab;

		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = 0;
		tab = strchr(line, '\t');
		if (tab)
			*tab = 0;
		while (tab) {
			char *target = tab + 1;
			GPtrArray *includers;

			tab = strchr(target, '\t');
			if (tab)
				*tab = 0;
			includers = g_hash_table_lookup(reverse, target);
			if (!includers) {
				includers = g_ptr_array_new();
				g_hash_table_insert(reverse, target, includers);
			}
			g_ptr_array_add(includers, line);
		}
	}
	return reverse;
}

GHashTable *kgr_includes_reach(const char *build, const GPtrArray *files, GError **error)
{
	g_autofree char *path = g_build_filename(build, KGR_INCLUDES, NULL), *text = NULL;
	g_autoptr(GHashTable) reverse = NULL;
	g_autoptr(GError) cause = NULL;
	g_autoptr(GQueue) todo = g_queue_new();
	GHashTable *reached;
	const char *file;
	guint i;

	if (!g_file_get_contents(path, &text, NULL, &cause)) {
		kgr_fail(error, KGR_TROUBLE, "%s; adopt the kernel again (kgr-adopt)",
			 cause->message);
		return NULL;
	}
	reverse = read_reverse(text);
	reached = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	for (i = 0; i < files->len; i++)
		g_queue_push_tail(todo, files->pdata[i]);
	while ((file = g_queue_pop_head(todo))) {
		const GPtrArray *includers = g_hash_table_lookup(reverse, file);

		if (!g_hash_table_add(reached, g_strdup(file)))
			continue;
		for (i = 0; includers && i < includers->len; i++)
			g_queue_push_tail(todo, includers->pdata[i]);
	}
	return reached;
}
