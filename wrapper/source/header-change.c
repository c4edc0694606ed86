// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What a diff changes in a header, if it changes whole static inline functions and nothing else.
 *
 * Both texts are taken apart into items (c-lexer.h). If every item that differs is "static inline TYPE
 * NAME(...) { ... }", then a unit that mentions none of the NAMEs cannot change, and the preprocessor need not
 * be run on the old text:
 *
 *   before   static inline int f(int a) { return a; }       #define ONE 1
 *   after    static inline int f(int a) { return -a; }      #define ONE 1       known: f
 *   or       static inline int f(int a) { return a; }       #define ONE 2       not known
 *
 * Macros are not expanded here, so all that looks otherwise ends the search: nothing is known then.
 */
#include <string.h>

#include "source/header-change.h"
#include "source/c-lexer.h"

/*
 * Of "static inline TYPE NAME(ARGUMENTS) { ... }", where TYPE is nothing but words and '*', the NAME.
 * Here macros are still macros: whatever looks otherwise may be anything.
 */
static const struct kgr_token *plain_inline(const struct kgr_lexed *x, const struct kgr_item *item)
{
	const struct kgr_token *t = &g_array_index(x->tokens, struct kgr_token, item->first);
	const struct kgr_token *end = t + item->count, *name;
	bool is_static = false, is_inline = false;
	int depth = 0;

	if (item->has_directive)
		return NULL;
	for (name = NULL; t < end && !kgr_token_is_char(t, '('); name = t++) {
		is_static |= kgr_token_is(t, "static");
		is_inline |= kgr_token_is(t, "inline") || kgr_token_is(t, "__always_inline");
		if (!kgr_is_word(*t->at) && !kgr_token_is_char(t, '*'))
			return NULL;
	}
	if (!is_static || !is_inline || !name || !kgr_is_word(*name->at))
		return NULL;
	for (; t < end; t++) {
		depth += kgr_token_is_char(t, '(');
		depth -= kgr_token_is_char(t, ')');
		if (!depth)
			break;
	}
	return t + 1 < end && kgr_token_is_char(t + 1, '{') && kgr_token_is_char(end - 1, '}') ?
		       name :
		       NULL;
}

static bool add_names(const struct kgr_lexed *x, GPtrArray *names)
{
	const struct kgr_item *item;
	guint n = 0;

	while ((item = kgr_next_difference(x, &n))) {
		const struct kgr_token *name = plain_inline(x, item);

		if (!name)
			return false;
		g_ptr_array_add(names, g_strndup(name->at, name->len));
	}
	return true;
}

bool kgr_changed_inlines(const char *orig, const char *patched, GPtrArray *names)
{
	g_autoptr(GPtrArray) gone = g_ptr_array_new_with_free_func(g_free);
	g_auto(kgr_lexed) a = { 0 }, b = { 0 };
	guint i;

	kgr_lex(&a, orig);
	kgr_lex(&b, patched);
	if (!kgr_find_differences(&a, &b) || !add_names(&b, names) || !add_names(&a, gone))
		return false;
	for (i = 0; i < gone->len; i++) {
		if (!g_ptr_array_find_with_equal_func(names, gone->pdata[i], g_str_equal, NULL))
			return false;
	}
	return true;
}
