// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Writes a diff for git apply. Hunks get headers that say the lines at which they land: that is where git looks first,
 * so it has nothing to search for.
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
		g_string_append_printf(out,
				       "@@ -%" G_GINT64_FORMAT ",%u +%" G_GINT64_FORMAT ",%u @@\n",
				       old_start, h->old_count, new_start, h->new_count);
		g_string_append_len(out, h->body, (gssize)h->size);
	}
	if (out->len && out->str[out->len - 1] != '\n')
		g_string_append_c(out, '\n');
	return out;
}
