// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>
#include <unistd.h>

#include "unit.h"
#include "source/line-directives.h"

static void becomes(const char *old_text, const char *new_text, const char *want)
{
	char *old = unit_write("old.c", old_text), *new = unit_write("new.c", new_text), *got;
	char *plain = unit_write("plain.c", ""), *was = NULL;
	GError *error = NULL;

	unlink(plain);
	assert_true(kgr_add_line_directives(old, new, plain, &error));
	assert_true(g_file_get_contents(new, &got, NULL, NULL));
	assert_string_equal(got, want);
	/* As it was, it is kept just where it is not any more. */
	g_file_get_contents(plain, &was, NULL, NULL);
	assert_int_equal(g_strcmp0(was, strcmp(new_text, want) ? new_text : NULL), 0);
	g_free(was);
	g_free(plain);
	g_free(got);
	g_free(old);
	g_free(new);
}

static void sets_numbers_back(void **state)
{
	(void)state;
	becomes("int f(void)\n{\n\treturn 1;\n}\nint g;\n",
		"int f(void)\n{\n\tint a;\n\treturn 1;\n}\nint g;\n",
		"int f(void)\n{\n\tint a;\n#line 3\n\treturn 1;\n}\nint g;\n");
	becomes("int a;\n\nint b;\n", "int b;\n", "#line 3\nint b;\n");
	becomes("int a;\n", "int a;\n", "int a;\n");
	becomes("int a;\n", "int a;\nint b;\n", "int a;\nint b;\n");
}

/* A neighbour right behind what is added keeps its numbers. */
static void sets_them_back_before_the_next_function(void **state)
{
	(void)state;
	becomes("int a;\nint f(void)\n{\n\tWARN_ON(1);\n}\n",
		"int a;\nstatic int added;\nint f(void)\n{\n\tWARN_ON(1);\n}\n",
		"int a;\nstatic int added;\n#line 2\nint f(void)\n{\n\tWARN_ON(1);\n}\n");
	/* Comments and definitions have no numbers; what is behind them has. */
	becomes("/* f\n * is f */\n#define M(x) /* or\nnot */ x\n\tint f(void);\n",
		"int n;\n/* f\n * is f */\n#define M(x) /* or\nnot */ x\n\tint f(void);\n",
		"int n;\n/* f\n * is f */\n#define M(x) /* or\nnot */ x\n#line 5\n\tint f(void);\n");
}

/* In a macro's definition or arguments, or in a literal, a directive would be something else. */
static void waits_for_a_safe_place(void **state)
{
	(void)state;
	becomes("#define M \\\n\tx \\\n\ny\n\nint g;\n",
		"int a;\n#define M \\\n\tx \\\n\ny\n\nint g;\n",
		"int a;\n#define M \\\n\tx \\\n\n#line 4\ny\n\nint g;\n");
	becomes("int f(void)\n{\n\tWARN(a,\n\t     b);\n\tg();\n}\n",
		"int f(void)\n{\n\tWARN(a,\n\t     n,\n\t     b);\n\tg();\n}\n",
		"int f(void)\n{\n\tWARN(a,\n\t     n,\n\t     b);\n#line 5\n\tg();\n}\n");
	becomes("M\n(\"a(\\\n)\",\n')') int \\\ng;\nint h;\n",
		"M\nN\n(\"a(\\\n)\",\n')') int \\\ng;\nint h;\n",
		"M\nN\n(\"a(\\\n)\",\n')') int \\\ng;\n#line 6\nint h;\n");
	/* A place before the end of a comment is in it. */
	becomes("/*\n */ int a;\nint b;\n", "/*\n * n\n */ int a;\nint b;\n",
		"/*\n * n\n */ int a;\n#line 3\nint b;\n");
}

/* Each branch of an #if begins in as many parentheses as the first, and none ends the macro's call. */
static void counts_parentheses_by_branch(void **state)
{
	(void)state;
	becomes("#ifdef A\nm(a,\n#else\nm(b,\n#endif\nc,\nd);\nint e;\n",
		"#ifdef A\nm(a,\n#else\nm(b,\n#endif\nc,\nn,\nd);\nint e;\n",
		"#ifdef A\nm(a,\n#else\nm(b,\n#endif\nc,\nn,\nd);\n#line 8\nint e;\n");
	/* Of text that is off, what a function's end is goes on. */
	becomes("#if 0\n :-(\n#endif\nvoid f(void)\n{\n}\nint e;\n",
		"#if 0\n :-(\n#endif\nvoid f(void)\n{\n\tn;\n}\nint e;\n",
		"#if 0\n :-(\n#endif\nvoid f(void)\n{\n\tn;\n}\n#line 7\nint e;\n");
}

/* What is off says nothing of what follows. */
static void says_it_again_behind_conditionals(void **state)
{
	(void)state;
	becomes("int a;\n#ifdef A\nint b;\n#else\nint c;\n#endif\n\nint d;\n",
		"int n;\nint a;\n#ifdef A\nint b;\n#else\nint c;\n#endif\n\nint d;\n",
		"int n;\n#line 1\nint a;\n#ifdef A\nint b;\n#else\nint c;\n#endif\n\nint d;\n");
	becomes("#ifdef A\nint a;\n#elif B\nint b;\n#else\nint c;\n#endif\n\nint d;\nint e;\n",
		"#ifdef A\nint n;\nint a;\n#elif B\nint b;\n#else\nint c;\n#endif\n\nint d;\nint e;\n",
		"#ifdef A\nint n;\n#line 2\nint a;\n#elif B\n#line 4\nint b;\n#else\n#line 6\nint c;\n"
		"#endif\n\n#line 9\nint d;\nint e;\n");
	/* Where nothing of a branch follows it is said behind it; before an #if, once for all that is in it. */
	becomes("# ifdef A\nint a;\n#endif\n#if B\nint b;\n#endif\n\nint c;\n",
		"# ifdef A\nint a;\nint n;\n#endif\n#if B\nint b;\n#endif\n\nint c;\n",
		"# ifdef A\nint a;\nint n;\n#endif\n#line 4\n#if B\nint b;\n#endif\n\nint c;\n");
	/* What a change within one is followed by is compiled if that is. */
	becomes("#ifndef A_H\n\nint a;\n\n# if B\nint b;\n# endif\n\nint c;\n#endif\n",
		"#ifndef A_H\nint n;\n\nint a;\n\n# if B\nint b;\n# endif\n\nint c;\n#endif\n",
		"#ifndef A_H\nint n;\n\n#line 3\nint a;\n\n# if B\nint b;\n# endif\n\nint c;\n"
		"#endif\n");
}

static void says_what_is_missing(void **state)
{
	char *file = unit_write("new.c", "int a;\n");
	GError *error = NULL;

	(void)state;
	assert_false(kgr_add_line_directives("/no/such.c", file, "/no/such.plain", &error));
	unit_failed(&error, 2, "/no/such.c");
	g_free(file);
}

UNIT_MAIN("line-directives", cmocka_unit_test(sets_numbers_back),
	  cmocka_unit_test(sets_them_back_before_the_next_function),
	  cmocka_unit_test(waits_for_a_safe_place), cmocka_unit_test(counts_parentheses_by_branch),
	  cmocka_unit_test(says_it_again_behind_conditionals),
	  cmocka_unit_test(says_what_is_missing))
