// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Applies a diff with git apply. Where each hunk goes is found out here first (hunk-place.c), and git is given hunks
 * that say so: it has nothing to decide.
 *
 * As git does it, all files of a diff are read before any is written, so that of
 *
 *   sys.c is changed
 *   sys.c is copied to calls.c
 *
 * calls.c becomes what sys.c was. A file that is changed twice (two diffs, one behind the other) is
 * read after the first change: the diff is applied in batches, and one ends before a file comes
 * again.
 */
#include <string.h>
#include <unistd.h>

#include "lib/error.h"
#include "lib/git.h"
#include "source/diff-apply.h"
#include "source/diff-write.h"
#include "source/hunk-place.h"

struct applying {
	const struct kgr_diff *diff;
	const char *root, *dir;
	GPtrArray *notes;
	GString *batch; /* for git */
	GHashTable *touched; /* names in the batch */
	GHashTable *done; /* names in earlier ones */
};

static bool refuse(const struct applying *a, const struct kgr_file_diff *f, GError **error,
		   const char *format, ...) G_GNUC_PRINTF(4, 5);

static bool refuse(const struct applying *a, const struct kgr_file_diff *f, GError **error,
		   const char *format, ...)
{
	g_autofree char *place = kgr_diff_place(a->diff->text, f->line), *why = NULL;
	va_list args;

	va_start(args, format);
	why = g_strdup_vprintf(format, args);
	va_end(args);
	return kgr_fail(error, KGR_REFUSED, "%s: %s", place, why);
}

static bool is_there(const struct applying *a, const char *name)
{
	g_autofree char *full = g_build_filename(a->root, name, NULL);

	return g_file_test(full, G_FILE_TEST_EXISTS) || g_file_test(full, G_FILE_TEST_IS_SYMLINK);
}

static char *content_of(const struct applying *a, const char *name, gsize *size, GError **error)
{
	g_autofree char *full = g_build_filename(a->root, name, NULL);
	char *text;

	return g_file_get_contents(full, &text, size, error) ? text : NULL;
}

/* Is this file as the diff would make it? */
static bool is_as_after(const struct applying *a, const struct kgr_file_diff *f)
{
	g_autofree char *text = NULL;
	gsize size;

	if (f->deleted)
		return !is_there(a, f->old_name);
	if (f->renamed && is_there(a, f->old_name))
		return false;
	text = content_of(a, f->new_name, &size, NULL);
	return text && !f->binary && kgr_hunks_are_in(f, text, size);
}

static bool is_applied(const struct applying *a)
{
	guint i;

	for (i = 0; i < a->diff->files->len; i++) {
		if (!is_as_after(a, a->diff->files->pdata[i]))
			return false;
	}
	return true;
}

static bool is_reversed(const struct kgr_diff *d)
{
	guint i;

	for (i = 0; i < d->files->len; i++) {
		if (!((struct kgr_file_diff *)d->files->pdata[i])->reversed)
			return false;
	}
	return true;
}

/* Said instead of what is wrong with its first hunk. */
static bool applied_already(const struct applying *a, GError **error)
{
	if (is_reversed(a->diff))
		return kgr_fail(
			error, KGR_REFUSED,
			"%s is in the source already: it is reversed, from b/ to a/; turn it "
			"round (git diff -R, interdiff)",
			a->diff->text->name);
	return kgr_fail(error, KGR_REFUSED,
			"%s is in the source already: it is applied, or reversed",
			a->diff->text->name);
}

static bool check_new(const struct applying *a, const struct kgr_file_diff *f, GError **error)
{
	if (f->new_name && (f->created || f->renamed || f->copied) && is_there(a, f->new_name) &&
	    g_strcmp0(f->old_name, f->new_name) != 0) {
		g_autofree char *text = NULL;
		gsize size = 0;

		/* diff(1) says the same of an empty file that gets its first lines. */
		text = content_of(a, f->new_name, &size, NULL);
		if (!f->created || !text || size)
			return refuse(
				a, f, error,
				"the diff brings %s, which is there already; refresh the diff "
				"against this source",
				f->new_name);
	}
	if ((f->renamed || f->copied) && g_hash_table_contains(a->done, f->old_name))
		return refuse(a, f, error,
			      "%s is changed more than once and then renamed or copied; give these "
			      "diffs one by one",
			      f->old_name);
	return true;
}

static bool add_to_batch(struct applying *a, const struct kgr_file_diff *f, GError **error)
{
	g_autofree guint *lines = g_new0(guint, f->hunks->len + 1);
	g_autoptr(GString) text = NULL;

	if (!check_new(a, f, error))
		return false;
	if (f->old_name) {
		struct kgr_hunk_target target = { .text = a->diff->text, .name = f->old_name };
		g_autofree char *content = NULL;

		if (!is_there(a, f->old_name))
			return refuse(a, f, error,
				      "%s is not in the source tree; refresh the diff against this "
				      "source",
				      f->old_name);
		target.content = content = content_of(a, f->old_name, &target.size, error);
		if (!content || !kgr_hunks_place(f, &target, lines, a->notes, error))
			return false;
	}
	text = kgr_file_diff_write(f, f->old_name ? lines : NULL);
	g_string_append_len(a->batch, text->str, (gssize)text->len);
	if (f->old_name)
		g_hash_table_add(a->touched, f->old_name);
	if (f->new_name)
		g_hash_table_add(a->touched, f->new_name);
	return true;
}

static bool is_touched(const struct applying *a, const struct kgr_file_diff *f)
{
	/* What is renamed or copied is as it was before the batch. */
	if (f->old_name && !f->renamed && !f->copied &&
	    g_hash_table_contains(a->touched, f->old_name))
		return true;
	return f->new_name && g_hash_table_contains(a->touched, f->new_name);
}

static bool apply_batch(struct applying *a, GError **error)
{
	g_autofree char *file = g_build_filename(a->dir, "applied.diff", NULL);
	g_autofree char *p = g_strdup_printf("-p%d", a->diff->strip), *words = NULL;
	const char *const args[] = { "apply", "--whitespace=nowarn", p, file, NULL };
	g_autoptr(GString) said = NULL;
	GHashTableIter it;
	gpointer name;
	int status;

	if (!a->batch->len)
		return true;
	if (!g_file_set_contents(file, a->batch->str, (gssize)a->batch->len, error))
		return false;
	said = kgr_git(args, a->root, NULL, &status, error);
	unlink(file);
	if (!said)
		return false;
	if (status) {
		/* 128: it could not write; that hunks fit is known. */
		words = kgr_git_words(said);
		return kgr_fail(error, status == 1 ? KGR_REFUSED : KGR_TROUBLE,
				"%s does not apply: git apply says: %s", a->diff->text->name,
				words);
	}
	g_string_truncate(a->batch, 0);
	g_hash_table_iter_init(&it, a->touched);
	while (g_hash_table_iter_next(&it, &name, NULL))
		g_hash_table_add(a->done, name);
	g_hash_table_remove_all(a->touched);
	return true;
}

bool kgr_diff_apply(const struct kgr_diff *d, const char *root, const char *dir, GPtrArray *notes,
		    GError **error)
{
	g_autoptr(GString) batch = g_string_new(NULL);
	g_autoptr(GHashTable) touched = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GHashTable) done = g_hash_table_new(g_str_hash, g_str_equal);
	struct applying a = { d, root, dir, notes, batch, touched, done };
	bool ok = true;
	guint i;

	for (i = 0; ok && i < d->files->len; i++) {
		const struct kgr_file_diff *f = d->files->pdata[i];

		if (is_touched(&a, f))
			ok = apply_batch(&a, error);
		ok = ok && add_to_batch(&a, f, error);
	}
	ok = ok && apply_batch(&a, error);
	if (!ok && error && !g_hash_table_size(done) && is_applied(&a)) {
		g_clear_error(error);
		applied_already(&a, error);
	}
	return ok;
}
