// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Reads what was given as a diff, as git does.
 *
 * Whether it is a mail is decided as git am decides: it begins with "From ", or with nothing but
 * header lines ("Name: ...") as far as the first empty one. A mail is cut by git mailsplit and git
 * mailinfo, which also decode quoted-printable and base64; what stands in the message, indented,
 * quoted or not, is no diff to them until a line that begins one. Anything else is text with a diff
 * in it somewhere (git show, quilt, plain diff).
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/text.h"
#include "lib/error.h"
#include "lib/git.h"
#include "lib/tmpdir.h"
#include "lib/unpack.h"
#include "source/diff-input.h"

struct kgr_diff_text *kgr_diff_text_new(const char *name, GBytes *text, guint line)
{
	struct kgr_diff_text *t = g_new0(struct kgr_diff_text, 1);

	t->name = g_strdup(name);
	t->text = text;
	t->line = line;
	return t;
}

void kgr_diff_text_free(gpointer data)
{
	struct kgr_diff_text *t = data;

	g_free(t->name);
	g_bytes_unref(t->text);
	g_free(t);
}

char *kgr_diff_place(const struct kgr_diff_text *t, guint line)
{
	if (!t->line)
		return g_strdup_printf("%s (decoded):%u", t->name, line);
	return g_strdup_printf("%s:%u", t->name, t->line + line - 1);
}

/* It can be read but once: who asks again has the same. */
static GBytes *read_stdin(GError **error)
{
	static GBytes *known;
	g_autoptr(GByteArray) all = g_byte_array_new();
	guint8 buffer[65536];
	size_t got;

	if (known)
		return g_bytes_ref(known);
	while ((got = fread(buffer, 1, sizeof(buffer), stdin)))
		g_byte_array_append(all, buffer, (guint)got);
	if (ferror(stdin)) {
		kgr_fail(error, KGR_TROUBLE, "standard input cannot be read");
		return NULL;
	}
	known = g_byte_array_free_to_bytes(g_steal_pointer(&all));
	return g_bytes_ref(known);
}

static GBytes *read_all(const char *path, GError **error)
{
	char *text;
	gsize size;

	if (!strcmp(path, "-"))
		return read_stdin(error);
	if (!g_file_get_contents(path, &text, &size, error))
		return NULL;
	return g_bytes_new_take(text, size);
}

/* "Subject: ...", or what continues such a line. */
static bool is_header(const char *line, size_t len)
{
	size_t i;

	if (len && (line[0] == ' ' || line[0] == '\t'))
		return true;
	for (i = 0; i < len && line[i] > ' ' && line[i] < 127 && line[i] != ':'; i++)
		;
	return i && i < len && line[i] == ':';
}

static bool is_mail(const char *text, size_t size)
{
	const char *end = text + size;
	bool any = false;

	while (text < end && (*text == '\n' || *text == '\r'))
		text++;
	if (kgr_text_begins(text, "From ") || kgr_text_begins(text, "From: "))
		return true;
	while (text < end) {
		const char *eol = memchr(text, '\n', (size_t)(end - text)) ?: end;
		size_t len = (size_t)(eol - text);

		if (!len || (len == 1 && *text == '\r'))
			return any;
		if (!is_header(text, len) || (!any && g_ascii_isspace(*text)))
			return false;
		any = true;
		text = eol + 1;
	}
	return false;
}

/* The line of @whole at which @part stands, or 0. */
static guint line_of(GBytes *whole, GBytes *part)
{
	gsize size, part_size;
	const char *text = g_bytes_get_data(whole, &size), *at;
	const char *cut = g_bytes_get_data(part, &part_size);
	const char *found = memmem(text, size, cut, part_size);
	guint line = 1;

	if (!found)
		return 0;
	for (at = text; (at = memchr(at, '\n', (size_t)(found - at))); at++)
		line++;
	return line;
}

static bool git_fails(const char *name, const GString *said, int status, GError **error)
{
	g_autofree char *words = said && status ? kgr_git_words(said) : NULL;

	if (!words)
		return !said;
	kgr_fail(error, KGR_REFUSED, "%s is a mail that git cannot read: %s; give its diff alone",
		 name, words);
	return true;
}

static bool take_mail(const char *name, GBytes *whole, const char *dir, const char *mail,
		      GPtrArray *texts, GError **error)
{
	const char *const args[] = { "mailinfo", "-n", "message", "patch", NULL };
	g_autofree char *patch = g_build_filename(dir, "patch", NULL);
	g_autoptr(GString) said = NULL;
	g_autoptr(GBytes) cut = NULL;
	int status;

	said = kgr_git(args, dir, mail, &status, error);
	if (git_fails(name, said, status, error))
		return false;
	cut = read_all(patch, error);
	if (!cut)
		return false;
	if (g_bytes_get_size(cut))
		g_ptr_array_add(texts,
				kgr_diff_text_new(name, g_bytes_ref(cut), line_of(whole, cut)));
	return true;
}

static bool take_mails(const char *name, GBytes *whole, const char *dir, GPtrArray *texts,
		       GError **error)
{
	const char *const args[] = { "mailsplit", "-b", "-d8", "-o.", "mailbox", NULL };
	g_autofree char *box = g_build_filename(dir, "mailbox", NULL);
	g_autoptr(GString) said = NULL;
	int status, count, i;
	bool ok;
	gsize size;
	const char *text = g_bytes_get_data(whole, &size);

	if (!g_file_set_contents(box, text, (gssize)size, error))
		return false;
	said = kgr_git(args, dir, NULL, &status, error);
	if (git_fails(name, said, status, error))
		return false;
	count = atoi(said->str);
	for (ok = true, i = 1; ok && i <= count; i++) {
		g_autofree char *number = g_strdup_printf("%08d", i);
		g_autofree char *mail = g_build_filename(dir, number, NULL);

		ok = take_mail(name, whole, dir, mail, texts, error);
	}
	return ok;
}

static bool is_text(const struct kgr_diff_text *t, GError **error)
{
	gsize size;
	const char *text = g_bytes_get_data(t->text, &size);

	return !memchr(text, 0, size) ||
	       kgr_fail(error, KGR_REFUSED,
			"%s is no text: no diff in it, nor compressed with gzip, xz, zstd or bzip2",
			t->name);
}

static bool begins_diff(const char *line)
{
	return kgr_text_begins(line, "diff ") || kgr_text_begins(line, "--- ") ||
	       kgr_text_begins(line, "+++ ") || kgr_text_begins(line, "@@ ");
}

/* "\033[1mdiff --git ...": what git shows on a terminal. */
static bool check_colours(const struct kgr_diff_text *t, GError **error)
{
	const char *text = g_bytes_get_data(t->text, NULL), *at = text;
	g_autofree char *place = NULL;
	guint line = 1;

	for (; at; at = strchr(at, '\n'), at = at ? at + 1 : NULL, line++) {
		const char *shown = at;

		while (kgr_text_begins(shown, "\033[")) {
			shown += 2;
			shown += strspn(shown, "0123456789;");
			shown += *shown == 'm' || *shown == 'K';
		}
		if (shown == at || !begins_diff(shown))
			continue;
		place = kgr_diff_place(t, line);
		return kgr_fail(error, KGR_REFUSED,
				"%s: colour codes, as for a terminal; make the diff without them "
				"(git diff --no-color)",
				place);
	}
	return true;
}

static bool take(const char *name, GBytes *whole, const char *dir, GPtrArray *texts, GError **error)
{
	gsize size;
	const char *text = g_bytes_get_data(whole, &size);
	g_autofree char *mails = NULL;
	guint i = texts->len;
	bool ok = true;

	if (!size)
		return kgr_fail(error, KGR_REFUSED, "%s is empty: no diff in it", name);
	if (is_mail(text, size)) {
		mails = g_build_filename(dir, "mails-XXXXXX", NULL);
		if (!g_mkdtemp(mails))
			return kgr_fail(error, KGR_TROUBLE, "%s cannot be made", mails);
		ok = take_mails(name, whole, mails, texts, error);
		kgr_remove_tree(mails);
	} else {
		g_ptr_array_add(texts, kgr_diff_text_new(name, g_bytes_ref(whole), 1));
	}
	for (; ok && i < texts->len; i++)
		ok = is_text(texts->pdata[i], error) && check_colours(texts->pdata[i], error);
	return ok;
}

/* A NUL behind the text ends strings that are looked for in it. */
static GBytes *terminated(GBytes *bytes)
{
	gsize size;
	const char *data = g_bytes_get_data(bytes, &size);
	char *copy = g_malloc(size + 1);

	if (size)
		memcpy(copy, data, size);
	copy[size] = 0;
	return g_bytes_new_with_free_func(copy, size, g_free, copy);
}

bool kgr_diff_read(const char *path, const char *dir, GPtrArray *texts, GError **error)
{
	const char *name = strcmp(path, "-") ? path : "standard input";
	g_autoptr(GBytes) given = read_all(path, error), text = NULL, whole = NULL;

	text = given ? kgr_unpack_bytes(given, name, error) : NULL;
	if (!text)
		return false;
	whole = terminated(text);
	return take(name, whole, dir, texts, error);
}
