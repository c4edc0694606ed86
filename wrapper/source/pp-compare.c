// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Do two preprocessed texts of a unit compile to the same code?
 *
 * Both are taken apart into items (c-lexer.h). What differs may be declarations, and static inline functions,
 * if their names are not mentioned in what does not differ: the compiler makes no code of them. So with
 *
 *   before                                  after
 *   static inline int f(void) {...}         static inline int f(void) {... other ...}
 *   int g(void) { return 1; }               int g(void) { return 1; }
 *
 * nothing changes, but with "return f();" in g() it might.
 */
#include <string.h>

#include "source/pp-compare.h"
#include "source/c-lexer.h"

static bool is_one_of(const struct kgr_token *t, const char *const *words)
{
	while (*words && !kgr_token_is(t, *words))
		words++;
	return *words;
}

/*
 * The function that an item declares or defines, or NULL if that is not for sure all that it does:
 * not with a type or a second declaration in it, and not if it is compiled though nothing mentions it.
 */
static const struct kgr_token *function_of(const struct kgr_lexed *x, const struct kgr_item *item)
{
	static const char *const parentheses[] = { "__attribute__", "__attribute", "__asm__",
						   "asm",	    "__asm",	   "typeof",
						   "__typeof__",    "_Alignas",	   NULL };
	static const char *const compiled[] = { "used",	     "__used__",    "alias",
						"__alias__", "constructor", "__constructor__",
						NULL };
	const struct kgr_token *all = &g_array_index(x->tokens, struct kgr_token, item->first);
	const struct kgr_token *name = NULL;
	bool definition = kgr_token_is_char(&all[item->count - 1], '}');
	int depth = 0;
	guint n;

	for (n = 0; n + 1 < item->count; n++) {
		const struct kgr_token *t = &all[n];

		if (kgr_token_is_char(t, '{'))
			return definition ? name : NULL;
		if (kgr_token_is_char(t, '=') || (kgr_token_is_char(t, ',') && !depth) ||
		    is_one_of(t, compiled))
			return NULL;
		if (!name && !depth && kgr_is_word(*t->at) && kgr_token_is_char(&t[1], '(') &&
		    !is_one_of(t, parentheses))
			name = t;
		depth += kgr_token_is_char(t, '(');
		depth -= kgr_token_is_char(t, ')');
	}
	return name;
}

/* Is it named in an item that both texts have? Or in one that only one has, but for its own. */
static bool is_mentioned(const struct kgr_lexed *x, const struct kgr_token *name)
{
	guint i, n;

	for (i = 0; i < x->items->len; i++) {
		const struct kgr_item *item = kgr_lexed_item(x, i);
		const struct kgr_token *own = item->differs ? function_of(x, item) : NULL;

		/* What a function mentions that nothing mentions does not count, as it is not compiled. */
		if (own && kgr_same_token(own, name))
			continue;
		for (n = item->first; n < item->first + item->count; n++) {
			const struct kgr_token *t = &g_array_index(x->tokens, struct kgr_token, n);

			if (t->len == name->len && !memcmp(t->at, name->at, t->len))
				return true;
		}
	}
	return false;
}

/* A static inline function that nothing calls is not compiled; another definition would be. */
static bool leaves_no_code(const struct kgr_lexed *x, const struct kgr_item *item)
{
	bool is_static = false, is_inline = false;
	guint n;

	if (kgr_token_is_char(
		    &g_array_index(x->tokens, struct kgr_token, item->first + item->count - 1),
		    ';'))
		return true;
	for (n = item->first; n < item->first + item->count; n++) {
		const struct kgr_token *t = &g_array_index(x->tokens, struct kgr_token, n);

		if (kgr_token_is_char(t, '('))
			break;
		is_static |= kgr_token_is(t, "static");
		is_inline |= kgr_token_is(t, "inline");
	}
	return is_static && is_inline;
}

static bool differs_in_unused_only(const struct kgr_lexed *x)
{
	const struct kgr_item *item;
	guint n = 0;

	while ((item = kgr_next_difference(x, &n))) {
		const struct kgr_token *name = function_of(x, item);

		if (!name || !leaves_no_code(x, item) || is_mentioned(x, name))
			return false;
	}
	return true;
}

bool kgr_pp_same(const char *orig, const char *patched)
{
	g_auto(kgr_lexed) a = { 0 }, b = { 0 };

	kgr_lex(&a, orig);
	kgr_lex(&b, patched);
	return kgr_find_differences(&a, &b) && differs_in_unused_only(&a) &&
	       differs_in_unused_only(&b);
}

/* Takes the function's declarations and definition for what differs; false if there is none. */
static bool set_differs(struct kgr_lexed *x, const struct kgr_token *name)
{
	bool found = false;
	guint i;

	for (i = 0; i < x->items->len; i++) {
		struct kgr_item *item = kgr_lexed_item(x, i);
		const struct kgr_token *own = function_of(x, item);

		if (own && kgr_same_token(own, name) && leaves_no_code(x, item))
			found = item->differs = true;
	}
	return found;
}

/* The first mention of a name, as a word. */
static const char *mention(const char *text, const char *name)
{
	size_t len = strlen(name);
	const char *at;

	for (at = strstr(text, name); at; at = strstr(at + len, name)) {
		if ((at == text || !kgr_is_word(at[-1])) && !kgr_is_word(at[len]))
			return at;
	}
	return NULL;
}

/* Does a static inline function's definition begin where its name is? What is in its body does not matter. */
static bool is_definition(const char *text, const char *at, const char *name)
{
	const char *start = at, *end = at + strcspn(at, "{;");
	g_auto(kgr_lexed) x = { 0 };
	g_autofree char *head = NULL;

	while (start > text && !strchr(";{}", start[-1]))
		start--;
	if (*end != '{')
		return false;
	head = g_strdup_printf("%.*s{}", (int)(end - start), start);
	kgr_lex(&x, head);
	return x.items->len == 1 &&
	       set_differs(&x, &(struct kgr_token){ name, (guint)strlen(name), false });
}

/* That is most often so, and much sooner seen than what all the text consists of. */
static bool only_defines(const char *text, const GPtrArray *names)
{
	guint i;

	for (i = 0; i < names->len; i++) {
		const char *name = names->pdata[i], *at = mention(text, name);

		if (!at || mention(at + strlen(name), name) || !is_definition(text, at, name))
			return false;
	}
	return true;
}

bool kgr_pp_same_without(const char *text, const GPtrArray *names, bool *known)
{
	g_auto(kgr_lexed) x = { 0 };
	guint i;

	*known = true;
	if (only_defines(text, names))
		return true;
	kgr_lex(&x, text);
	for (i = 0; *known && i < names->len; i++) {
		const struct kgr_token name = { names->pdata[i], (guint)strlen(names->pdata[i]),
						false };

		*known = set_differs(&x, &name);
	}
	return *known && differs_in_unused_only(&x);
}
