// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit.h"
#include "source/pp-compare.h"

#define BASE "int a; int user(void) { return a; } "

static void same_tokens_are_the_same(void **state)
{
	(void)state;
	assert_true(kgr_pp_same(BASE, "int a;\n\nint user ( void ) { return a; } // b\n"));
	assert_true(kgr_pp_same("int __UNIQUE_ID_x7;", "int __UNIQUE_ID_x8;"));
	assert_false(kgr_pp_same(BASE, "int a; int user(void) { return a + 1; } "));
	assert_false(kgr_pp_same(BASE, BASE "int b;"));
}

static void unused_functions_do_not_count(void **state)
{
	(void)state;
	assert_true(kgr_pp_same(BASE, BASE "static inline int f(void) { return 1; }"));
	assert_true(kgr_pp_same(BASE, BASE "int f(void);"));
	assert_true(kgr_pp_same(BASE "static inline int f(void) { return f(); }",
				BASE "static inline int f(void) { return 2; }"));
}

static void others_count(void **state)
{
	(void)state;
	/* Mentioned; compiled for others to call; kept though nobody does; more than a function. */
	assert_false(
		kgr_pp_same("static inline int f(void) { return 1; } int g(void) { return f(); }",
			    "static inline int f(void) { return 2; } int g(void) { return f(); }"));
	assert_false(kgr_pp_same(BASE, BASE "int f(void) { return 1; }"));
	assert_false(kgr_pp_same(BASE, BASE "static int f(void) { return 1; }"));
	assert_false(kgr_pp_same(BASE, BASE
				 "static inline __attribute__((used)) int f(void) { return 1; }"));
	assert_false(kgr_pp_same(BASE, BASE "int f(void), b;"));
}

static bool same_without(const char *text, const char *name, bool *known)
{
	GPtrArray *names = g_ptr_array_new();
	bool same;

	g_ptr_array_add(names, (void *)name);
	same = kgr_pp_same_without(text, names, known);
	g_ptr_array_unref(names);
	return same;
}

static void knows_who_uses_a_function(void **state)
{
	bool known;

	(void)state;
	assert_true(same_without(BASE "static inline int f(void) { return 1; }", "f", &known));
	assert_true(known);
	assert_true(same_without("static inline int f(int n) { return f(n - 1); }", "f", &known));
	assert_true(known);
	assert_false(same_without("static inline int f(void) { return 1; } int g(void) { f(); }",
				  "f", &known));
	assert_true(known);
	/* Not there by that name: perhaps it is a macro. */
	assert_false(same_without(BASE "int ff(void);", "f", &known));
	assert_false(known);
}

UNIT_MAIN("pp-compare", cmocka_unit_test(same_tokens_are_the_same),
	  cmocka_unit_test(unused_functions_do_not_count), cmocka_unit_test(others_count),
	  cmocka_unit_test(knows_who_uses_a_function))
