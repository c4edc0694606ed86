// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * C text as tokens, and tokens as items: an item is what stands on its own at file scope, up to ";" or the
 * "}" that ends a body. "int a; static int f(void) { return a; }" has two. Comments and line markers are no
 * tokens.
 *
 * Two texts are compared by items as diff(1) compares by lines: of the longest sequence that both have,
 *
 *   a:  int x;  void f(void);  int y;            common: int x;  int y;
 *   b:  int x;  int y;  int z;                   differ: void f(void); in a, int z; in b
 *
 * what does not belong to it differs. What both begin and end with is found first, item by item; the rest costs
 * its product in time and memory, so there is a limit to it.
 */
#include <string.h>

#include "lib/text.h"
#include "source/c-lexer.h"

#define MAX_CHANGED 500 /* items; above that comparing takes longer than compiling */

/* Of one that does not end on its line there is no more: text that is not compiled may have an apostrophe. */
static const char *end_of_literal(const char *s)
{
	char quote = *s++;

	while (*s && *s != quote && *s != '\n')
		s += *s == '\\' && s[1] ? 2 : 1;
	return *s == quote ? s + 1 : s;
}

static const char *end_of_comment(const char *s)
{
	const char *end = s[1] == '*' ? strstr(s + 2, "*/") : strchr(s, '\n');

	if (!end)
		return s + strlen(s);
	return s[1] == '*' ? end + 2 : end;
}

/* @last: gets the place behind what it says; a comment may follow */
static const char *end_of_directive(const char *s, const char **last)
{
	while (*s && *s != '\n') {
		/* It goes on behind a comment of several lines. */
		if (*s == '/' && (s[1] == '*' || s[1] == '/'))
			s = end_of_comment(s);
		else if (g_ascii_isspace(*s))
			s++;
		else if (*s == '"' || *s == '\'')
			*last = s = end_of_literal(s);
		else
			*last = s += *s == '\\' && s[1] ? 2 : 1;
	}
	return s;
}

bool kgr_is_word(char c)
{
	return g_ascii_isalnum(c) || c == '_' || c == '$';
}

/* BUILD_BUG_ON() and READ_ONCE() declare functions that do not exist, one for each place. */
static guint without_counter(const char *at, guint len)
{
	static const char *const counted[] = { "__compiletime_assert_", "__UNIQUE_ID_" };
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(counted); i++) {
		if (len < strlen(counted[i]) || strncmp(at, counted[i], strlen(counted[i])) != 0)
			continue;
		while (g_ascii_isdigit(at[len - 1]))
			len--;
	}
	return len;
}

static void split(const char *s, GArray *tokens)
{
	const char *start = s;
	bool line_begins = true;

	for (; *s; line_begins = false) {
		struct kgr_token t = { .at = s };

		if (g_ascii_isspace(*s)) {
			for (; g_ascii_isspace(*s); s++)
				line_begins |= *s == '\n';
			t.at = s;
		}
		if (!*s)
			break;
		if (*s == '/' && (s[1] == '*' || s[1] == '/')) {
			s = end_of_comment(s);
			continue;
		}
		if (*s == '#' && line_begins) {
			const char *last = s;

			s = end_of_directive(s, &last);
			t.len = (guint)(last - t.at);
			/* A line's number means nothing here. */
			if (kgr_text_begins(t.at, "#line "))
				continue;
		} else if (*s == '"' || *s == '\'') {
			s = end_of_literal(s);
			t.len = (guint)(s - t.at);
		} else if (kgr_is_word(*s)) {
			while (kgr_is_word(*s))
				s++;
			t.len = without_counter(t.at, (guint)(s - t.at));
		} else {
			s++;
			t.len = 1;
			t.joined = t.at > start && g_ascii_ispunct(t.at[-1]);
		}
		g_array_append_val(tokens, t);
	}
}

bool kgr_token_is_char(const struct kgr_token *t, char c)
{
	return t->len == 1 && *t->at == c;
}

bool kgr_token_is(const struct kgr_token *t, const char *word)
{
	return t->len == strlen(word) && !memcmp(t->at, word, t->len);
}

bool kgr_same_token(const struct kgr_token *a, const struct kgr_token *b)
{
	return a->len == b->len && a->joined == b->joined && !memcmp(a->at, b->at, a->len);
}

static bool is_directive(const struct kgr_token *t)
{
	return *t->at == '#' && t->len > 1;
}

static guint add_to_hash(guint hash, const struct kgr_token *t)
{
	guint i;

	for (i = 0; i < t->len; i++)
		hash = hash * 31 + (guchar)t->at[i];
	return hash * 31 + 1 + t->joined;
}

/* A '}' ends an item unless an initialiser, a declarator or an attribute follows. */
static bool ends_item(const struct kgr_lexed *x, guint n, bool body)
{
	const struct kgr_token *t = &g_array_index(x->tokens, struct kgr_token, n);

	return kgr_token_is_char(t, ';') || (kgr_token_is_char(t, '}') && body);
}

static void find_items(struct kgr_lexed *x)
{
	struct kgr_item item = { 0 };
	bool body = false; /* the braces are a function's: they follow a ')' */
	int depth = 0;
	guint n;

	for (n = 0; n < x->tokens->len; n++) {
		const struct kgr_token *t = &g_array_index(x->tokens, struct kgr_token, n);

		item.hash = add_to_hash(item.hash, t);
		if (is_directive(t)) {
			item.has_directive = true;
			if (n > item.first)
				continue;
			item.count = 1;
			g_array_append_val(x->items, item);
			item = (struct kgr_item){ .first = n + 1 };
			continue;
		}
		if (kgr_token_is_char(t, '{') && !depth)
			body = n > item.first &&
			       kgr_token_is_char(&g_array_index(x->tokens, struct kgr_token, n - 1),
						 ')');
		depth += kgr_token_is_char(t, '{') || kgr_token_is_char(t, '(') ||
			 kgr_token_is_char(t, '[');
		depth -= kgr_token_is_char(t, '}') || kgr_token_is_char(t, ')') ||
			 kgr_token_is_char(t, ']');
		if (depth || !ends_item(x, n, body))
			continue;
		item.count = n + 1 - item.first;
		g_array_append_val(x->items, item);
		item = (struct kgr_item){ .first = n + 1 };
		body = false;
	}
	item.count = n - item.first;
	if (item.count)
		g_array_append_val(x->items, item);
}

void kgr_lex(struct kgr_lexed *x, const char *s)
{
	x->tokens = g_array_new(FALSE, FALSE, sizeof(struct kgr_token));
	x->items = g_array_new(FALSE, FALSE, sizeof(struct kgr_item));
	split(s, x->tokens);
	find_items(x);
}

void kgr_lexed_clear(struct kgr_lexed *x)
{
	g_clear_pointer(&x->tokens, g_array_unref);
	g_clear_pointer(&x->items, g_array_unref);
}

struct kgr_item *kgr_lexed_item(const struct kgr_lexed *x, guint n)
{
	return &g_array_index(x->items, struct kgr_item, n);
}

const struct kgr_token *kgr_lexed_token(const struct kgr_lexed *x, guint n)
{
	return &g_array_index(x->tokens, struct kgr_token, n);
}

guint kgr_lexed_closing(const struct kgr_lexed *x, guint n, guint end)
{
	char opens = *kgr_lexed_token(x, n)->at, closes = opens == '{' ? '}' : ')';
	int depth = 0;

	for (; n < end; n++) {
		depth += kgr_token_is_char(kgr_lexed_token(x, n), opens);
		depth -= kgr_token_is_char(kgr_lexed_token(x, n), closes);
		if (!depth)
			return n;
	}
	return end;
}

bool kgr_token_is_identifier(const struct kgr_token *t)
{
	return kgr_is_word(*t->at) && !g_ascii_isdigit(*t->at);
}

const struct kgr_item *kgr_next_difference(const struct kgr_lexed *x, guint *n)
{
	while (*n < x->items->len) {
		const struct kgr_item *item = kgr_lexed_item(x, (*n)++);

		if (item->differs)
			return item;
	}
	return NULL;
}

static bool same_item(const struct kgr_lexed *a, const struct kgr_item *i,
		      const struct kgr_lexed *b, const struct kgr_item *j)
{
	guint n;

	if (i->hash != j->hash || i->count != j->count)
		return false;
	for (n = 0; n < i->count; n++) {
		if (!kgr_same_token(&g_array_index(a->tokens, struct kgr_token, i->first + n),
				    &g_array_index(b->tokens, struct kgr_token, j->first + n)))
			return false;
	}
	return true;
}

bool kgr_find_differences(struct kgr_lexed *a, struct kgr_lexed *b)
{
	guint head = 0, tail = 0, na = a->items->len, nb = b->items->len, i, j;
	/* By i and j: the length of what is common to a from head + i on and b from head + j on. */
	g_autofree guint *longest = NULL;
	guint width;

	while (head < na && head < nb &&
	       same_item(a, kgr_lexed_item(a, head), b, kgr_lexed_item(b, head)))
		head++;
	while (tail < na - head && tail < nb - head &&
	       same_item(a, kgr_lexed_item(a, na - 1 - tail), b, kgr_lexed_item(b, nb - 1 - tail)))
		tail++;
	na -= tail;
	nb -= tail;
	if (na - head > MAX_CHANGED || nb - head > MAX_CHANGED)
		return false;
	width = nb - head + 1;
	longest = g_new0(guint, (na - head + 1) * width);
	for (i = na - head; i-- > 0;) {
		for (j = nb - head; j-- > 0;) {
			bool same = same_item(a, kgr_lexed_item(a, head + i), b,
					      kgr_lexed_item(b, head + j));

			longest[i * width + j] = same ? longest[(i + 1) * width + j + 1] + 1 :
							MAX(longest[(i + 1) * width + j],
							    longest[i * width + j + 1]);
		}
	}
	for (i = head, j = head; i < na || j < nb;) {
		if (i < na && j < nb &&
		    same_item(a, kgr_lexed_item(a, i), b, kgr_lexed_item(b, j))) {
			i++;
			j++;
		} else if (j >= nb ||
			   (i < na && longest[(i - head + 1) * width + j - head] >=
					      longest[(i - head) * width + j - head + 1])) {
			kgr_lexed_item(a, i++)->differs = true;
		} else {
			kgr_lexed_item(b, j++)->differs = true;
		}
	}
	return true;
}
