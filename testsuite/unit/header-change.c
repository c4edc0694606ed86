// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit.h"
#include "source/header-change.h"

/* The names, with spaces between them; NULL: something else differs. */
static char *changed(const char *orig, const char *patched)
{
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	bool known = kgr_changed_inlines(orig, patched, names);
	char *joined;

	g_ptr_array_add(names, NULL);
	joined = known ? g_strjoinv(" ", (char **)names->pdata) : NULL;
	g_ptr_array_unref(names);
	return joined;
}

static void names_are(const char *orig, const char *patched, const char *want)
{
	char *got = changed(orig, patched);

	assert_non_null(got);
	assert_string_equal(got, want);
	g_free(got);
}

static void names_changed_inlines(void **state)
{
	(void)state;
	names_are("static inline int f(int x) { return x; }",
		  "static inline int f(int x) { return x + 1; }", "f");
	names_are("int a;", "int a; static __always_inline struct s *f(int (*p)(int)) { }", "f");
	names_are("int a; /* b */", "int  a;\n", "");
	names_are("#define A 1 /* one */\n#define B 2\n",
		  "#define A 1 /* a\n * number */\n#define B 2 // two\n", "");
}

static void knows_nothing_of_others(void **state)
{
	(void)state;
	/* A function that is gone may have been called; others are compiled; the rest is no function. */
	assert_null(changed("static inline int f(void) { }", ""));
	assert_null(changed("int f(void) { return 1; }", "int f(void) { return 2; }"));
	assert_null(
		changed("static int f(void) { return 1; }", "static int f(void) { return 2; }"));
	assert_null(changed("struct s { int a; };", "struct s { int b; };"));
	assert_null(changed("#define A 1\n", "#define A 2\n"));
	assert_null(changed("#define A 1 /* one */\n", "#define A 1 /* one */ + 1\n"));
	assert_null(changed("static inline int f(void) { return 1; }",
			    "static inline int f(void) {\n#ifdef A\n return 2;\n#endif\n}"));
	assert_null(changed("static inline int f(void);", "static inline long f(void);"));
	assert_null(changed("", "static inline MACRO(int) f(void) { }"));
}

UNIT_MAIN("header-change", cmocka_unit_test(names_changed_inlines),
	  cmocka_unit_test(knows_nothing_of_others))
