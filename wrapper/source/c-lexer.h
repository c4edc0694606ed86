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
	bool differs;
};

struct kgr_lexed {
	GArray *tokens; /* of struct kgr_token, which point into the text */
	GArray *items; /* of struct kgr_item */
};

/* kgr_lex() - divide @text, which stays the caller's and must outlive @x; comments and #line are
 * left out
 */
void kgr_lex(struct kgr_lexed *x, const char *text);

/* kgr_lexed_clear() - free tokens and items; the text stays the caller's */
void kgr_lexed_clear(struct kgr_lexed *x);

/* kgr_lexed_item() - item @n, which is less than items->len */
struct kgr_item *kgr_lexed_item(const struct kgr_lexed *x, guint n);

/* kgr_is_word() - may the character be part of an identifier or a number? */
bool kgr_is_word(char c);

/* kgr_token_is_char() - is the token this one character? */
bool kgr_token_is_char(const struct kgr_token *t, char c);

/* kgr_same_token() - have two tokens the same text, both or neither of them joined to the one before? */
bool kgr_same_token(const struct kgr_token *a, const struct kgr_token *b);

/* kgr_mark_differences() - mark items without counterpart in the same order; false if there are too many */
bool kgr_mark_differences(struct kgr_lexed *a, struct kgr_lexed *b);

#endif
