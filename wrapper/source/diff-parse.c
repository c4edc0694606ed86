// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Reads a unified diff, by the grammar that git apply has for it:
 *
 *   diff --git a/kernel/sys.c b/kernel/sys.c      a file, as git writes it: lines of known words follow
 *   --- a/kernel/sys.c                            or, without "diff --git", as diff(1) does: these two, and a hunk
 *   +++ b/kernel/sys.c
 *   @@ -388,6 +388,7 @@ long __sys_setgid()       a hunk: six lines become seven, and so many follow
 *
 * Everything between files is passed over, as git does, unless it looks like a part of a diff. What files are called is
 * left to git (diff-names.c), which is given what was recognized here and nothing else: so both read the same.
 */
#include <string.h>

#include "lib/text.h"
#include "lib/error.h"
#include "source/diff-parse.h"

#define MAX_LINES 100000000 /* of a hunk's numbers; larger ones are nonsense */

struct reader {
	const struct kgr_diff_text *text;
	GArray *lines;
	guint next; /* index of the line to be read */
	struct kgr_diff *diff;
	GError **error;
};

gint kgr_by_line(gconstpointer a, gconstpointer b)
{
	const struct kgr_hunk *x = *(struct kgr_hunk *const *)a, *y = *(struct kgr_hunk *const *)b;

	return x->line < y->line ? -1 : x->line > y->line;
}

GArray *kgr_split_lines(const char *text, gsize size)
{
	GArray *lines = g_array_new(FALSE, FALSE, sizeof(struct kgr_text_line));
	const char *end = text + size;

	while (text < end) {
		const char *eol = memchr(text, '\n', (size_t)(end - text));
		struct kgr_text_line line = { text, (gsize)((eol ? eol + 1 : end) - text) };

		g_array_append_val(lines, line);
		text += line.len;
	}
	return lines;
}

bool kgr_same_line(const struct kgr_text_line *a, const struct kgr_text_line *b)
{
	return a->len == b->len && !memcmp(a->at, b->at, a->len);
}

static void free_hunk(gpointer data)
{
	struct kgr_hunk *h = data;

	g_array_unref(h->before);
	g_array_unref(h->after);
	g_free(h);
}

static void free_file(gpointer data)
{
	struct kgr_file_diff *f = data;

	g_ptr_array_unref(f->hunks);
	g_free(f->header);
	g_free(f->old_name);
	g_free(f->new_name);
	g_free(f);
}

void kgr_diff_free(struct kgr_diff *d)
{
	if (!d)
		return;
	g_ptr_array_unref(d->files);
	g_free(d);
}

static const struct kgr_text_line *line_at(const struct reader *r, guint i)
{
	static const struct kgr_text_line none = { "", 0 };

	return i < r->lines->len ? &g_array_index(r->lines, struct kgr_text_line, i) : &none;
}

static bool begins(const struct reader *r, guint i, const char *prefix)
{
	const struct kgr_text_line *line = line_at(r, i);
	size_t len = strlen(prefix);

	return line->len >= len && !memcmp(line->at, prefix, len);
}

/* Without what ends it. */
static char *words(const struct reader *r, guint i)
{
	const struct kgr_text_line *line = line_at(r, i);

	return g_strchomp(g_strndup(line->at, line->len));
}

static bool refuse(const struct reader *r, guint i, const char *format, ...) G_GNUC_PRINTF(3, 4);

static bool refuse(const struct reader *r, guint i, const char *format, ...)
{
	g_autofree char *place = kgr_diff_place(r->text, i + 1), *why = NULL;
	va_list args;

	va_start(args, format);
	why = g_strdup_vprintf(format, args);
	va_end(args);
	return kgr_fail(r->error, KGR_REFUSED, "%s: %s", place, why);
}

/* "12" or "12,3" */
static bool read_range(const char **at, guint *start, guint *count)
{
	char *end;
	guint64 value;

	if (!g_ascii_isdigit(**at))
		return false;
	value = g_ascii_strtoull(*at, &end, 10);
	if (value > MAX_LINES)
		return false;
	*start = (guint)value;
	*count = 1;
	if (*end == ',') {
		if (!g_ascii_isdigit(end[1]))
			return false;
		value = g_ascii_strtoull(end + 1, &end, 10);
		if (value > MAX_LINES)
			return false;
		*count = (guint)value;
	}
	*at = end;
	return true;
}

static bool is_hunk_header(const struct reader *r, guint i)
{
	return begins(r, i, "@@ -");
}

static bool read_hunk_header(const struct reader *r, guint i, struct kgr_hunk *h)
{
	const struct kgr_text_line *line = line_at(r, i);
	const char *at = line->at + strlen("@@ -"), *end = line->at + line->len;

	if (!read_range(&at, &h->old_start, &h->old_count) || !kgr_text_begins(at, " +"))
		return false;
	at += 2;
	if (!read_range(&at, &h->new_start, &h->new_count) || !kgr_text_begins(at, " @@"))
		return false;
	at += 3;
	while (at < end && g_ascii_isspace(*at))
		at++;
	while (end > at && g_ascii_isspace(end[-1]))
		end--;
	h->heading = (struct kgr_text_line){ at, (gsize)(end - at) };
	return true;
}

static void add_to(GArray *side, const char *at, gsize len)
{
	struct kgr_text_line line = { at, len };

	g_array_append_val(side, line);
}

static void cut_newline(GArray *side)
{
	struct kgr_text_line *last;

	if (!side->len)
		return;
	last = &g_array_index(side, struct kgr_text_line, side->len - 1);
	last->len -= last->len && last->at[last->len - 1] == '\n';
}

/* "\ No newline at end of file", of the line before it. */
static void note_missing_newline(struct kgr_hunk *h, char kind)
{
	if (kind != '+')
		cut_newline(h->before);
	if (kind != '-')
		cut_newline(h->after);
}

static bool add_line(struct kgr_hunk *h, struct kgr_file_diff *f, const struct kgr_text_line *line,
		     char kind)
{
	/* An empty line of context may have lost its blank. */
	gsize skip = kind == ' ' && *line->at == '\n' ? 0 : 1;

	if (kind != '+' && h->before->len == h->old_count)
		return false;
	if (kind != '-' && h->after->len == h->new_count)
		return false;
	if (kind != '+')
		add_to(h->before, line->at + skip, line->len - skip);
	if (kind != '-')
		add_to(h->after, line->at + skip, line->len - skip);
	f->added += kind == '+';
	f->removed += kind == '-';
	if (kind != ' ')
		h->trailing = 0;
	else
		h->trailing++;
	return true;
}

static bool complete(const struct kgr_hunk *h)
{
	return h->before->len == h->old_count && h->after->len == h->new_count;
}

static bool wrong_length(const struct reader *r, const struct kgr_hunk *h, guint i)
{
	g_autofree char *header = words(r, h->line - 1);

	return refuse(
		r, i,
		"the hunk at line %u of the diff ends here, with %u lines before and %u after; "
		"its header says other numbers (%.40s): the diff was cut, or edited by hand",
		h->line, h->before->len, h->after->len, header);
}

/* At the header; after it, behind the hunk's last line. */
static bool read_hunk(struct reader *r, struct kgr_file_diff *f)
{
	struct kgr_hunk *h = g_new0(struct kgr_hunk, 1);
	bool changed = false;
	char kind = 0;

	h->line = r->next + 1;
	h->before = g_array_new(FALSE, FALSE, sizeof(struct kgr_text_line));
	h->after = g_array_new(FALSE, FALSE, sizeof(struct kgr_text_line));
	g_ptr_array_add(f->hunks, h);
	if (!read_hunk_header(r, r->next, h))
		return refuse(r, r->next, "this hunk header is damaged; make the diff again");
	r->next++;
	h->body = line_at(r, r->next)->at;
	for (; r->next < r->lines->len; r->next++) {
		const struct kgr_text_line *line = line_at(r, r->next);
		char now = *line->at == '\n' ? ' ' : *line->at;

		if (now == '\\' && kind) {
			note_missing_newline(h, kind);
			continue;
		}
		if (complete(h))
			break;
		if (line->at[line->len - 1] != '\n')
			return refuse(
				r, r->next,
				"the diff ends within this line, for it has no newline: get all "
				"of it, or end the line if just that is missing");
		if (!strchr(" +-", now) || !add_line(h, f, line, now))
			return wrong_length(r, h, r->next);
		kind = now;
		changed |= kind != ' ';
		h->leading += !changed;
	}
	if (!complete(h))
		return wrong_length(r, h, r->next);
	h->size = r->next < r->lines->len ? (gsize)(line_at(r, r->next)->at - h->body) :
					    (gsize)(line_at(r, r->next - 1)->at +
						    line_at(r, r->next - 1)->len - h->body);
	return true;
}

static bool check_order(const struct reader *r, const struct kgr_file_diff *f)
{
	guint i;

	for (i = 1; i < f->hunks->len; i++) {
		const struct kgr_hunk *a = f->hunks->pdata[i - 1], *b = f->hunks->pdata[i];

		if (b->old_start < a->old_start + a->old_count)
			return refuse(r, b->line - 1,
				      "this hunk is not behind the one before it; hunks of a file "
				      "are in the order of its lines");
	}
	return true;
}

static bool is_file_header(const struct reader *r, guint i)
{
	return begins(r, i, "--- ") && begins(r, i + 1, "+++ ");
}

/*
 * Behind a hunk of full length nothing may look like more of it: git passes over such lines, so that a header with too
 * small numbers would lose a change. "-- " begins a mail's signature.
 */
static bool check_end(const struct reader *r)
{
	guint i = r->next;
	g_autofree char *line = NULL;

	while (i < r->lines->len && (begins(r, i, "\n") || begins(r, i, "\r\n")))
		i++;
	if (i == r->lines->len || is_file_header(r, i))
		return true;
	line = words(r, i);
	if (!strcmp(line, "--") || !strchr(" +-", *line) || !*line)
		return true;
	return refuse(
		r, i,
		"this line goes on where the hunk has all the lines that its header says: the "
		"diff was edited by hand, or is damaged");
}

static bool read_hunks(struct reader *r, struct kgr_file_diff *f)
{
	struct kgr_hunk *first;

	while (is_hunk_header(r, r->next)) {
		if (!read_hunk(r, f))
			return false;
	}
	first = f->hunks->pdata[0];
	if (f->hunks->len == 1 && !first->old_start && !first->old_count)
		f->created = true;
	if (f->hunks->len == 1 && !first->new_start && !first->new_count)
		f->deleted = true;
	return check_order(r, f) && check_end(r);
}

/* A header's word behind which a file's name stands, or NULL. */
static const char *word_before_name(const struct reader *r, guint i)
{
	static const char *const list[] = { "diff --git ", "--- ",	 "+++ ",    "rename from ",
					    "rename to ",  "copy from ", "copy to " };
	size_t n;

	for (n = 0; n < G_N_ELEMENTS(list); n++) {
		if (begins(r, i, list[n]))
			return list[n];
	}
	return NULL;
}

/* Is ".." one of the parts of a name in this line? */
static bool leads_upwards(const char *line)
{
	const char *at = line;

	while ((at = strstr(at, ".."))) {
		bool first = at == line || strchr(" /\"\t", at[-1]);

		at += 2;
		if (first && (*at == '/' || !*at))
			return true;
	}
	return false;
}

/* "a/./b" and "a//b" are "a/b". */
static void drop_idle_steps(char *name)
{
	static const char *const idle[] = { "/./", "//" };
	size_t i;
	char *at;

	for (i = 0; i < G_N_ELEMENTS(idle); i++) {
		size_t len = strlen(idle[i]) - 1;

		while ((at = strstr(name, idle[i])))
			memmove(at, at + len, strlen(at + len) + 1);
	}
}

/* The header from line @from, without steps on the spot in its names; where it leads out of the tree, it is refused. */
static bool take_header(const struct reader *r, struct kgr_file_diff *f, guint from)
{
	GString *header = g_string_new(NULL);
	bool ok = true;
	guint i;

	for (i = from; ok && i < r->next; i++) {
		const struct kgr_text_line *line = line_at(r, i);
		const char *word = word_before_name(r, i);
		g_autofree char *text = g_strndup(line->at, line->len);
		const char *name = text + (word ? strlen(word) : 0);

		if (word && leads_upwards(text))
			ok = refuse(r, i,
				    "this name leads out of the source tree; make the diff in the "
				    "tree's top directory");
		else if (word && (*name == '/' || kgr_text_begins(name, "\"/")) &&
			 !kgr_text_begins(name, "/dev/null"))
			ok = refuse(r, i,
				    "this name is absolute; those of a diff are relative to the "
				    "source tree");
		if (word)
			drop_idle_steps(text);
		g_string_append(header, text);
	}
	if (header->len && header->str[header->len - 1] != '\n')
		g_string_append_c(header, '\n');
	f->header = g_string_free(header, FALSE);
	return ok;
}

static bool has_prefix_dir(const struct reader *r, guint i, size_t skip, char dir)
{
	const struct kgr_text_line *line = line_at(r, i);
	const char *name = line->at + skip;

	name += *name == '"';
	return (name[0] == dir && name[1] == '/') || kgr_text_begins(name, "/dev/null");
}

static struct kgr_file_diff *add_file(struct reader *r, guint line)
{
	struct kgr_file_diff *f = g_new0(struct kgr_file_diff, 1);

	f->line = line + 1;
	f->hunks = g_ptr_array_new_with_free_func(free_hunk);
	g_ptr_array_add(r->diff->files, f);
	return f;
}

static bool read_plain_file(struct reader *r)
{
	struct kgr_file_diff *f = add_file(r, r->next);
	guint from = r->next;

	f->prefixed = has_prefix_dir(r, from, 4, 'a') && has_prefix_dir(r, from + 1, 4, 'b');
	f->reversed = has_prefix_dir(r, from, 4, 'b') && has_prefix_dir(r, from + 1, 4, 'a');
	r->next += 2;
	return take_header(r, f, from) && read_hunks(r, f);
}

static bool ends_with(const struct reader *r, guint i, const char *suffix)
{
	g_autofree char *line = words(r, i);

	return g_str_has_suffix(line, suffix);
}

/* A line of git's header; what it says. */
static bool read_git_word(const struct reader *r, guint i, struct kgr_file_diff *f)
{
	static const char *const others[] = { "similarity index ", "dissimilarity index ",
					      "rename to ", "copy to " };
	size_t n;

	if (begins(r, i, "old mode ") || begins(r, i, "new mode ") ||
	    begins(r, i, "deleted file mode ") || begins(r, i, "new file mode ") ||
	    begins(r, i, "index ")) {
		f->created |= begins(r, i, "new file mode ");
		f->deleted |= begins(r, i, "deleted file mode ");
		f->link |= ends_with(r, i, " 120000") || ends_with(r, i, " 160000");
		return true;
	}
	if (begins(r, i, "rename from ") || begins(r, i, "copy from ")) {
		f->renamed |= begins(r, i, "rename from ");
		f->copied |= begins(r, i, "copy from ");
		return true;
	}
	if (begins(r, i, "--- ") || begins(r, i, "+++ "))
		return true;
	for (n = 0; n < G_N_ELEMENTS(others); n++) {
		if (begins(r, i, others[n]))
			return true;
	}
	return false;
}

/* As far as the next file, or the end; git decides what of it is. */
static void read_binary(struct reader *r, struct kgr_file_diff *f)
{
	const char *end;

	f->binary = line_at(r, r->next)->at;
	while (r->next < r->lines->len && !begins(r, r->next, "diff --git "))
		r->next++;
	end = line_at(r, r->next - 1)->at + line_at(r, r->next - 1)->len;
	f->binary_size = (gsize)(end - f->binary);
}

static bool read_git_file(struct reader *r)
{
	guint from = r->next++;
	bool names = false;
	struct kgr_file_diff *f;

	if (!begins(r, r->next, "GIT binary patch") && !begins(r, r->next, "Binary files ") &&
	    !read_git_word(r, r->next, &(struct kgr_file_diff){ 0 }))
		return true; /* Not a header: git passes over it, too. */
	f = add_file(r, from);
	f->prefixed = begins(r, from, "diff --git a/") || begins(r, from, "diff --git \"a/");
	f->reversed = begins(r, from, "diff --git b/") || begins(r, from, "diff --git \"b/");
	while (read_git_word(r, r->next, f)) {
		names |= begins(r, r->next, "--- ");
		r->next++;
	}
	if (!take_header(r, f, from))
		return false;
	if (is_hunk_header(r, r->next))
		return read_hunks(r, f);
	if (names)
		return refuse(
			r, r->next,
			"a hunk is missing here, behind the file's names; make the diff again");
	if (begins(r, r->next, "Binary files "))
		return refuse(r, r->next,
			      "the content of a binary file is not in the diff; leave the file out "
			      "of it, or use git diff --binary");
	if (begins(r, r->next, "GIT binary patch"))
		read_binary(r, f);
	return true;
}

/* What is passed over must not look like a part of a diff. */
static bool check_passed(const struct reader *r)
{
	guint i = r->next;
	bool within = r->diff->files->len;

	if (is_hunk_header(r, i))
		return refuse(
			r, i,
			"a hunk, and no file's names before it; put its --- and +++ lines there");
	if (is_file_header(r, i))
		return refuse(r, i, "a hunk is missing behind these names; make the diff again");
	if (begins(r, i, "*** ") && begins(r, i + 1, "--- ") && begins(r, i + 2, "*****"))
		return refuse(r, i, "a context diff; make a unified one (diff -u)");
	if (begins(r, i, "diff --cc ") || begins(r, i, "diff --combined ") || begins(r, i, "@@@ -"))
		return refuse(r, i,
			      "a combined diff of a merge; make one against a single parent (git "
			      "diff COMMIT^1 COMMIT)");
	if (within && begins(r, i, "Only in ") &&
	    memchr(line_at(r, i)->at, ':', line_at(r, i)->len))
		return refuse(r, i,
			      "this file is not in the diff; make it with diff -N, or take this "
			      "line out");
	if ((begins(r, i, "Binary files ") || begins(r, i, "Files ")) && ends_with(r, i, " differ"))
		return refuse(r, i,
			      "the content of a binary file is not in the diff; leave the file out "
			      "of it");
	return true;
}

static bool read_file_or_pass(struct reader *r)
{
	if (begins(r, r->next, "diff --git "))
		return read_git_file(r);
	if (is_file_header(r, r->next) && is_hunk_header(r, r->next + 2))
		return read_plain_file(r);
	if (!check_passed(r))
		return false;
	r->next++;
	return true;
}

struct kgr_diff *kgr_diff_parse(const struct kgr_diff_text *text, GError **error)
{
	gsize size;
	const char *data = g_bytes_get_data(text->text, &size);
	g_autoptr(GArray) lines = kgr_split_lines(data, size);
	struct reader r = { .text = text, .lines = lines, .error = error };
	bool ok = true;

	r.diff = g_new0(struct kgr_diff, 1);
	r.diff->text = text;
	r.diff->files = g_ptr_array_new_with_free_func(free_file);
	while (ok && r.next < lines->len)
		ok = read_file_or_pass(&r);
	if (!ok)
		g_clear_pointer(&r.diff, kgr_diff_free);
	return r.diff;
}
