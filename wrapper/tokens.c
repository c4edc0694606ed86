// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>
#include <glib.h>

#include "tokens.h"

#define MAX_CHANGED 500 /* declarations; above that comparing takes longer than compiling */

struct token {
	const char *at;
	guint len;
	bool joined; /* to the one before: "++" is not "+ +" */
};

/* A declaration at file scope, or a function: up to its ';' or '}'. */
struct item {
	guint first, count; /* tokens */
	guint hash;
	bool differs;
};

struct text {
	GArray *tokens; /* of struct token */
	GArray *items; /* of struct item */
};

static const char *end_of_literal(const char *s)
{
	char quote = *s++;

	while (*s && *s != quote)
		s += *s == '\\' && s[1] ? 2 : 1;
	return *s ? s + 1 : s;
}

static bool is_word(char c)
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

	while (*s) {
		struct token t = { .at = s };

		if (g_ascii_isspace(*s)) {
			s++;
			continue;
		}
		if (*s == '"' || *s == '\'') {
			s = end_of_literal(s);
			t.len = (guint)(s - t.at);
		} else if (is_word(*s)) {
			while (is_word(*s))
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

static bool is_char(const struct token *t, char c)
{
	return t->len == 1 && *t->at == c;
}

static bool same_token(const struct token *a, const struct token *b)
{
	return a->len == b->len && a->joined == b->joined && !memcmp(a->at, b->at, a->len);
}

static guint add_to_hash(guint hash, const struct token *t)
{
	guint i;

	for (i = 0; i < t->len; i++)
		hash = hash * 31 + (guchar)t->at[i];
	return hash * 31 + 1 + t->joined;
}

/* A '}' ends an item unless an initialiser, a declarator or an attribute follows. */
static bool ends_item(const struct text *x, guint n, bool body)
{
	const struct token *t = &g_array_index(x->tokens, struct token, n);

	return is_char(t, ';') || (is_char(t, '}') && body);
}

static void find_items(struct text *x)
{
	struct item item = { 0 };
	bool body = false; /* the braces are a function's: they follow a ')' */
	int depth = 0;
	guint n;

	for (n = 0; n < x->tokens->len; n++) {
		const struct token *t = &g_array_index(x->tokens, struct token, n);

		item.hash = add_to_hash(item.hash, t);
		if (is_char(t, '{') && !depth)
			body = n > item.first &&
			       is_char(&g_array_index(x->tokens, struct token, n - 1), ')');
		depth += is_char(t, '{') || is_char(t, '(') || is_char(t, '[');
		depth -= is_char(t, '}') || is_char(t, ')') || is_char(t, ']');
		if (depth || !ends_item(x, n, body))
			continue;
		item.count = n + 1 - item.first;
		g_array_append_val(x->items, item);
		item = (struct item){ .first = n + 1 };
		body = false;
	}
	item.count = n - item.first;
	if (item.count)
		g_array_append_val(x->items, item);
}

static void text_init(struct text *x, const char *s)
{
	x->tokens = g_array_new(FALSE, FALSE, sizeof(struct token));
	x->items = g_array_new(FALSE, FALSE, sizeof(struct item));
	split(s, x->tokens);
	find_items(x);
}

static void text_clear(struct text *x)
{
	g_array_unref(x->tokens);
	g_array_unref(x->items);
}

static struct item *item_at(const struct text *x, guint n)
{
	return &g_array_index(x->items, struct item, n);
}

static bool same_item(const struct text *a, const struct item *i, const struct text *b,
		      const struct item *j)
{
	guint n;

	if (i->hash != j->hash || i->count != j->count)
		return false;
	for (n = 0; n < i->count; n++) {
		if (!same_token(&g_array_index(a->tokens, struct token, i->first + n),
				&g_array_index(b->tokens, struct token, j->first + n)))
			return false;
	}
	return true;
}

/* Mark what has no counterpart in the same order; false if there is too much of it. */
static bool mark_differences(struct text *a, struct text *b)
{
	guint head = 0, tail = 0, na = a->items->len, nb = b->items->len, i, j;
	guint *longest; /* common to what begins at i and j */
	guint width;

	while (head < na && head < nb && same_item(a, item_at(a, head), b, item_at(b, head)))
		head++;
	while (tail < na - head && tail < nb - head &&
	       same_item(a, item_at(a, na - 1 - tail), b, item_at(b, nb - 1 - tail)))
		tail++;
	na -= tail;
	nb -= tail;
	if (na - head > MAX_CHANGED || nb - head > MAX_CHANGED)
		return false;
	width = nb - head + 1;
	longest = g_new0(guint, (na - head + 1) * width);
	for (i = na - head; i-- > 0;) {
		for (j = nb - head; j-- > 0;) {
			bool same = same_item(a, item_at(a, head + i), b, item_at(b, head + j));

			longest[i * width + j] = same ? longest[(i + 1) * width + j + 1] + 1 :
							MAX(longest[(i + 1) * width + j],
							    longest[i * width + j + 1]);
		}
	}
	for (i = head, j = head; i < na || j < nb;) {
		if (i < na && j < nb && same_item(a, item_at(a, i), b, item_at(b, j))) {
			i++;
			j++;
		} else if (j >= nb ||
			   (i < na && longest[(i - head + 1) * width + j - head] >=
					      longest[(i - head) * width + j - head + 1])) {
			item_at(a, i++)->differs = true;
		} else {
			item_at(b, j++)->differs = true;
		}
	}
	g_free(longest);
	return true;
}

static bool is_one_of(const struct token *t, const char *const *words)
{
	for (; *words; words++) {
		if (t->len == strlen(*words) && !memcmp(t->at, *words, t->len))
			return true;
	}
	return false;
}

/*
 * The function that an item declares or defines, or NULL if that is not for sure all that it does:
 * not with a type or a second declaration in it, and not if it is kept though nobody mentions it.
 */
static const struct token *function_of(const struct text *x, const struct item *item)
{
	static const char *const parentheses[] = { "__attribute__", "__attribute", "__asm__",
						   "asm",	    "__asm",	   "typeof",
						   "__typeof__",    "_Alignas",	   NULL };
	static const char *const kept[] = { "used",	   "__used__",	      "alias", "__alias__",
					    "constructor", "__constructor__", NULL };
	const struct token *all = &g_array_index(x->tokens, struct token, item->first);
	const struct token *name = NULL;
	bool definition = is_char(&all[item->count - 1], '}');
	int depth = 0;
	guint n;

	for (n = 0; n + 1 < item->count; n++) {
		const struct token *t = &all[n];

		if (is_char(t, '{'))
			return definition ? name : NULL;
		if (is_char(t, '=') || (is_char(t, ',') && !depth) || is_one_of(t, kept))
			return NULL;
		if (!name && !depth && is_word(*t->at) && is_char(&t[1], '(') &&
		    !is_one_of(t, parentheses))
			name = t;
		depth += is_char(t, '(');
		depth -= is_char(t, ')');
	}
	return name;
}

/* Is it named in an item that both texts have? Or in one that only one has, but for its own. */
static bool is_mentioned(const struct text *x, const struct token *name)
{
	guint i, n;

	for (i = 0; i < x->items->len; i++) {
		const struct item *item = item_at(x, i);
		const struct token *own = item->differs ? function_of(x, item) : NULL;

		/* That of a function which nobody mentions does not count, as it is not compiled. */
		if (own && same_token(own, name))
			continue;
		for (n = item->first; n < item->first + item->count; n++) {
			const struct token *t = &g_array_index(x->tokens, struct token, n);

			if (t->len == name->len && !memcmp(t->at, name->at, t->len))
				return true;
		}
	}
	return false;
}

/* A static inline function that nobody calls is not compiled; another definition would be. */
static bool leaves_no_code(const struct text *x, const struct item *item)
{
	bool is_static = false, is_inline = false;
	guint n;

	if (is_char(&g_array_index(x->tokens, struct token, item->first + item->count - 1), ';'))
		return true;
	for (n = item->first; n < item->first + item->count; n++) {
		const struct token *t = &g_array_index(x->tokens, struct token, n);

		if (is_char(t, '('))
			break;
		is_static |= t->len == 6 && !memcmp(t->at, "static", 6);
		is_inline |= t->len == 6 && !memcmp(t->at, "inline", 6);
	}
	return is_static && is_inline;
}

static bool differs_in_unused_only(const struct text *x)
{
	guint i;

	for (i = 0; i < x->items->len; i++) {
		const struct item *item = item_at(x, i);
		const struct token *name;

		if (!item->differs)
			continue;
		name = function_of(x, item);
		if (!name || !leaves_no_code(x, item) || is_mentioned(x, name))
			return false;
	}
	return true;
}

bool kgr_same_meaning(const char *orig, const char *patched)
{
	struct text a, b;
	bool same;

	text_init(&a, orig);
	text_init(&b, patched);
	same = mark_differences(&a, &b) && differs_in_unused_only(&a) && differs_in_unused_only(&b);
	text_clear(&a);
	text_clear(&b);
	return same;
}
