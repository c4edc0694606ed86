// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The source tree with the diffs applied, without a copy of it: directories on the way to a patched file are
 * real, all else in them is a link to the source.
 *
 *   overlay/kernel/        a directory, for the diff touches kernel/sys.c
 *   overlay/kernel/sys.c   a copy, patched
 *   overlay/kernel/fork.c  -> SOURCE/kernel/fork.c
 *   overlay/mm             -> SOURCE/mm
 *
 * patch(1) applies the diffs, without fuzz. First it is asked, of the source, which files a diff touches.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/error.h"
#include "source/line-directives.h"
#include "lib/subprocess.h"
#include "source/source-overlay.h"

/* Our environment without what patch(1) heeds: it shall do and say the same for everybody. */
static char **patch_environment(void)
{
	static const char *const heeded[] = {
		"POSIXLY_CORRECT",	"PATCH_GET",	   "QUOTING_STYLE",
		"SIMPLE_BACKUP_SUFFIX", "VERSION_CONTROL", "PATCH_VERSION_CONTROL",
	};
	char **env = g_environ_setenv(g_get_environ(), "LC_ALL", "C", TRUE);
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(heeded); i++)
		env = g_environ_unsetenv(env, heeded[i]);
	return env;
}

static char *run_patch(const char *dir, const char *diff, bool dry, const char *fuzz, int *status,
		       GError **error)
{
	struct kgr_subprocess run = { .argv = g_ptr_array_new() };
	/* Unified only: an ed script would be run. */
	const char *const words[] = {
		"patch", "-p1", "--unified", "--force", "--no-backup-if-mismatch", "-r", "-",
		"-d",	 dir,	"-i",	     diff
	};
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(words); i++)
		g_ptr_array_add(run.argv, (void *)words[i]);
	if (dry)
		g_ptr_array_add(run.argv, (void *)"--dry-run");
	if (fuzz)
		g_ptr_array_add(run.argv, (void *)fuzz);
	run.env = patch_environment();
	if (!kgr_subprocess_run_all(&run, 1, 1, error))
		run.output = NULL;
	*status = run.status;
	g_strfreev(run.env);
	g_ptr_array_free(run.argv, TRUE);
	return run.output;
}

/* patch(1) says "checking file NAME" or "patching file NAME", quoting odd names. */
static char *file_of_line(const char *line)
{
	const char *name;

	if (!g_str_has_prefix(line, "checking file ") && !g_str_has_prefix(line, "patching file "))
		return NULL;
	name = line + strlen("checking file ");
	if (*name == '\'')
		return g_strndup(name + 1, strcspn(name + 1, "'"));
	return g_strndup(name, strcspn(name, " "));
}

static char *first_trouble(const char *output, const char *want)
{
	char **lines = g_strsplit(output, "\n", -1), *file = NULL, *found = NULL;
	int i;

	for (i = 0; lines[i] && !found; i++) {
		char *name = file_of_line(lines[i]);

		if (name) {
			g_free(file);
			file = name;
		} else if (strstr(lines[i], want)) {
			found = g_strdup_printf("%s: %s", file ?: "?", lines[i]);
		}
	}
	g_free(file);
	g_strfreev(lines);
	return found;
}

static bool does_not_apply(const char *source, const char *diff, const char *full,
			   const char *output, GError **error)
{
	char *hunk = first_trouble(output, "FAILED"), *fuzzy, *again;
	int status;

	again = run_patch(source, full, true, NULL, &status, error);
	fuzzy = again && !status ? first_trouble(again, "with fuzz") : NULL;
	if (fuzzy) {
		kgr_fail(error, KGR_REFUSED,
			 "%s applies only with fuzz, its context differs from the source: %s; "
			 "refresh the diff against this source",
			 diff, fuzzy);
	} else {
		char *last = g_strstrip(g_strdup(output));

		kgr_fail(error, KGR_REFUSED, "%s does not apply: %s", diff, hunk ?: last);
		g_free(last);
	}
	g_free(hunk);
	g_free(fuzzy);
	g_free(again);
	return false;
}

bool kgr_overlay_make_dir(struct kgr_overlay *s, const char *path, GError **error)
{
	char *real = g_build_filename(s->root, path, NULL);
	char *from = g_build_filename(s->source, path, NULL);
	struct stat st;
	const char *name;
	bool ok = true;
	GDir *dir;

	/* From the top down: below a link everything is the source itself. */
	if (*path) {
		char *up = g_path_get_dirname(path);

		ok = kgr_overlay_make_dir(s, strcmp(up, ".") ? up : "", error);
		g_free(up);
	}
	if (!ok || (!lstat(real, &st) && S_ISDIR(st.st_mode)))
		goto out;
	unlink(real);
	if (mkdir(real, 0700)) {
		ok = kgr_fail(error, KGR_TROUBLE, "%s: %s", real, g_strerror(errno));
		goto out;
	}
	/* A directory that only the diff brings has nothing to link to. */
	dir = ok ? g_dir_open(from, 0, NULL) : NULL;
	while (dir && ok && (name = g_dir_read_name(dir))) {
		char *target = g_build_filename(from, name, NULL);
		char *link = g_build_filename(real, name, NULL);

		if (symlink(target, link))
			ok = kgr_fail(error, KGR_TROUBLE, "%s: %s", link, g_strerror(errno));
		g_free(target);
		g_free(link);
	}
	if (dir)
		g_dir_close(dir);
out:
	g_free(real);
	g_free(from);
	return ok;
}

static bool copy_in(struct kgr_overlay *s, const char *file, GError **error)
{
	char *dir = g_path_get_dirname(file);
	char *to = g_build_filename(s->root, file, NULL);
	char *from = g_build_filename(s->source, file, NULL), *text;
	bool ok = kgr_overlay_make_dir(s, strcmp(dir, ".") ? dir : "", error);
	gsize len;

	if (ok && g_file_get_contents(from, &text, &len, NULL)) {
		unlink(to);
		ok = g_file_set_contents(to, text, (gssize)len, error);
		g_free(text);
	}
	g_free(dir);
	g_free(to);
	g_free(from);
	return ok;
}

static gint by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Read once, so that what is applied, and carried in the module, is the same whatever becomes of the file. */
static char *take_diff(struct kgr_overlay *s, const char *dir, const char *diff, GError **error)
{
	g_autofree char *name = g_strdup_printf("%u.diff", s->diffs->len), *copy = NULL;
	g_autofree char *text = NULL;
	gsize size;

	if (!g_file_get_contents(diff, &text, &size, NULL)) {
		kgr_fail(error, KGR_TROUBLE, "%s: %s", diff, g_strerror(errno));
		return NULL;
	}
	copy = g_build_filename(dir, name, NULL);
	if (!g_file_set_contents(copy, text, (gssize)size, error))
		return NULL;
	g_ptr_array_add(s->diffs, g_bytes_new_take(g_steal_pointer(&text), size));
	return g_steal_pointer(&copy);
}

static bool apply(struct kgr_overlay *s, const char *dir, const char *diff, GError **error)
{
	char *output, **lines, *full = take_diff(s, dir, diff, error);
	int status, i;
	bool ok = true, any = false;

	if (!full)
		return false;
	/* Which files? Asked of the source, since the overlay's links are not patch(1)'s to follow. */
	output = run_patch(s->source, full, true, NULL, &status, error);
	if (!output) {
		g_free(full);
		return false;
	}
	lines = g_strsplit(output, "\n", -1);
	for (i = 0; lines[i] && ok; i++) {
		char *file = file_of_line(lines[i]);

		if (!file)
			continue;
		any = true;
		if (!g_ptr_array_find_with_equal_func(s->files, file, g_str_equal, NULL)) {
			ok = copy_in(s, file, error);
			g_ptr_array_add(s->files, g_strdup(file));
		}
		g_free(file);
	}
	g_strfreev(lines);
	if (ok && !any)
		ok = kgr_fail(error, KGR_REFUSED, "%s does not apply: %s", diff,
			      g_strstrip(output));
	g_free(output);
	if (ok) {
		output = run_patch(s->root, full, false, "-F0", &status, error);
		if (!output)
			ok = false;
		else if (status)
			ok = does_not_apply(s->source, diff, full, output, error);
		g_free(output);
	}
	g_free(full);
	return ok;
}

/* Below @dir, with a name as long as the tree's, so that one can stand for the other in an object. */
static char *choose_root(const char *source, const char *dir)
{
	size_t base = strlen(dir) + 1, want = strlen(source);
	char *name = want > base ? g_strnfill(want - base, 's') : g_strdup("s"), *root;

	if (strlen(name) > NAME_MAX)
		name[NAME_MAX] = 0;
	root = g_build_filename(dir, name, NULL);
	g_free(name);
	return root;
}

static bool set_numbers_back(struct kgr_overlay *s, const char *file, GError **error)
{
	char *old = g_build_filename(s->source, file, NULL);
	char *new = g_build_filename(s->root, file, NULL), *text = NULL;
	bool ok = true;

	if ((g_str_has_suffix(new, ".c") || g_str_has_suffix(new, ".h")) && !access(old, R_OK) &&
	    g_file_get_contents(new, &text, NULL, NULL)) {
		g_hash_table_insert(s->texts, g_strdup(new), text);
		ok = kgr_add_line_directives(old, new, error);
	}
	g_free(old);
	g_free(new);
	return ok;
}

bool kgr_overlay_drop_line_directives(struct kgr_overlay *s, GError **error)
{
	gpointer file, text;
	GHashTableIter it;

	g_hash_table_iter_init(&it, s->texts);
	while (g_hash_table_iter_next(&it, &file, &text)) {
		if (!g_file_set_contents(file, text, -1, error))
			return false;
	}
	return true;
}

struct kgr_overlay *kgr_overlay_create(const char *source, const char *dir, char *const *diffs,
				       GError **error)
{
	struct kgr_overlay *s = g_new0(struct kgr_overlay, 1);
	bool ok;
	guint i;

	s->source = g_strdup(source);
	s->root = choose_root(source, dir);
	s->diffs = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	s->files = g_ptr_array_new_with_free_func(g_free);
	s->texts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	ok = kgr_overlay_make_dir(s, "", error);
	for (i = 0; ok && diffs[i]; i++)
		ok = apply(s, dir, diffs[i], error);
	g_ptr_array_sort(s->files, by_name);
	for (i = 0; ok && i < s->files->len; i++)
		ok = set_numbers_back(s, s->files->pdata[i], error);
	if (!ok)
		g_clear_pointer(&s, kgr_overlay_free);
	return s;
}

bool kgr_overlay_restore_names(const struct kgr_overlay *s, const char *object, GError **error)
{
	size_t len = strlen(s->root);
	gsize size;
	char *data, *at;
	bool ok;

	if (len != strlen(s->source))
		return true;
	if (!g_file_get_contents(object, &data, &size, error))
		return false;
	for (at = data; (at = memmem(at, size - (gsize)(at - data), s->root, len)); at += len)
		memcpy(at, s->source, len);
	ok = g_file_set_contents(object, data, (gssize)size, error);
	g_free(data);
	return ok;
}

void kgr_overlay_free(struct kgr_overlay *s)
{
	if (!s)
		return;
	g_free(s->source);
	g_free(s->root);
	g_ptr_array_unref(s->diffs);
	g_ptr_array_free(s->files, TRUE);
	g_hash_table_destroy(s->texts);
	g_free(s);
}

char *kgr_overlay_map_text(const struct kgr_overlay *s, const char *text)
{
	size_t len = strlen(s->source);
	GString *out = g_string_new(NULL);
	const char *at;

	while ((at = strstr(text, s->source))) {
		g_string_append_len(out, text, at - text);
		/* "/src/linux" is no part of "/src/linux-other". */
		if (at[len] == '/' || !at[len])
			g_string_append(out, s->root);
		else
			g_string_append(out, s->source);
		text = at + len;
	}
	g_string_append(out, text);
	return g_string_free(out, FALSE);
}
