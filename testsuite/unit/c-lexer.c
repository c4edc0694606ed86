// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "unit.h"
#include "source/c-lexer.h"

/* The tokens with bars between them; one that is joined to the one before follows a '~'. */
static void tokens_are(const char *text, const char *want)
{
	GString *got = g_string_new(NULL);
	struct kgr_lexed x;
	guint i;

	kgr_lex(&x, text);
	for (i = 0; i < x.tokens->len; i++) {
		const struct kgr_token *t = &g_array_index(x.tokens, struct kgr_token, i);

		g_string_append(got, !i ? "" : t->joined ? "~" : "|");
		g_string_append_len(got, t->at, t->len);
	}
	assert_string_equal(got->str, want);
	g_string_free(got, TRUE);
	kgr_lexed_clear(&x);
}

static guint items_of(const char *text)
{
	struct kgr_lexed x;
	guint count;

	kgr_lex(&x, text);
	count = x.items->len;
	kgr_lexed_clear(&x);
	return count;
}

static void divides_into_tokens(void **state)
{
	(void)state;
	tokens_are("int x = 1;", "int|x|=|1|;");
	tokens_are("a++ + +b", "a|+~+|+|+|b");
	tokens_are("\"a \\\" b\" 'c'", "\"a \\\" b\"|'c'");
	tokens_are("", "");
}

static void leaves_out_what_means_nothing(void **state)
{
	(void)state;
	tokens_are("a /* b */ c // d\ne", "a|c|e");
	tokens_are("a\n#line 7\nb", "a|b");
	tokens_are("__UNIQUE_ID_x12 __compiletime_assert_7 x12",
		   "__UNIQUE_ID_x|__compiletime_assert_|x12");
}

static void keeps_directives_whole(void **state)
{
	(void)state;
	tokens_are("#define X \\\n 1\ny", "#define X \\\n 1|y");
	tokens_are("a # b", "a|#|b");
}

/* Text that is cut, or that no compiler would take: no byte behind its end is read (ASan says so). */
static void stops_where_text_ends(void **state)
{
	(void)state;
	tokens_are("\"open", "\"open");
	tokens_are("'\\", "'\\");
	tokens_are("a /* open", "a");
	tokens_are("a //", "a");
	tokens_are("#define X \\", "#define X \\");
	tokens_are("it's\nb", "it|'s|b");
	tokens_are("it's\n#define X", "it|'s|#define X");
}

static void finds_items(void **state)
{
	(void)state;
	assert_int_equal(items_of("int a; int b;"), 2);
	assert_int_equal(items_of("int f(void) { return 1; } int g;"), 2);
	assert_int_equal(items_of("struct s { int a; int b; } x; int y;"), 2);
	assert_int_equal(items_of("int a[] = { 1, 2 };"), 1);
	assert_int_equal(items_of("#define A\n#define B\nint c;"), 3);
	assert_int_equal(items_of("int f(void) { if (1) { a; } b; }"), 1);
}

/* Marks of both: a letter an item, 'x' for one without counterpart. */
static void differences_are(const char *a, const char *b, const char *want)
{
	GString *got = g_string_new(NULL);
	struct kgr_lexed x, y;
	guint i;

	kgr_lex(&x, a);
	kgr_lex(&y, b);
	assert_true(kgr_find_differences(&x, &y));
	for (i = 0; i < x.items->len; i++)
		g_string_append_c(got, kgr_lexed_item(&x, i)->differs ? 'x' : '.');
	g_string_append_c(got, ' ');
	for (i = 0; i < y.items->len; i++)
		g_string_append_c(got, kgr_lexed_item(&y, i)->differs ? 'x' : '.');
	assert_string_equal(got->str, want);
	g_string_free(got, TRUE);
	kgr_lexed_clear(&x);
	kgr_lexed_clear(&y);
}

static void marks_what_differs(void **state)
{
	(void)state;
	differences_are("int a; int b;", "int a; int b;", ".. ..");
	differences_are("int a; int b;", "int a; int c; int b;", ".. .x.");
	differences_are("int a; int b; int c;", "int c; int b;", "xx. .x");
	differences_are("int a;", "int a ;", ". .");
	differences_are("a = b + +c;", "a = b ++c;", "x x");
	differences_are("", "int a;", " x");
}

static void gives_up_on_too_many(void **state)
{
	GString *a = g_string_new(NULL), *b = g_string_new(NULL);
	struct kgr_lexed x, y;
	int i;

	(void)state;
	for (i = 0; i < 600; i++) {
		g_string_append_printf(a, "int a%d;", i);
		g_string_append_printf(b, "int b%d;", i);
	}
	kgr_lex(&x, a->str);
	kgr_lex(&y, b->str);
	assert_false(kgr_find_differences(&x, &y));
	kgr_lexed_clear(&x);
	kgr_lexed_clear(&y);
	g_string_free(a, TRUE);
	g_string_free(b, TRUE);
}

UNIT_MAIN("c-lexer", cmocka_unit_test(divides_into_tokens),
	  cmocka_unit_test(leaves_out_what_means_nothing), cmocka_unit_test(keeps_directives_whole),
	  cmocka_unit_test(stops_where_text_ends), cmocka_unit_test(finds_items),
	  cmocka_unit_test(marks_what_differs), cmocka_unit_test(gives_up_on_too_many))
