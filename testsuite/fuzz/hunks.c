// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A file and a diff, divided by the first NUL. What is read of the diff has the lines that it says; written again and
 * read again it is the same; and a hunk that has a place in the file stands there.
 */
#include <stdlib.h>
#include <string.h>

#include "input.h"
#include "source/diff-parse.h"
#include "source/diff-write.h"
#include "source/hunk-place.h"

static struct kgr_diff_text *text_of(const char *data, size_t size)
{
	return kgr_diff_text_new("x", g_bytes_new_static(data, size), 1);
}

static void check_lines(const struct kgr_hunk *h, const GArray *content, guint at)
{
	guint i;

	if (at > content->len || h->before->len > content->len - at)
		abort();
	for (i = 0; i < h->before->len; i++) {
		if (!kgr_same_line(&g_array_index(content, struct kgr_text_line, at + i),
				   &g_array_index(h->before, struct kgr_text_line, i)))
			abort();
	}
}

static void place(const struct kgr_file_diff *f, const struct kgr_diff_text *text, const char *file)
{
	g_autofree guint *lines = g_new0(guint, f->hunks->len + 1);
	g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GArray) content = kgr_split_lines(file, strlen(file));
	const struct kgr_hunk_target target = { text, "f", file, strlen(file) };
	guint i;

	if (!kgr_hunks_place(f, &target, lines, notes, NULL))
		return;
	for (i = 0; i < f->hunks->len; i++)
		check_lines(f->hunks->pdata[i], content, lines[i]);
}

static void again(const struct kgr_file_diff *f)
{
	g_autoptr(GString) written = kgr_file_diff_write(f, NULL);
	struct kgr_diff_text *text = text_of(written->str, written->len);
	struct kgr_diff *d = kgr_diff_parse(text, NULL);
	const struct kgr_file_diff *g = d && d->files->len == 1 ? d->files->pdata[0] : NULL;

	/* What stands instead of hunks in a binary file's diff is git's to read. */
	if (!f->binary && (!g || g->hunks->len != f->hunks->len || g->added != f->added ||
			   g->removed != f->removed || strcmp(g->header, f->header) != 0))
		abort();
	kgr_diff_free(d);
	kgr_diff_text_free(text);
}

static void check(const struct kgr_diff *d, const char *file)
{
	guint i, n;

	for (i = 0; i < d->files->len; i++) {
		const struct kgr_file_diff *f = d->files->pdata[i];

		for (n = 0; n < f->hunks->len; n++) {
			const struct kgr_hunk *h = f->hunks->pdata[n];

			if (h->before->len != h->old_count || h->after->len != h->new_count)
				abort();
		}
		place(f, d->text, file);
		again(f);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t first = strnlen((const char *)data, size);
	g_autofree char *file = g_strndup((const char *)data, first);
	size_t rest = first < size ? size - first - 1 : 0;
	g_autofree char *diff = g_strndup((const char *)data + size - rest, rest);
	struct kgr_diff_text *text = text_of(diff, strlen(diff));
	struct kgr_diff *d = kgr_diff_parse(text, NULL);

	if (d)
		check(d, file);
	kgr_diff_free(d);
	kgr_diff_text_free(text);
	return 0;
}
