/* SPDX-License-Identifier: GPL-3.0-or-later */
/* C, preprocessed or not, as tokens, and these as what stands at file scope. */
#ifndef KGR_C_LEXER_H
#define KGR_C_LEXER_H

#include <stdbool.h>
#include <glib.h>

struct kgr_token {
	const char *at;
	guint len;
	bool joined; /* to the one before: "++" is not "+ +" */
};

/* A declaration, or a function: up to its ';' or '}'. Or a line for the preprocessor. */
struct kgr_item {
	guint first, count; /* tokens */
	guint hash;
	bool has_directive; /* is such a line, or has one in it */
	bool differs; /* the other text has it not, or not in this order; see kgr_find_differences() */
};

struct kgr_lexed {
	GArray *tokens; /* of struct kgr_token, which point into the text */
	GArray *items; /* of struct kgr_item */
};

/* kgr_lex() - divide @text, which stays the caller's and must outlive @x; comments and #line are
 * left out
 * @x: filled in; kgr_lexed_clear() it
 */
void kgr_lex(struct kgr_lexed *x, const char *text);

/* kgr_lexed_clear() - free tokens and items; the text stays the caller's */
void kgr_lexed_clear(struct kgr_lexed *x);

typedef struct kgr_lexed kgr_lexed;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(kgr_lexed, kgr_lexed_clear)

/* kgr_lexed_item() - item @n, which is less than items->len */
struct kgr_item *kgr_lexed_item(const struct kgr_lexed *x, guint n);

/* kgr_lexed_token() - token @n, which is less than tokens->len */
const struct kgr_token *kgr_lexed_token(const struct kgr_lexed *x, guint n);

/* kgr_token_is_identifier() - is it a name or a keyword? */
bool kgr_token_is_identifier(const struct kgr_token *t);

/* kgr_lexed_closing() - the token before @end that closes what token @n, "{" or "(", opens; @end if none does */
guint kgr_lexed_closing(const struct kgr_lexed *x, guint n, guint end);

/* kgr_is_word() - may the character be part of an identifier or a number? */
bool kgr_is_word(char c);

/* kgr_token_is_char() - is the token this one character? */
bool kgr_token_is_char(const struct kgr_token *t, char c);

/* kgr_token_is() - is the token this word? */
bool kgr_token_is(const struct kgr_token *t, const char *word);

/* kgr_same_token() - have two tokens the same text, both or neither of them joined to the one before? */
bool kgr_same_token(const struct kgr_token *a, const struct kgr_token *b);

/* kgr_find_differences() - set differs in the items of both that have no counterpart in the same order
 *
 * Returns false if there are too many to tell; differs is not set then.
 */
bool kgr_find_differences(struct kgr_lexed *a, struct kgr_lexed *b);

/* kgr_next_difference() - the first item that differs, from number @n on; NULL behind the last
 * @n: 0 at first; moved behind the item
 */
const struct kgr_item *kgr_next_difference(const struct kgr_lexed *x, guint *n);

#endif
