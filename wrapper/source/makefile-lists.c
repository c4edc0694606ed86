// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Which list of a Makefile a new file is in, and whether a diff of a Makefile changes nothing but lists.
 *
 *   obj-y          := core.o new.o         variable "obj-y"; "new.c" is beside "core.c"
 *   ext4-$(CONFIG_X) += acl.o              part of ext4, if that is configured
 *
 * A Makefile that says the same before and after, but for words that name files which the diff adds or takes
 * away, changes only lists (kgr_makefile_lists()). One file that goes from a list and one that comes to it
 * are the same file under another name. What stands between ifeq and endif depends on variables that only make
 * knows: such a line is conditional.
 */
#include <string.h>
#include <unistd.h>

#include "source/makefile-lists.h"

/* A Makefile's line with those behind a backslash, without comment. */
struct line {
	GPtrArray *words;
	bool conditional;
};

static bool is_in(const char *tree, const char *file)
{
	g_autofree char *full = g_build_filename(tree, file, NULL);

	return !access(full, F_OK);
}

bool kgr_is_added(const struct kgr_overlay *s, const char *file)
{
	return !is_in(s->source, file) && is_in(s->root, file);
}

bool kgr_is_removed(const struct kgr_overlay *s, const char *file)
{
	return is_in(s->source, file) && !is_in(s->root, file);
}

static void free_line(gpointer data)
{
	struct line *line = data;

	g_ptr_array_unref(line->words);
	g_free(line);
}

static GPtrArray *words_of(const char *text)
{
	GPtrArray *words = g_ptr_array_new_with_free_func(g_free);
	g_auto(GStrv) all = g_strsplit_set(text, " \t", -1);
	int i;

	for (i = 0; all[i] && *all[i] != '#'; i++) {
		if (*all[i])
			g_ptr_array_add(words, g_strdup(all[i]));
	}
	return words;
}

/* How much deeper what follows lies. */
static int step_of(const GPtrArray *words)
{
	static const char *const opening[] = { "ifeq", "ifneq", "ifdef", "ifndef", NULL };
	const char *first = words->len ? words->pdata[0] : "";

	return g_strv_contains(opening, first) ? 1 : g_str_equal(first, "endif") ? -1 : 0;
}

static GPtrArray *read_lines(const char *tree, const char *makefile)
{
	GPtrArray *lines = g_ptr_array_new_with_free_func(free_line);
	g_autofree char *full = g_build_filename(tree, makefile, NULL), *text = NULL,
			*joined = NULL;
	g_auto(GStrv) parts = NULL, all = NULL;
	int i, depth = 0;

	g_file_get_contents(full, &text, NULL, NULL);
	parts = g_strsplit(text ?: "", "\\\n", -1);
	joined = g_strjoinv(" ", parts);
	all = g_strsplit(joined, "\n", -1);
	for (i = 0; all[i]; i++) {
		struct line *line = g_new0(struct line, 1);

		line->words = words_of(all[i]);
		depth += step_of(line->words);
		line->conditional = depth > 0;
		g_ptr_array_add(lines, line);
	}
	return lines;
}

static bool is_list(const struct line *line)
{
	static const char *const operators[] = { "=", ":=", "+=", NULL };

	return line->words->len > 1 && g_strv_contains(operators, line->words->pdata[1]);
}

/* "new.o" in "fs/ext4/Makefile" is of "fs/ext4/new.c"; NULL for what is no object. */
static char *source_of(const char *makefile, const char *word)
{
	g_autofree char *dir = g_path_get_dirname(makefile), *name = NULL;

	if (!g_str_has_suffix(word, ".o") || strchr(word, '$'))
		return NULL;
	name = g_strdup_printf("%.*s.c", (int)strlen(word) - 2, word);
	return strcmp(dir, ".") ? g_build_filename(dir, name, NULL) : g_steal_pointer(&name);
}

typedef bool (*concerned)(const struct kgr_overlay *s, const char *file);

static bool names(const struct kgr_overlay *s, const char *makefile, const char *word,
		  concerned is_concerned)
{
	g_autofree char *file = source_of(makefile, word);

	return file && is_concerned(s, file);
}

/* What a Makefile says but for files that are concerned. */
static char *rest_of(const struct kgr_overlay *s, const char *tree, const char *makefile,
		     concerned is_concerned)
{
	g_autoptr(GPtrArray) lines = read_lines(tree, makefile);
	GString *rest = g_string_new(NULL);
	guint i, w;

	for (i = 0; i < lines->len; i++) {
		const struct line *line = lines->pdata[i];
		guint from = is_list(line) ? 2 : line->words->len, written = 0;
		gsize start = rest->len;

		for (w = 0; w < line->words->len; w++) {
			const char *word = line->words->pdata[w];

			if (w >= from && names(s, makefile, word, is_concerned))
				continue;
			g_string_append_printf(rest, "%s ", word);
			written++;
		}
		/* A list that has nothing else is not there without it. */
		if (written == from && written < line->words->len)
			g_string_truncate(rest, start);
		else if (written)
			g_string_append_c(rest, '\n');
	}
	return g_string_free(rest, FALSE);
}

bool kgr_makefile_lists(const struct kgr_overlay *s, const char *makefile)
{
	g_autofree char *before = rest_of(s, s->source, makefile, kgr_is_removed);
	g_autofree char *after = rest_of(s, s->root, makefile, kgr_is_added);

	return !strcmp(before, after);
}

/* "ext4-$(CONFIG_X)" and "ext4-y" are one list. */
static bool same_list(const char *a, const char *b)
{
	const char *x = strrchr(a, '-'), *y = strrchr(b, '-');

	return x && y && x - a == y - b && !strncmp(a, b, (size_t)(x - a));
}

/* What of a list is concerned, or all of it. */
static GPtrArray *listed(const struct kgr_overlay *s, const char *tree, const char *makefile,
			 const char *variable, concerned is_concerned)
{
	g_autoptr(GPtrArray) lines = read_lines(tree, makefile);
	GPtrArray *files = g_ptr_array_new_with_free_func(g_free);
	guint i, w;

	for (i = 0; i < lines->len; i++) {
		const struct line *line = lines->pdata[i];

		if (!is_list(line) || !same_list(line->words->pdata[0], variable))
			continue;
		for (w = 2; w < line->words->len; w++) {
			g_autofree char *file = source_of(makefile, line->words->pdata[w]);

			if (file && (!is_concerned || is_concerned(s, file)))
				g_ptr_array_add(files, g_steal_pointer(&file));
		}
	}
	return files;
}

/* Is the line a list that has the file? */
static bool has_file(const struct line *line, const char *makefile, const char *wanted)
{
	guint w;

	for (w = 2; is_list(line) && w < line->words->len; w++) {
		g_autofree char *file = source_of(makefile, line->words->pdata[w]);

		if (!g_strcmp0(file, wanted))
			return true;
	}
	return false;
}

/* Fills in the entry of the Makefile that is for its file; false if there is none. */
static bool find_in(struct kgr_makefile_entry *entry, const struct kgr_overlay *s,
		    const char *makefile)
{
	g_autoptr(GPtrArray) lines = read_lines(s->root, makefile);
	guint i;

	for (i = 0; i < lines->len; i++) {
		const struct line *line = lines->pdata[i];

		if (!has_file(line, makefile, entry->file))
			continue;
		entry->makefile = g_strdup(makefile);
		entry->variable = g_strdup(line->words->pdata[0]);
		entry->conditional = line->conditional;
		return true;
	}
	return false;
}

/* One comes and one goes: that is the same file in another place. */
static char *replaced(const struct kgr_overlay *s, const struct kgr_makefile_entry *entry)
{
	g_autoptr(GPtrArray) gone =
		listed(s, s->source, entry->makefile, entry->variable, kgr_is_removed);
	g_autoptr(GPtrArray) come =
		listed(s, s->root, entry->makefile, entry->variable, kgr_is_added);

	return gone->len == 1 && come->len == 1 ? g_strdup(gone->pdata[0]) : NULL;
}

bool kgr_is_makefile(const char *file)
{
	g_autofree char *base = g_path_get_basename(file);

	return g_str_has_prefix(base, "Makefile") || g_str_has_prefix(base, "Kbuild");
}

struct kgr_makefile_entry *kgr_find_makefile_entry(const struct kgr_overlay *s, const char *file)
{
	g_autoptr(kgr_makefile_entry) entry = g_new0(struct kgr_makefile_entry, 1);
	guint i;

	entry->file = g_strdup(file);
	for (i = 0; i < s->files->len; i++) {
		const char *makefile = s->files->pdata[i];

		if (!kgr_is_makefile(makefile) || !find_in(entry, s, makefile))
			continue;
		entry->beside = listed(s, s->source, makefile, entry->variable, NULL);
		entry->was = replaced(s, entry);
		return g_steal_pointer(&entry);
	}
	return NULL;
}

void kgr_makefile_entry_free(struct kgr_makefile_entry *entry)
{
	if (!entry)
		return;
	g_free(entry->file);
	g_free(entry->makefile);
	g_free(entry->variable);
	g_free(entry->was);
	g_clear_pointer(&entry->beside, g_ptr_array_unref);
	g_free(entry);
}
