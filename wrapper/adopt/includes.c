// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A static graph of includes. Every file of the source is read for lines like these, whatever #if they stand in:
 *
 *   #include "internal.h"      beside the file, if there is one there; else any file whose name ends so
 *   #include <linux/fs.h>      the first of the kernel's own directories of headers that has it; else any that ends so
 *   #include TRACE_INCLUDE(x)  left out: the file that it names is one that has included this one
 *
 * Where the compiler looks is the same for all units up to there; directories that a Makefile adds come behind.
 * What is only on the command line (linux/kconfig.h and the like) is nobody's include: whoever asks has to know that. The
 * file has a line for each file: its name, and those that it may include.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "adopt/includes.h"
#include "lib/error.h"

#define NEXT '+' /* in place of the quote or bracket, of an #include_next */

struct graph {
	const char *arch;
	GHashTable *
		files; /* name -> GPtrArray of what it includes, as written: "<linux/fs.h" or "\"internal.h" */
	GHashTable *by_base; /* last part of a name -> GPtrArray of names */
};

static bool is_source(const char *name)
{
	static const char *const ends[] = { ".c", ".h",	  ".S", ".inc", ".def",
					    ".x", ".lds", ".s", NULL };
	const char *dot = strrchr(name, '.');

	return dot && g_strv_contains(ends, dot);
}

/* What one line includes, as it is kept; NULL if it does not include, or what it does is computed. */
static char *included(const char *line, const char *end)
{
	const char *at = line, *close;
	bool next;
	char *name;

	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	if (at == end || *at++ != '#')
		return NULL;
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	if (end - at < 9 || strncmp(at, "include", 7) != 0)
		return NULL;
	at += 7;
	next = end - at > 5 && !strncmp(at, "_next", 5);
	if (next)
		at += 5;
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	if (at == end || (*at != '<' && *at != '"'))
		return NULL;
	close = memchr(at + 1, *at == '<' ? '>' : '"', (size_t)(end - at) - 1);
	if (!close)
		return NULL;
	name = g_strndup(at, (gsize)(close - at));
	if (next)
		*name = NEXT;
	return name;
}

static GPtrArray *read_includes(const char *path)
{
	g_autoptr(GMappedFile) file = g_mapped_file_new(path, FALSE, NULL);
	GPtrArray *out = g_ptr_array_new_with_free_func(g_free);
	const char *at = file ? g_mapped_file_get_contents(file) : NULL;
	const char *end = at ? at + g_mapped_file_get_length(file) : NULL;

	while (at && at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at)) ?: end;
		char *name = included(at, newline);

		if (name)
			g_ptr_array_add(out, name);
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
	g_hash_table_insert(g->files, key, read_includes(path));
}

/*
 * Nothing of the kernel includes a file of these, and they are large; nor one of another architecture's, as user mode Linux is,
 * though it has a directory below the one whose processors it runs on.
 */
static bool is_passed_over(const struct graph *g, const char *below, const char *name)
{
	static const char *const dirs[] = { "Documentation", "samples", "tools", "scripts",
					    "LICENSES",	     "rust",	NULL };

	return g_strv_contains(dirs, name) ||
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

static void find_any(const struct graph *g, const char *name, GHashTable *targets)
{
	g_autofree char *clean = beside("x", name), *end = g_strconcat("/", clean, NULL);
	const char *base = strrchr(end, '/') + 1;
	const GPtrArray *same = g_hash_table_lookup(g->by_base, base);
	guint i;

	for (i = 0; same && i < same->len; i++) {
		if (!strcmp(same->pdata[i], clean) || g_str_has_suffix(same->pdata[i], end))
			g_hash_table_add(targets, same->pdata[i]);
	}
}

/* What "#include_next" finds stands behind what any other line does, so all count. */
static void resolve(const struct graph *g, const char *file, const char *written,
		    GHashTable *targets)
{
	const char *name = written + 1;
	g_autofree char *near = beside(file, name);

	if (*written == '"' && g_hash_table_contains(g->files, near)) {
		add_target(targets, g, near);
		return;
	}
	if (*written == NEXT || !find_header(g, name, targets))
		find_any(g, name, targets);
}

static gint by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(a, b);
}

static void write_one(const struct graph *g, const char *file, GString *out)
{
	const GPtrArray *names = g_hash_table_lookup(g->files, file);
	g_autoptr(GHashTable) targets = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GList) sorted = NULL;
	const GList *it;
	guint i;

	for (i = 0; i < names->len; i++)
		resolve(g, file, names->pdata[i], targets);
	g_string_append(out, file);
	sorted = g_list_sort(g_hash_table_get_keys(targets), (GCompareFunc)by_name);
	for (it = sorted; it; it = it->next)
		g_string_append_printf(out, "\t%s", (char *)it->data);
	g_string_append_c(out, '\n');
}

bool kgr_includes_write(const char *source, const char *build, const char *arch, GError **error)
{
	g_autoptr(GHashTable) files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
							    (GDestroyNotify)g_ptr_array_unref);
	g_autoptr(GHashTable) by_base = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
							      (GDestroyNotify)g_ptr_array_unref);
	struct graph g = { .arch = arch, .files = files, .by_base = by_base };
	g_autofree char *path = g_build_filename(build, KGR_INCLUDES, NULL);
	g_autofree char *own = g_strconcat(arch, "include/generated", NULL);
	g_autoptr(GString) out = g_string_new(NULL);
	g_autoptr(GList) sorted = NULL;
	const GList *it;

	if (!walk(&g, source, "", error) || !walk(&g, build, "include/generated", error) ||
	    !walk(&g, build, own, error))
		return false;
	sorted = g_list_sort(g_hash_table_get_keys(files), (GCompareFunc)by_name);
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
