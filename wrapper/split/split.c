// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Cuts a diff into files, and these into parts (cut.c), and finds out which need which (belongs.c).
 * A part that is left out takes those along that cannot stay without it, and no others. Of files of
 * one part each:
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
#include "source/diff-write.h"
#include "record/record.h"
#include "split/belongs.h"
#include "split/cut.h"
#include "split/split.h"

static void part_free(gpointer data)
{
	struct kgr_split_part *p = data;

	g_ptr_array_unref(p->hunks);
	g_clear_pointer(&p->objects, g_ptr_array_unref);
	kgr_changed_names_free(p->names);
	g_ptr_array_unref(p->needs);
	g_ptr_array_unref(p->needed_by);
	g_free(p->why);
	g_free(p);
}

struct kgr_split_part *kgr_split_part_new(struct kgr_split_file *file, GPtrArray *hunks,
					  GPtrArray *objects, struct kgr_changed_names *names)
{
	struct kgr_split_part *p = g_new(struct kgr_split_part, 1);

	*p = (struct kgr_split_part){
		.file = file,
		.hunks = hunks,
		.objects = objects,
		.names = names,
		.needs = g_ptr_array_new(),
		.needed_by = g_ptr_array_new(),
	};
	if (!file->parts)
		file->parts = g_ptr_array_new_with_free_func(part_free);
	g_ptr_array_add(file->parts, p);
	return p;
}

char *kgr_split_part_label(const struct kgr_split_part *p)
{
	GString *out = g_string_new(p->file->name);
	guint i;

	if (p->file->parts->len == 1)
		return g_string_free(out, FALSE);
	g_string_append_printf(out, " (%u of %u hunks", p->hunks->len, p->file->diff->hunks->len);
	for (i = 0; p->objects && i < p->objects->len; i++)
		g_string_append_printf(out, "%s%s", i ? ", " : ": ",
				       (const char *)p->objects->pdata[i]);
	g_string_append_c(out, ')');
	return g_string_free(out, FALSE);
}

void kgr_split_file_free(gpointer data)
{
	struct kgr_split_file *f = data;

	g_free(f->name);
	g_clear_pointer(&f->reads, g_hash_table_unref);
	g_clear_pointer(&f->parts, g_ptr_array_unref);
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
	g_autofree char *patched =
		diff->new_name ? kgr_overlay_text(session->overlay, diff->new_name) : NULL;
	struct kgr_split_file *f = g_new(struct kgr_split_file, 1);

	*f = (struct kgr_split_file){
		.name = g_strdup(name),
		.diff = diff,
		.start = g_array_index(starts, gsize, diff->line - 1),
		.end = next ? g_array_index(starts, gsize, next->line - 1) : size,
		.reads = g_str_has_suffix(name, ".c") ? find_reads(session, name) : NULL,
	};
	g_ptr_array_add(s->files, f);
	kgr_split_cut(f, old, patched);
	f->laid = f->parts->len;
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

guint kgr_split_count(const struct kgr_split_file *f, enum kgr_split_state state)
{
	guint count = 0, i;

	for (i = 0; i < f->parts->len; i++)
		count += ((struct kgr_split_part *)f->parts->pdata[i])->state == state;
	return count;
}

/* Those of a file's hunks that are in. */
static GPtrArray *hunks_in(const struct kgr_split_file *f)
{
	GPtrArray *hunks = g_ptr_array_new();
	guint i;

	for (i = 0; i < f->parts->len; i++) {
		const struct kgr_split_part *p = f->parts->pdata[i];

		if (p->state == KGR_SPLIT_IN)
			g_ptr_array_extend(hunks, p->hunks, NULL, NULL);
	}
	g_ptr_array_sort(hunks, kgr_by_line);
	return hunks;
}

static void append_cut(GString *out, const struct kgr_split_file *f)
{
	struct kgr_file_diff diff = *f->diff;
	g_autoptr(GPtrArray) hunks = hunks_in(f);
	g_autoptr(GRegex) index =
		g_regex_new("^index .*\n", G_REGEX_MULTILINE | G_REGEX_RAW, 0, NULL);
	g_autofree char *header = g_regex_replace_literal(index, diff.header, -1, 0, "", 0, NULL);
	g_autofree guint *lines = g_new(guint, hunks->len);
	g_autoptr(GString) text = NULL;
	guint i;

	/* git names the file's text by a hash, and that is another one. */
	diff.header = header;
	diff.hunks = hunks;
	for (i = 0; i < hunks->len; i++)
		lines[i] = ((struct kgr_hunk *)hunks->pdata[i])->old_start - 1;
	text = kgr_file_diff_write(&diff, lines);
	g_string_append_len(out, text->str, (gssize)text->len);
}

GBytes *kgr_split_text(const struct kgr_split *s)
{
	const char *text = g_bytes_get_data(s->text->text, NULL);
	GString *out = g_string_new(NULL);
	guint i;

	for (i = 0; i < s->files->len; i++) {
		const struct kgr_split_file *f = s->files->pdata[i];
		guint in = kgr_split_count(f, KGR_SPLIT_IN);

		if (in == f->parts->len)
			g_string_append_len(out, text + f->start, (gssize)(f->end - f->start));
		else if (in)
			append_cut(out, f);
	}
	return g_string_free_to_bytes(out);
}

/* Some of a file's parts are in. */
static bool lay_cut(const struct kgr_split_file *f, struct kgr_overlay *overlay, GError **error)
{
	struct kgr_file_diff diff = *f->diff;
	g_autoptr(GPtrArray) hunks = hunks_in(f);
	g_autofree char *path = g_build_filename(overlay->source, f->name, NULL);
	g_autofree char *old = NULL;
	g_autoptr(GString) text = NULL;
	gsize size;

	if (!g_file_get_contents(path, &old, &size, error))
		return false;
	diff.hunks = hunks;
	text = kgr_file_diff_patch(&diff, old, size);
	return text ? kgr_overlay_put(overlay, f->name, text, error) :
		      kgr_fail(error, KGR_TROUBLE, "%s has changed meanwhile; start again", path);
}

static bool update(struct kgr_split_file *f, struct kgr_overlay *overlay, GError **error)
{
	guint in = kgr_split_count(f, KGR_SPLIT_IN);

	if (in == f->laid)
		return true;
	f->laid = in;
	if (in)
		return lay_cut(f, overlay, error);
	return (!f->diff->old_name || kgr_overlay_leave_out(overlay, f->diff->old_name, error)) &&
	       (!f->diff->new_name || kgr_overlay_leave_out(overlay, f->diff->new_name, error));
}

bool kgr_split_update(struct kgr_split *s, struct kgr_overlay *overlay, GError **error)
{
	guint i;

	for (i = 0; i < s->files->len; i++) {
		if (!update(s->files->pdata[i], overlay, error))
			return false;
	}
	return true;
}

bool kgr_split_outdates(const struct kgr_split *s)
{
	guint i;

	for (i = 0; i < s->files->len; i++) {
		const struct kgr_split_file *f = s->files->pdata[i];
		const struct kgr_split_part *p = f->parts->pdata[0];

		/* What includes it, if only since another file of the diff does, no record tells. */
		if (p->state != KGR_SPLIT_IN && p->round == s->round &&
		    (f->diff->created || g_str_has_suffix(f->name, ".h")))
			return true;
	}
	return false;
}

static void follow(struct kgr_split_part *p, const struct kgr_split_part *cause, guint round)
{
	g_autofree char *label = kgr_split_part_label(p), *of = kgr_split_part_label(cause);
	guint i;

	p->state = KGR_SPLIT_OUT;
	p->cause = cause;
	p->round = round;
	kgr_debug(KGR_DEBUG_UNITS, "%s is left out in round %u, for %s: %s", label, round, of,
		  cause->why);
	for (i = 0; i < p->needed_by->len; i++) {
		struct kgr_split_part *user = p->needed_by->pdata[i];

		if (user->state == KGR_SPLIT_IN)
			follow(user, cause, round);
	}
}

bool kgr_split_leave_out(struct kgr_split *s, struct kgr_split_part *p, const char *why)
{
	if (p->state != KGR_SPLIT_IN)
		return false;
	p->why = g_strdup(why);
	follow(p, p, s->round);
	return true;
}

/* By a part that is in, of a file that is not one of these? */
static bool is_needed(const struct kgr_split_file *f, GPtrArray *but_for)
{
	guint i, n;

	for (i = 0; i < f->parts->len; i++) {
		const struct kgr_split_part *p = f->parts->pdata[i];

		for (n = 0; n < p->needed_by->len; n++) {
			const struct kgr_split_part *user = p->needed_by->pdata[n];

			if (user->state == KGR_SPLIT_IN && user->file != f &&
			    !g_ptr_array_find(but_for, user->file, NULL))
				return true;
		}
	}
	return false;
}

const char *kgr_split_refusal(const struct kgr_split *s)
{
	guint i, n;

	for (i = 0; i < s->files->len; i++) {
		const struct kgr_split_file *f = s->files->pdata[i];

		for (n = 0; n < f->parts->len; n++) {
			const struct kgr_split_part *p = f->parts->pdata[n];

			if (p->why)
				return p->why;
		}
	}
	return NULL;
}

static void leave_absent_out(struct kgr_split_file *f, guint round)
{
	guint i;

	for (i = 0; i < f->parts->len; i++) {
		struct kgr_split_part *p = f->parts->pdata[i];

		if (p->state != KGR_SPLIT_IN)
			continue;
		p->state = KGR_SPLIT_ABSENT;
		p->round = round;
	}
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
	for (i = 0; i < absent->len; i++)
		leave_absent_out(absent->pdata[i], s->round);
}
