// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Looks at each place where C names a structure, or the type of a variable, for what is more than a declaration:
 *
 *	struct foo foo = { 1 };				a variable: goes on
 *	int sum(struct foo *foo)			a parameter: the same
 *	(struct foo){ 1 }				no pointer
 *	sizeof(struct foo), sizeof(foo)			may be copied, byte by byte, to where others know its layout
 *	(struct foo *)p, __builtin_offsetof(struct foo, at)	leads back
 *	typedef struct foo other;			another name for it, under which all that may be done
 *	READ_ONCE(foo.x): typeof(foo.x)			the type of a member
 *	(typeof(*foo) *)p				leads back
 *
 * container_of() and list_entry() are a cast and an offset when they have been expanded. So whoever comes from a member
 * of foo to foo has one of these, or gives it to what is declared as a pointer to one.
 */
#include "source/c-lexer.h"
#include "source/container-use.h"

struct text {
	struct kgr_lexed lexed;
	const char *kind; /* "struct" or "union" */
	const char *tag;
	const GPtrArray *names;
};

/* The token with number @n; an empty one in front of the first and behind the last. */
static const struct kgr_token *at(const struct text *x, guint n)
{
	static const struct kgr_token none = { "", 0, false };

	return n < x->lexed.tokens->len ? &g_array_index(x->lexed.tokens, struct kgr_token, n) :
					  &none;
}

static bool is_one_of(const struct kgr_token *t, const char *const *words)
{
	while (*words && !kgr_token_is(t, *words))
		words++;
	return *words;
}

static bool is_qualifier(const struct kgr_token *t)
{
	static const char *const words[] = {
		"const",   "volatile",	   "restrict", "__restrict", "__restrict__",
		"__const", "__volatile__", "static",   "register",   "extern",
		"inline",  "auto",	   NULL
	};

	return is_one_of(t, words);
}

static bool is_typeof(const struct kgr_token *t)
{
	static const char *const words[] = { "typeof", "__typeof__", "__typeof", "sizeof", NULL };

	return is_one_of(t, words);
}

static bool is_char(const struct text *x, guint n, char c)
{
	return kgr_token_is_char(at(x, n), c);
}

static bool is_attribute(const struct kgr_token *t)
{
	return kgr_token_is(t, "__attribute__") || kgr_token_is(t, "__attribute");
}

/* Before the name of a type, past its qualifiers; behind the last token if there is nothing. */
static guint before(const struct text *x, guint n)
{
	while (n && is_qualifier(at(x, n - 1)))
		n--;
	return n - 1;
}

/* "struct foo" begins at @n. */
static bool is_more_than_declared(const struct text *x, guint n)
{
	guint front = before(x, n), pointers = 0, next = n + 2;

	if (kgr_token_is(at(x, front), "typedef") ||
	    (is_char(x, front, '(') && is_typeof(at(x, front - 1))))
		return true;
	while (is_char(x, next, '*') || is_qualifier(at(x, next))) {
		pointers += is_char(x, next, '*');
		next++;
	}
	if (kgr_is_word(*at(x, next)->at))
		return is_attribute(at(x, next));
	return pointers ||
	       (!is_char(x, next, '{') && !is_char(x, next, ';') && !is_char(x, next, ')'));
}

static bool is_name(const struct text *x, const struct kgr_token *t)
{
	guint i;

	for (i = 0; i < x->names->len; i++) {
		if (kgr_token_is(t, x->names->pdata[i]))
			return true;
	}
	return false;
}

/* "->" is two tokens of a character each. */
static bool is_member_of(const struct text *x, guint n)
{
	return is_char(x, n, '.') || (is_char(x, n, '-') && is_char(x, n + 1, '>'));
}

/* Is the type that is asked for at @n that of one, or of a pointer to one? */
static bool is_type_of_one(const struct text *x, guint n)
{
	guint depth = 0, i = n + 1;

	do {
		depth += is_char(x, i, '(');
		depth -= depth && is_char(x, i, ')');
		if (is_name(x, at(x, i)) && !is_member_of(x, i + 1))
			return true;
		i++;
	} while (depth && i < x->lexed.tokens->len);
	return false;
}

static bool look(const struct text *x)
{
	guint n;

	for (n = 0; n < x->lexed.tokens->len; n++) {
		if (kgr_token_is(at(x, n), x->kind) && kgr_token_is(at(x, n + 1), x->tag) &&
		    is_more_than_declared(x, n))
			return true;
		if (is_typeof(at(x, n)) && is_type_of_one(x, n))
			return true;
	}
	return false;
}

bool kgr_has_container_use(const char *text, const char *type, const GPtrArray *names)
{
	g_auto(GStrv) words = g_strsplit(type, " ", 2);
	struct text x = { .kind = words[0], .tag = words[1], .names = names };
	bool leads;

	if (!x.tag)
		return true;
	kgr_lex(&x.lexed, text);
	leads = look(&x);
	kgr_lexed_clear(&x.lexed);
	return leads;
}
