// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit.h"
#include "source/line-directives.h"

static void becomes(const char *old_text, const char *new_text, const char *want)
{
	char *old = unit_write("old.c", old_text), *new = unit_write("new.c", new_text), *got;
	GError *error = NULL;

	assert_true(kgr_add_line_directives(old, new, &error));
	assert_true(g_file_get_contents(new, &got, NULL, NULL));
	assert_string_equal(got, want);
	g_free(got);
	g_free(old);
	g_free(new);
}

static void sets_numbers_back(void **state)
{
	(void)state;
	becomes("int f(void)\n{\n\treturn 1;\n}\nint g;\n",
		"int f(void)\n{\n\tint a;\n\treturn 1;\n}\nint g;\n",
		"int f(void)\n{\n\tint a;\n\treturn 1;\n}\n#line 5\nint g;\n");
	becomes("int a;\n\nint b;\n", "int b;\n", "#line 3\nint b;\n");
	becomes("int a;\n", "int a;\n", "int a;\n");
}

/* In a macro's definition a directive would be text. */
static void waits_for_a_safe_place(void **state)
{
	(void)state;
	becomes("#define M \\\n\tx \\\n\ny\n\nint g;\n",
		"int a;\n#define M \\\n\tx \\\n\ny\n\nint g;\n",
		"int a;\n#define M \\\n\tx \\\n\ny\n\n#line 6\nint g;\n");
}

/* What is off says nothing of what follows. */
static void says_it_again_behind_conditionals(void **state)
{
	(void)state;
	becomes("#ifdef A\n\nint a;\n#else\n\nint b;\n#endif\n\nint c;\n\nint d;\n",
		"/* new */\n#ifdef A\n\nint a;\n#else\n\nint b;\n#endif\n\nint c;\n\nint d;\n",
		"/* new */\n#ifdef A\n\n#line 3\nint a;\n#else\n\n#line 6\nint b;\n#endif\n\n"
		"#line 9\nint c;\n\nint d;\n");
	/* A place before the #endif is within the #if. */
	becomes("#ifdef A\nstruct a {\n};\n#endif\n\nint b;\n",
		"/* new */\n#ifdef A\nstruct a {\n};\n#endif\n\nint b;\n",
		"/* new */\n#ifdef A\nstruct a {\n};\n#line 4\n#endif\n\n#line 6\nint b;\n");
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
	assert_false(kgr_add_line_directives("/no/such.c", file, &error));
	unit_failed(&error, 2, "/no/such.c");
	g_free(file);
}

UNIT_MAIN("line-directives", cmocka_unit_test(sets_numbers_back),
	  cmocka_unit_test(waits_for_a_safe_place),
	  cmocka_unit_test(says_it_again_behind_conditionals),
	  cmocka_unit_test(says_what_is_missing))
