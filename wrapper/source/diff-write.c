// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Writes a diff for git apply. Hunks get headers that say the lines at which they land: that is where git looks first,
 * so it has nothing to search for. And does the same with a text, where that is all there is to do.
 */
#include "source/diff-write.h"

GString *kgr_file_diff_write(const struct kgr_file_diff *f, const guint *lines)
{
	GString *out = g_string_new(f->header);
	gint64 shift = 0;
	guint i;

	if (f->binary)
		g_string_append_len(out, f->binary, (gssize)f->binary_size);
	for (i = 0; i < f->hunks->len; i++) {
		const struct kgr_hunk *h = f->hunks->pdata[i];
		gint64 old_start = h->old_start, new_start = h->new_start;

		if (lines && h->old_count) {
			old_start = (gint64)lines[i] + 1;
			new_start = old_start + shift - !h->new_count;
		}
		shift += (gint64)h->new_count - h->old_count;
		g_string_append_printf(
			out, "@@ -%" G_GINT64_FORMAT ",%u +%" G_GINT64_FORMAT ",%u @@%s%.*s\n",
			old_start, h->old_count, new_start, h->new_count, h->heading.len ? " " : "",
			(int)h->heading.len, h->heading.at);
		g_string_append_len(out, h->body, (gssize)h->size);
	}
	if (out->len && out->str[out->len - 1] != '\n')
		g_string_append_c(out, '\n');
	return out;
}

static void append_lines(GString *out, const GArray *lines, guint from, guint end)
{
	for (; from < end; from++) {
		const struct kgr_text_line *line =
			&g_array_index(lines, struct kgr_text_line, from);

		g_string_append_len(out, line->at, (gssize)line->len);
	}
}

static bool stands_at(const GArray *lines, guint at, const GArray *side)
{
	guint i;

	if (at > lines->len || side->len > lines->len - at)
		return false;
	for (i = 0; i < side->len; i++) {
		if (!kgr_same_line(&g_array_index(lines, struct kgr_text_line, at + i),
				   &g_array_index(side, struct kgr_text_line, i)))
			return false;
	}
	return true;
}

GString *kgr_file_diff_patch(const struct kgr_file_diff *f, const char *old, gsize size)
{
	g_autoptr(GArray) lines = kgr_split_lines(old, size);
	GString *out = g_string_sized_new(size);
	guint at = 0, i;

	for (i = 0; i < f->hunks->len; i++) {
		const struct kgr_hunk *h = f->hunks->pdata[i];
		/* One that only adds names the line before. */
		guint first = h->old_start - !!h->old_count;

		if (first < at || !stands_at(lines, first, h->before)) {
			g_string_free(out, TRUE);
			return NULL;
		}
		append_lines(out, lines, at, first);
		append_lines(out, h->after, 0, h->after->len);
		at = first + h->before->len;
	}
	append_lines(out, lines, at, lines->len);
	return out;
}
