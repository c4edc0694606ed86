// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "unit.h"
#include "compare/compare.h"

#define REST "int other(int x) { return x * 5; }\nint data = 4;\n"

/* Compare two texts; the verdict on a symbol of the patched one, and that its cause says something. */
static void verdict_is(const char *orig, const char *patched, const char *name,
		       enum kgr_verdict want, const char *says)
{
	struct kgr_obj *a = unit_object("orig/x", orig, NULL),
		       *b = unit_object("patched/x", patched, NULL);
	GError *error = NULL;
	const struct kgr_sym *sym;

	assert_true(kgr_compare(a, b, &error));
	sym = kgr_obj_defined(want == KGR_GONE ? a : b, name);
	assert_non_null(sym);
	assert_int_equal(sym->verdict, want);
	if (says) {
		assert_non_null(sym->cause);
		assert_non_null(strstr(sym->cause, says));
	}
	assert_int_equal(kgr_obj_defined(b, "other")->verdict, KGR_SAME);
	kgr_obj_close(a);
	kgr_obj_close(b);
}

static void sees_what_differs(void **state)
{
	(void)state;
	verdict_is(REST "int f(int x) { return x + 1; }", REST "int f(int x) { return x + 2; }",
		   "f", KGR_CHANGED, NULL);
	verdict_is(REST "int v = 1;", REST "int v = 2;", "v", KGR_CHANGED, NULL);
	verdict_is(REST, REST "int f(int x) { return x + 2; }", "f", KGR_NEW, NULL);
	verdict_is(REST "int f(int x) { return x + 2; }", REST, "f", KGR_GONE, NULL);
	verdict_is(REST "int g(void), h(void); int f(void) { return g(); }",
		   REST "int g(void), h(void); int f(void) { return h(); }", "f", KGR_CHANGED, "h");
}

/* Where the linker puts something, and how the compiler numbers it, means nothing. */
static void sees_what_does_not(void **state)
{
	static const char say[] = "extern int printf(const char *, ...);\n";
	char *orig = g_strconcat(REST, say, "void f(void) { printf(\"text\"); }", NULL);
	char *patched = g_strconcat(REST, say,
				    "void e(void) { printf(\"more text\"); }\n"
				    "void f(void) { printf(\"text\"); }",
				    NULL);

	(void)state;
	verdict_is(orig, patched, "f", KGR_SAME, NULL);
	verdict_is(REST "static int n = 3; int f(void) { return n++; }",
		   "static int before = 9; int e(void) { return before++; }\n" REST
		   "static int n = 3; int f(void) { return n++; }",
		   "f", KGR_SAME, NULL);
	g_free(orig);
	g_free(patched);
}

static void sees_another_string(void **state)
{
	static const char say[] = "extern int printf(const char *, ...);\n" REST;
	char *orig = g_strconcat(say, "void f(void) { printf(\"text\"); }", NULL);
	char *patched = g_strconcat(say, "void f(void) { printf(\"tact\"); }", NULL);

	(void)state;
	verdict_is(orig, patched, "f", KGR_CHANGED, NULL);
	g_free(orig);
	g_free(patched);
}

UNIT_MAIN("compare", cmocka_unit_test(sees_what_differs), cmocka_unit_test(sees_what_does_not),
	  cmocka_unit_test(sees_another_string))
