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
 * A diff is read (diff-input.c, diff-parse.c), its files are named (diff-names.c) and copied here,
 * and then it is applied to the copies (diff-apply.c).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/error.h"
#include "lib/files.h"
#include "source/diff-apply.h"
#include "source/diff-names.h"
#include "source/line-directives.h"
#include "source/map-path.h"
#include "source/source-overlay.h"
#include "lib/sort.h"

static bool link_entries(const char *from, const char *to, GError **error)
{
	g_autoptr(GDir) dir = g_dir_open(from, 0, NULL);
	const char *name;

	/* A directory that only the diff brings has nothing to link to. */
	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *target = g_build_filename(from, name, NULL);
		g_autofree char *link = g_build_filename(to, name, NULL);

		if (symlink(target, link))
			return kgr_fail(error, KGR_TROUBLE, "%s: %s", link, g_strerror(errno));
	}
	return true;
}

bool kgr_overlay_make_dir(struct kgr_overlay *s, const char *path, GError **error)
{
	g_autofree char *real = g_build_filename(s->root, path, NULL);
	g_autofree char *from = g_build_filename(s->source, path, NULL);
	g_autofree char *up = *path ? g_path_get_dirname(path) : NULL;
	struct stat st;

	/* From the top down: below a link everything is the source itself. */
	if (up && !kgr_overlay_make_dir(s, strcmp(up, ".") ? up : "", error))
		return false;
	if (!lstat(real, &st) && S_ISDIR(st.st_mode))
		return true;
	unlink(real);
	if (mkdir(real, 0700))
		return kgr_fail(error, KGR_TROUBLE, "%s: %s", real, g_strerror(errno));
	return link_entries(from, real, error);
}

bool kgr_overlay_make_way(struct kgr_overlay *s, const char *dir, const char *file, GError **error)
{
	g_autofree char *path = *file == '/' ? g_strdup(file) : g_build_filename(dir, file, NULL);
	char *at = strrchr(path, '/');

	/*
	 * Each of these is a directory whose entries somebody looks at: "/s/a/b" and "/s/a/b/../c"
	 * of "/s/a/b/../c/x.h".
	 */
	while (at) {
		g_autofree char *real = NULL;
		const char *below;

		*at = 0;
		real = g_canonicalize_filename(path, "/");
		below = kgr_path_below(s->source, real);
		if (below && !kgr_overlay_make_dir(s, below, error))
			return false;
		at = g_strrstr(path, "/../");
	}
	return true;
}

static bool copy_in(struct kgr_overlay *s, const char *file, GError **error)
{
	g_autofree char *dir = g_path_get_dirname(file), *text = NULL;
	g_autofree char *to = g_build_filename(s->root, file, NULL);
	g_autofree char *from = g_build_filename(s->source, file, NULL);
	gsize len;

	if (!kgr_overlay_make_dir(s, strcmp(dir, ".") ? dir : "", error))
		return false;
	if (access(from, F_OK))
		return true;
	if (!g_file_get_contents(from, &text, &len, error))
		return false;
	unlink(to);
	return g_file_set_contents(to, text, (gssize)len, error);
}

/* Below a symbolic link is not where the name says; and what is no file has no text. */
static bool check_kind(const struct kgr_overlay *s, const char *name, const char *place,
		       GError **error)
{
	g_auto(GStrv) parts = g_strsplit(name, "/", -1);
	g_autoptr(GString) path = g_string_new(s->source);
	struct stat st;
	int i;

	for (i = 0; parts[i]; i++) {
		g_string_append_printf(path, "/%s", parts[i]);
		if (lstat(path->str, &st))
			return true;
		if (S_ISLNK(st.st_mode))
			return kgr_fail(error, KGR_REFUSED,
					"%s: %s is a symbolic link in the source; name the file "
					"that it leads to, or leave it out of the diff",
					place, path->str + strlen(s->source) + 1);
		if (parts[i + 1] ? !S_ISDIR(st.st_mode) : !S_ISREG(st.st_mode))
			return kgr_fail(error, KGR_REFUSED, "%s: %s is no %s in the source", place,
					path->str + strlen(s->source) + 1,
					parts[i + 1] ? "directory" : "regular file");
	}
	return true;
}

static bool take_in(struct kgr_overlay *s, const char *name, const char *place, GError **error)
{
	if (!name || g_ptr_array_find_with_equal_func(s->files, name, g_str_equal, NULL))
		return true;
	if (!check_kind(s, name, place, error) || !copy_in(s, name, error))
		return false;
	g_ptr_array_add(s->files, g_strdup(name));
	return true;
}

static bool take_in_all(struct kgr_overlay *s, const struct kgr_diff *d, GError **error)
{
	bool ok = true;
	guint i;

	for (i = 0; ok && i < d->files->len; i++) {
		const struct kgr_file_diff *f = d->files->pdata[i];
		g_autofree char *place = kgr_diff_place(d->text, f->line);

		if (f->link)
			return kgr_fail(error, KGR_REFUSED,
					"%s: %s would be a symbolic link or a submodule; leave it "
					"out of the diff",
					place, f->new_name ?: f->old_name);
		ok = take_in(s, f->old_name, place, error) && take_in(s, f->new_name, place, error);
	}
	return ok;
}

/* One diff, of a file or of a mail. What is applied is what will be carried in the module. */
static bool apply_text(struct kgr_overlay *s, const char *dir, const struct kgr_diff_text *text,
		       int strip, bool *any, GError **error)
{
	struct kgr_diff *d = kgr_diff_parse(text, error);
	bool ok = d;

	if (d && d->files->len) {
		*any = true;
		ok = kgr_diff_find_names(d, s->root, dir, strip, error) &&
		     take_in_all(s, d, error) && kgr_diff_apply(d, s->root, dir, s->notes, error);
		g_ptr_array_add(s->diffs, g_bytes_ref(text->text));
	}
	kgr_diff_free(d);
	return ok;
}

static bool apply(struct kgr_overlay *s, const char *dir, const char *path, int strip,
		  GError **error)
{
	g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(kgr_diff_text_free);
	bool any = false, ok = kgr_diff_read(path, dir, texts, error);
	guint i;

	for (i = 0; ok && i < texts->len; i++)
		ok = apply_text(s, dir, texts->pdata[i], strip, &any, error);
	if (ok && !any)
		ok = kgr_fail(error, KGR_REFUSED,
			      "%s: no diff in it; a unified one is wanted (git diff, diff -u)",
			      path);
	return ok;
}

/* Below @dir, with a name as long as the tree's, so that one can stand for the other in an object. */
static char *choose_root(const char *source, const char *dir)
{
	size_t base = strlen(dir) + 1, want = strlen(source);
	g_autofree char *name = want > base ? g_strnfill(want - base, 's') : g_strdup("s");

	if (strlen(name) > NAME_MAX)
		name[NAME_MAX] = 0;
	return g_build_filename(dir, name, NULL);
}

static bool set_numbers_back(struct kgr_overlay *s, const char *name, GError **error)
{
	g_autofree char *old = g_build_filename(s->source, name, NULL);
	g_autofree char *new = g_build_filename(s->root, name, NULL);
	char *plain = g_hash_table_lookup(s->plains, name);

	if ((!g_str_has_suffix(new, ".c") && !g_str_has_suffix(new, ".h")) || access(old, R_OK) ||
	    access(new, F_OK))
		return true;
	if (!plain) {
		plain = g_strdup_printf("%s/%u", s->plain, g_hash_table_size(s->plains));
		g_hash_table_insert(s->plains, g_strdup(name), plain);
	}
	return kgr_add_line_directives(old, new, plain, error);
}

static bool set_all_numbers_back(struct kgr_overlay *s, GError **error)
{
	guint i;

	g_ptr_array_sort(s->files, kgr_by_name);
	if (mkdir(s->plain, 0700))
		return kgr_fail(error, KGR_TROUBLE, "%s: %s", s->plain, g_strerror(errno));
	for (i = 0; i < s->files->len; i++) {
		if (!set_numbers_back(s, s->files->pdata[i], error))
			return false;
	}
	return true;
}

bool kgr_overlay_drop_line_directives(struct kgr_overlay *s, GError **error)
{
	guint i;

	for (i = 0; i < s->files->len; i++) {
		const char *plain = g_hash_table_lookup(s->plains, s->files->pdata[i]);
		g_autofree char *file = g_build_filename(s->root, s->files->pdata[i], NULL);

		if (plain && rename(plain, file) && errno != ENOENT)
			return kgr_fail(error, KGR_TROUBLE, "%s: %s", file, g_strerror(errno));
	}
	return true;
}

struct kgr_overlay *kgr_overlay_create(const char *source, const char *dir, char *const *diffs,
				       int strip, GError **error)
{
	struct kgr_overlay *s = g_new0(struct kgr_overlay, 1);
	bool ok;
	guint i;

	s->source = g_strdup(source);
	s->root = choose_root(source, dir);
	s->diffs = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	s->files = g_ptr_array_new_with_free_func(g_free);
	s->notes = g_ptr_array_new_with_free_func(g_free);
	s->plain = g_build_filename(dir, "plain", NULL);
	s->plains = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	s->versions = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	ok = kgr_overlay_make_dir(s, "", error);
	for (i = 0; ok && diffs[i]; i++)
		ok = apply(s, dir, diffs[i], strip, error);
	if (!ok || !set_all_numbers_back(s, error))
		g_clear_pointer(&s, kgr_overlay_free);
	return s;
}

static char **find(const struct kgr_overlay *s, const char *file)
{
	return bsearch(&file, s->files->pdata, s->files->len, sizeof(char *), kgr_by_name);
}

bool kgr_overlay_has(const struct kgr_overlay *s, const char *file)
{
	return find(s, file);
}

char *kgr_overlay_text(const struct kgr_overlay *s, const char *file)
{
	const char *plain = g_hash_table_lookup(s->plains, file);
	g_autofree char *path = g_build_filename(s->root, file, NULL);
	char *text = NULL;

	/* Where no number had to be set back the file is as it was. */
	if (!plain || !g_file_get_contents(plain, &text, NULL, NULL))
		g_file_get_contents(path, &text, NULL, NULL);
	return text;
}

bool kgr_overlay_put(struct kgr_overlay *s, const char *file, const GString *text, GError **error)
{
	const char *plain = g_hash_table_lookup(s->plains, file);
	g_autofree char *path = g_build_filename(s->root, file, NULL);
	guint version = kgr_overlay_version(s, file) + 1;

	if (plain)
		unlink(plain);
	g_hash_table_insert(s->versions, g_strdup(file), GUINT_TO_POINTER(version));
	return g_file_set_contents(path, text->str, (gssize)text->len, error) &&
	       set_numbers_back(s, file, error);
}

guint kgr_overlay_version(const struct kgr_overlay *s, const char *file)
{
	return GPOINTER_TO_UINT(g_hash_table_lookup(s->versions, file));
}

bool kgr_overlay_leave_out(struct kgr_overlay *s, const char *file, GError **error)
{
	g_autofree char *target = g_build_filename(s->source, file, NULL);
	g_autofree char *link = g_build_filename(s->root, file, NULL);
	g_autofree char *dir = g_path_get_dirname(file);
	char **entry = find(s, file);

	if (!entry)
		return true;
	if (unlink(link) && errno != ENOENT)
		return kgr_fail(error, KGR_TROUBLE, "%s: %s", link, g_strerror(errno));
	/* git takes directories away that have become empty. */
	if (!kgr_overlay_make_dir(s, strcmp(dir, ".") ? dir : "", error))
		return false;
	if (!access(target, F_OK) && access(link, F_OK) && symlink(target, link))
		return kgr_fail(error, KGR_TROUBLE, "%s: %s", link, g_strerror(errno));
	g_ptr_array_remove_index(s->files, (guint)(entry - (char **)s->files->pdata));
	return true;
}

void kgr_overlay_set_diff(struct kgr_overlay *s, GBytes *diff)
{
	g_ptr_array_set_size(s->diffs, 0);
	g_ptr_array_add(s->diffs, g_bytes_ref(diff));
}

bool kgr_overlay_restore_names(const struct kgr_overlay *s, const char *object, GError **error)
{
	size_t len = strlen(s->root);
	g_autofree char *data = NULL;
	gsize size;
	char *at;

	if (len != strlen(s->source))
		return true;
	if (!g_file_get_contents(object, &data, &size, error))
		return false;
	for (at = data; (at = memmem(at, size - (gsize)(at - data), s->root, len)); at += len)
		memcpy(at, s->source, len);
	return g_file_set_contents(object, data, (gssize)size, error);
}

void kgr_overlay_free(struct kgr_overlay *s)
{
	if (!s)
		return;
	g_free(s->source);
	g_free(s->root);
	g_free(s->plain);
	g_hash_table_unref(s->plains);
	g_clear_pointer(&s->versions, g_hash_table_unref);
	g_clear_pointer(&s->diffs, g_ptr_array_unref);
	g_ptr_array_free(s->files, TRUE);
	g_clear_pointer(&s->notes, g_ptr_array_unref);
	g_free(s);
}

char *kgr_overlay_map_path(const struct kgr_overlay *s, const char *arg)
{
	return kgr_map_path(arg, s->source, s->root);
}
