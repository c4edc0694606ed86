// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Line numbers of a patched file as they were before, by #line behind each change. Otherwise every WARN() and
 * might_sleep() below an added line would be compiled to another __LINE__, and its function would differ.
 *
 *   old                     new
 *   1  int a;               int a;
 *   2                       static int added;
 *                           #line 2
 *   2  int f(void)          int f(void)
 *
 * It stands before the first line behind the change where a directive may stand: one that begins with a token (a
 * comment has no __LINE__) outside of all parentheses, since a macro's arguments are in these, and that does not go on
 * with the line before. If that is within an #if, which may be off, there is another one at the first such place
 * behind its #endif, and in its #else.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/text.h"
#include "lib/error.h"
#include "lib/subprocess.h"
#include "source/c-lexer.h"
#include "source/line-directives.h"

/* Where the numbering is off: from line @from of the new file on, by @shift. */
struct shift {
	long from, shift;
};

/* diff(1) knows best; this asks it for one line "old-next new-next" a change. */
static GArray *find_shifts(const char *old, const char *new, GError **error)
{
	g_auto(kgr_subprocess) run = { 0 };
	g_auto(GStrv) lines = NULL;
	GArray *out;
	size_t i;

	kgr_subprocess_add(&run, "diff",
			   "--unchanged-group-format=", "--changed-group-format=%dm %dM%c'\\012'",
			   old, new, NULL);
	if (!kgr_subprocess_run_all(&run, 1, 1, error))
		return NULL;
	if (run.status > 1) {
		kgr_fail(error, KGR_TROUBLE, "diff could not compare %s and %s: %s", old, new,
			 g_strstrip(run.output));
		return NULL;
	}
	out = g_array_new(FALSE, FALSE, sizeof(struct shift));
	lines = g_strsplit(run.output, "\n", -1);
	for (i = 0; lines[i]; i++) {
		struct shift s;
		long was, is;

		if (sscanf(lines[i], "%ld %ld", &was, &is) != 2)
			continue;
		s.from = is;
		s.shift = was - is;
		g_array_append_val(out, s);
	}
	return out;
}

/* How many parentheses are open before an #if, and, at most, behind a branch of it. */
struct branches {
	int before, behind;
};

/* Where a text is, and what is known of it there. */
struct numbering {
	long line; /* in the new file */
	long shift; /* from a line's number to what it was before */
	bool pending; /* that is not said yet, or not in what is sure to be compiled if this line is */
	int depth, said_at; /* how many #if this line is in; how many the last directive is in */
	int parens; /* how many are open */
	GArray *branches; /* of struct branches: of each of these #if */
};

static bool is_directive(const struct kgr_token *t, const char *begins)
{
	const char *at = t->at + 1;

	if (*t->at != '#' || t->len < 2)
		return false;
	return kgr_text_begins(at + strspn(at, " \t"), begins);
}

/*
 * What is said within an #if does not count behind it. Each branch begins in as many parentheses as
 * the first; text that is off may leave any number of them open.
 */
static void follow_conditional(struct numbering *n, const struct kgr_token *t)
{
	struct branches first = { .before = n->parens }, *b;
	bool ends = is_directive(t, "endif");

	if (is_directive(t, "if")) {
		n->depth++;
		g_array_append_val(n->branches, first);
	} else if ((ends || is_directive(t, "el")) && n->depth) {
		b = &g_array_index(n->branches, struct branches, n->depth - 1);
		b->behind = MAX(b->behind, n->parens);
		n->pending |= n->depth == n->said_at;
		n->parens = ends ? b->behind : b->before;
		if (ends)
			g_array_set_size(n->branches, (guint)--n->depth);
	}
}

/* Does only white space precede the token on its line, which is none of a line that goes on? */
static bool begins_line(const struct kgr_token *t, const char *text)
{
	const char *at = t->at;

	while (at > text && (at[-1] == ' ' || at[-1] == '\t'))
		at--;
	return at == text || (at[-1] == '\n' && (at - 1 == text || at[-2] != '\\'));
}

/* No __LINE__ is in a directive, but in what #if and #include let in. A '(' may be that of a macro's call. */
static bool is_place(const struct numbering *n, const struct kgr_token *t, const char *text)
{
	if (n->parens || *t->at == '(' || !begins_line(t, text))
		return false;
	return *t->at != '#' || is_directive(t, "if");
}

static void follow_token(struct numbering *n, const struct kgr_token *t, const char *text)
{
	/* Whatever was in text that is off, here a function ends. */
	if (kgr_token_is_char(t, '}') && (t->at == text || t->at[-1] == '\n'))
		n->parens = 0;
	else if (kgr_token_is_char(t, '('))
		n->parens++;
	else if (kgr_token_is_char(t, ')') && n->parens)
		n->parens--;
	follow_conditional(n, t);
}

static void follow_shifts(struct numbering *n, const GArray *shifts, guint *next)
{
	while (*next < shifts->len && g_array_index(shifts, struct shift, *next).from <= n->line) {
		n->shift = g_array_index(shifts, struct shift, (*next)++).shift;
		n->pending = true;
	}
}

/* NULL if the text stays as it is. */
static GString *renumber(const char *text, const GArray *shifts)
{
	g_autoptr(GArray) branches = g_array_new(FALSE, FALSE, sizeof(struct branches));
	struct numbering n = { .line = 1, .branches = branches };
	g_auto(kgr_lexed) lexed = { 0 };
	const char *done = text, *counted = text;
	GString *out = NULL;
	guint next = 0, i;

	kgr_lex(&lexed, text);
	for (i = 0; i < lexed.tokens->len; i++) {
		const struct kgr_token *t = &g_array_index(lexed.tokens, struct kgr_token, i);

		for (; counted < t->at; counted++)
			n.line += *counted == '\n';
		follow_shifts(&n, shifts, &next);
		if (n.pending && is_place(&n, t, text)) {
			const char *line = t->at;

			while (line > text && line[-1] != '\n')
				line--;
			out = out ?: g_string_sized_new(strlen(text));
			g_string_append_len(out, done, line - done);
			g_string_append_printf(out, "#line %ld\n", n.line + n.shift);
			done = line;
			n.pending = false;
			n.said_at = n.depth;
		}
		follow_token(&n, t, text);
	}
	return out ? g_string_append(out, done) : NULL;
}

bool kgr_add_line_directives(const char *old, const char *new, const char *plain, GError **error)
{
	g_autoptr(GArray) shifts = find_shifts(old, new, error);
	g_autoptr(GString) out = NULL;
	g_autofree char *text = NULL;

	if (!shifts || !g_file_get_contents(new, &text, NULL, error))
		return false;
	out = shifts->len ? renumber(text, shifts) : NULL;
	if (!out)
		return true;
	if (rename(new, plain))
		return kgr_fail(error, KGR_TROUBLE, "%s: %s", plain, g_strerror(errno));
	/* It need not outlive a crash, so nobody waits for the disk. */
	return g_file_set_contents_full(new, out->str, (gssize)out->len, G_FILE_SET_CONTENTS_NONE,
					0666, error);
}
