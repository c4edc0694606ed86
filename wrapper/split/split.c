// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Cuts a diff into files, and finds out which need which (belongs.c). A file that is left out takes those along that
 * cannot stay without it, and no others:
 *
 *   include/linux/f.h   brings f()
 *   kernel/f.c          defines it                needs f.h
 *   mm/a.c              calls it                  needs f.h and f.c
 *   mm/b.c              something else            needs nothing
 *
 * If f.c is refused, a.c goes with it. f.h stays: what it brings nobody uses.
 */
#include <string.h>

#include "lib/debug.h"
#include "lib/error.h"
#include "lib/files.h"
#include "source/diff-names.h"
#include "record/record.h"
#include "split/belongs.h"
#include "split/split.h"

void kgr_split_file_free(gpointer data)
{
	struct kgr_split_file *f = data;

	g_free(f->name);
	kgr_changed_names_free(f->names);
	g_clear_pointer(&f->reads, g_hash_table_unref);
	g_ptr_array_unref(f->needs);
	g_ptr_array_unref(f->needed_by);
	g_free(f->why);
	g_free(f);
}

void kgr_split_free(struct kgr_split *s)
{
	if (!s)
		return;
	g_clear_pointer(&s->by_name, g_hash_table_unref);
	g_clear_pointer(&s->files, g_ptr_array_unref);
	g_clear_pointer(&s->diff, kgr_diff_free);
	if (s->text)
		kgr_diff_text_free(s->text);
	g_free(s);
}

/* Exactly one diff: mails of a series build on each other. */
static struct kgr_diff_text *read_one(const struct kgr_session *session, const char *path,
				      GError **error)
{
	g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(kgr_diff_text_free);

	if (!kgr_diff_read(path, session->dir, texts, error))
		return NULL;
	if (texts->len == 1)
		return g_ptr_array_steal_index(texts, 0);
	kgr_fail(error, KGR_TROUBLE,
		 "%s: --split takes one diff, and these are %u; give it the difference that they "
		 "make together",
		 path, texts->len);
	return NULL;
}

/* Byte by byte, where each line of the text begins. */
static GArray *line_starts(const char *text, gsize size)
{
	GArray *starts = g_array_new(FALSE, FALSE, sizeof(gsize));
	gsize at = 0;

	while (at < size) {
		const char *end = memchr(text + at, '\n', size - at);

		g_array_append_val(starts, at);
		at = end ? (gsize)(end - text) + 1 : size;
	}
	return starts;
}

static char *read_below(const char *dir, const char *name)
{
	g_autofree char *path = name ? g_build_filename(dir, name, NULL) : NULL;
	char *text = NULL;

	return path && g_file_get_contents(path, &text, NULL, NULL) ? text : NULL;
}

static bool add_name(struct kgr_split *s, const char *name, struct kgr_split_file *file,
		     GError **error)
{
	if (!name || g_hash_table_lookup(s->by_name, name) == file)
		return true;
	if (g_hash_table_contains(s->by_name, name))
		return kgr_fail(error, KGR_TROUBLE,
				"%s: %s is there more than once; --split takes a diff that has "
				"each file once",
				s->text->name, name);
	g_hash_table_insert(s->by_name, g_strdup(name), file);
	return true;
}

static void add_inputs(const struct kgr_session *session, const struct kgr_record *record,
		       GHashTable *reads)
{
	guint i;

	for (i = 0; i < record->inputs->len; i++) {
		const char *path = g_array_index(record->inputs, struct kgr_input, i).path;
		g_autofree char *full = g_canonicalize_filename(path, record->dir);
		const char *file = kgr_path_below(kgr_kernel_tree(session->kernel), full);

		if (file)
			g_hash_table_add(reads, g_strdup(file));
	}
}

/* Of a .c file; empty if it was not compiled. A record that cannot be read find-units.c refuses. */
static GHashTable *find_reads(struct kgr_session *session, const char *name)
{
	g_autofree char *full = g_build_filename(kgr_kernel_tree(session->kernel), name, NULL);
	const GPtrArray *records = kgr_session_records_naming(session, name);
	GHashTable *reads = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	guint i;

	for (i = 0; i < records->len; i++) {
		g_autoptr(kgr_record) record = NULL;
		bool mentions;

		if (!kgr_record_mentions(records->pdata[i], full, &mentions) || !mentions)
			continue;
		record = kgr_record_read(records->pdata[i], NULL);
		if (record)
			add_inputs(session, record, reads);
	}
	return reads;
}

static bool add_file(struct kgr_split *s, struct kgr_session *session, guint n,
		     const GArray *starts, gsize size, GError **error)
{
	const struct kgr_file_diff *diff = s->diff->files->pdata[n];
	const struct kgr_file_diff *next =
		n + 1 < s->diff->files->len ? s->diff->files->pdata[n + 1] : NULL;
	const char *name = diff->new_name ?: diff->old_name;
	g_autofree char *old = read_below(kgr_kernel_tree(session->kernel), diff->old_name);
	g_autofree char *patched = read_below(session->overlay->root, diff->new_name);
	struct kgr_split_file *f = g_new(struct kgr_split_file, 1);

	*f = (struct kgr_split_file){
		.name = g_strdup(name),
		.hunks = diff->hunks->len,
		.start = g_array_index(starts, gsize, diff->line - 1),
		.end = next ? g_array_index(starts, gsize, next->line - 1) : size,
		.names = kgr_changed_names_new(name, old, patched, diff),
		.reads = g_str_has_suffix(name, ".c") ? find_reads(session, name) : NULL,
		.brought = diff->created,
		.needs = g_ptr_array_new(),
		.needed_by = g_ptr_array_new(),
	};
	g_ptr_array_add(s->files, f);
	return add_name(s, diff->old_name, f, error) && add_name(s, diff->new_name, f, error);
}

static bool add_files(struct kgr_split *s, struct kgr_session *session, int strip, GError **error)
{
	gsize size;
	const char *text = g_bytes_get_data(s->text->text, &size);
	g_autoptr(GArray) starts = line_starts(text, size);
	guint i;

	s->diff = kgr_diff_parse(s->text, error);
	if (!s->diff || !kgr_diff_find_names(s->diff, kgr_kernel_tree(session->kernel),
					     session->dir, strip, error))
		return false;
	for (i = 0; i < s->diff->files->len; i++) {
		if (!add_file(s, session, i, starts, size, error))
			return false;
	}
	return true;
}

struct kgr_split *kgr_split_new(struct kgr_session *session, const char *path, int strip,
				GError **error)
{
	g_autoptr(kgr_split) s = g_new0(struct kgr_split, 1);

	s->files = g_ptr_array_new_with_free_func(kgr_split_file_free);
	s->by_name = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	s->text = read_one(session, path, error);
	if (!s->text || !add_files(s, session, strip, error))
		return NULL;
	kgr_split_find_needs(s);
	return g_steal_pointer(&s);
}

struct kgr_split_file *kgr_split_file(const struct kgr_split *s, const char *name)
{
	return g_hash_table_lookup(s->by_name, name);
}

GBytes *kgr_split_text(const struct kgr_split *s)
{
	const char *text = g_bytes_get_data(s->text->text, NULL);
	GString *out = g_string_new(NULL);
	guint i;

	for (i = 0; i < s->files->len; i++) {
		const struct kgr_split_file *f = s->files->pdata[i];

		if (f->state == KGR_SPLIT_IN)
			g_string_append_len(out, text + f->start, (gssize)(f->end - f->start));
	}
	return g_string_free_to_bytes(out);
}

bool kgr_split_update(const struct kgr_split *s, struct kgr_overlay *overlay, GError **error)
{
	GHashTableIter it;
	gpointer name, file;

	g_hash_table_iter_init(&it, s->by_name);
	while (g_hash_table_iter_next(&it, &name, &file)) {
		if (((struct kgr_split_file *)file)->state != KGR_SPLIT_IN &&
		    !kgr_overlay_leave_out(overlay, name, error))
			return false;
	}
	return true;
}

bool kgr_split_outdates(const struct kgr_split *s)
{
	guint i;

	for (i = 0; i < s->files->len; i++) {
		const struct kgr_split_file *f = s->files->pdata[i];

		/* What includes it, if only since another file of the diff does, no record tells. */
		if (f->state != KGR_SPLIT_IN && f->round == s->round &&
		    (f->brought || g_str_has_suffix(f->name, ".h")))
			return true;
	}
	return false;
}

static void follow(struct kgr_split_file *f, const struct kgr_split_file *cause, guint round)
{
	guint i;

	f->state = KGR_SPLIT_OUT;
	f->cause = cause;
	f->round = round;
	kgr_debug(KGR_DEBUG_UNITS, "%s is left out in round %u, for %s: %s", f->name, round,
		  cause->name, cause->why);
	for (i = 0; i < f->needed_by->len; i++) {
		struct kgr_split_file *user = f->needed_by->pdata[i];

		if (user->state == KGR_SPLIT_IN)
			follow(user, cause, round);
	}
}

bool kgr_split_leave_out(struct kgr_split *s, struct kgr_split_file *f, const char *why)
{
	if (f->state != KGR_SPLIT_IN)
		return false;
	f->why = g_strdup(why);
	follow(f, f, s->round);
	return true;
}

static bool is_needed(const struct kgr_split_file *f, GPtrArray *but_for)
{
	guint i;

	for (i = 0; i < f->needed_by->len; i++) {
		struct kgr_split_file *user = f->needed_by->pdata[i];

		if (user->state == KGR_SPLIT_IN && !g_ptr_array_find(but_for, user, NULL))
			return true;
	}
	return false;
}

void kgr_split_leave_absent_out(const struct kgr_split *s, GPtrArray *absent)
{
	bool again = true;
	guint i;

	/* One that is needed stays, and so does what it needs itself. */
	while (again) {
		again = false;
		for (i = absent->len; i-- > 0;) {
			if (is_needed(absent->pdata[i], absent)) {
				g_ptr_array_remove_index(absent, i);
				again = true;
			}
		}
	}
	for (i = 0; i < absent->len; i++) {
		struct kgr_split_file *f = absent->pdata[i];

		f->state = KGR_SPLIT_ABSENT;
		f->round = s->round;
	}
}
