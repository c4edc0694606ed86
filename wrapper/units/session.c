// SPDX-License-Identifier: GPL-3.0-or-later
/* The life of a session, which all stages of one build share: made, given a kernel and the patched source, freed. */
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
	s->hashes = kgr_record_hashes_new();
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

const struct kgr_build_index *kgr_session_index(struct kgr_session *s)
{
	kgr_build_index_read(&s->index, kgr_kernel_objects(s->kernel));
	return &s->index;
}

bool kgr_session_all_recorded(struct kgr_session *s, GError **error)
{
	kgr_session_index(s);
	return kgr_all_recorded(&s->index, s->kernel, error);
}
