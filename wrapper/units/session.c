// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Makes a session, fills it in, and frees it; all stages of one build share it:
 *
 *	kgr_session_new()		options
 *	kgr_session_open_kernel()	kernel
 *	kgr_session_apply()		dir, overlay: the source with the diffs applied
 *	kgr_session_index()		index: all records below the build directory, read when
 *					first asked for; of an adopted kernel only those that were
 *					proved
 *
 * With --split many files are looked for. Then the records are sorted once by the base names of
 * their sources: of "fs/ext4/file.c" all records that name any file.c are returned, and the caller
 * reads these alone.
 */
#include "adopt/make-records.h"
#include "kernel/linked-objects.h"
#include "lib/files.h"
#include "lib/tmpdir.h"
#include "record/record.h"
#include "units/session.h"

struct kgr_session *kgr_session_new(guint jobs)
{
	struct kgr_session *s = g_new0(struct kgr_session, 1);

	s->jobs = jobs ?: g_get_num_processors();
	s->notes = g_ptr_array_new_with_free_func(g_free);
	s->includers = 1;
	s->hashes = kgr_record_hashes_new();
	s->real_paths = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	return s;
}

void kgr_session_free(struct kgr_session *s)
{
	if (!s)
		return;
	kgr_overlay_free(s->overlay);
	kgr_kernel_close(s->kernel);
	kgr_build_index_clear(&s->index);
	g_ptr_array_unref(s->notes);
	g_hash_table_unref(s->hashes);
	g_hash_table_unref(s->real_paths);
	g_clear_pointer(&s->aside, g_ptr_array_unref);
	g_clear_pointer(&s->unchanged, g_hash_table_unref);
	g_clear_pointer(&s->seen_to_change, g_hash_table_unref);
	g_clear_pointer(&s->generators, g_hash_table_unref);
	g_clear_pointer(&s->by_base, g_hash_table_unref);
	g_free(s);
}

bool kgr_session_open_kernel(struct kgr_session *s, const char *build, const char *external,
			     GError **error)
{
	kgr_progress_step(&s->progress, "kernel");
	if (kgr_allow_open_files(error))
		s->kernel = kgr_kernel_open(build ?: ".", external, error);
	return s->kernel;
}

static gpointer copy_text(gconstpointer text, gpointer unused)
{
	(void)unused;
	return g_strdup(text);
}

bool kgr_session_apply(struct kgr_session *s, char *const *diffs, int strip, GError **error)
{
	s->dir = kgr_temp_dir(error);
	if (!s->dir)
		return false;
	kgr_progress_step(&s->progress, "diff");
	s->overlay = kgr_overlay_create(kgr_kernel_tree(s->kernel), s->dir, diffs, strip, error);
	if (s->overlay)
		g_ptr_array_extend(s->notes, s->overlay->notes, copy_text, NULL);
	return s->overlay;
}

/* Of an adopted kernel there may be some that were made, and not proved to be what runs. */
static void keep_proved(GPtrArray *records)
{
	guint i = 0;

	while (i < records->len) {
		if (kgr_is_proved(records->pdata[i]))
			i++;
		else
			g_ptr_array_remove_index(records, i);
	}
}

const struct kgr_build_index *kgr_session_index(struct kgr_session *s)
{
	if (s->index.records)
		return &s->index;
	kgr_build_index_read(&s->index, kgr_kernel_objects(s->kernel));
	if (kgr_kernel_is_adopted(s->kernel))
		keep_proved(s->index.records);
	return &s->index;
}

bool kgr_session_all_recorded(struct kgr_session *s, GError **error)
{
	kgr_session_index(s);
	return kgr_all_recorded(&s->index, s->kernel, error);
}

#define UNREADABLE "" /* no file's name */

static GPtrArray *list_of(GHashTable *lists, const char *base)
{
	GPtrArray *list = g_hash_table_lookup(lists, base);

	if (!list) {
		list = g_ptr_array_new();
		g_hash_table_insert(lists, g_strdup(base), list);
	}
	return list;
}

static GHashTable *index_by_base(const GPtrArray *records)
{
	GHashTable *lists = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
						  (GDestroyNotify)g_ptr_array_unref);
	guint i, n;

	for (i = 0; i < records->len; i++) {
		g_autoptr(GPtrArray) sources = kgr_record_sources(records->pdata[i]);

		if (!sources)
			g_ptr_array_add(list_of(lists, UNREADABLE), records->pdata[i]);
		for (n = 0; sources && n < sources->len; n++) {
			g_autofree char *base = g_path_get_basename(sources->pdata[n]);
			GPtrArray *list = list_of(lists, base);

			if (!g_ptr_array_find(list, records->pdata[i], NULL))
				g_ptr_array_add(list, records->pdata[i]);
		}
	}
	return lists;
}

const GPtrArray *kgr_session_records_naming(struct kgr_session *s, const char *file)
{
	const GPtrArray *all = kgr_session_index(s)->records;
	g_autofree char *base = g_path_get_basename(file);

	if (!s->aside)
		return all;
	if (!s->by_base)
		s->by_base = index_by_base(all);
	/* One that cannot be read may be any: rare, and then as without. */
	return g_hash_table_contains(s->by_base, UNREADABLE) ? all : list_of(s->by_base, base);
}
