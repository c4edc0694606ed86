// SPDX-License-Identifier: GPL-3.0-or-later
/* Headings: which function a hunk names, and which one it is in. */
#include <string.h>

#include "unit.h"
#include "lib/error.h"
#include "source/hunk-place.h"

#define BODY(n) "{\n\tint a;\n\n\tcall_" n "();\n\treturn a;\n}\n\n"

/* A hunk of call_it() in @content that names line @at, and has this heading. */
static bool place(const char *content, guint at, const char *heading, guint *line, GPtrArray *notes,
		  GError **error)
{
	g_autofree char *diff =
		g_strdup_printf("--- a/x.c\n+++ b/x.c\n@@ -%u,4 +%u,5 @@ %s\n \tint a;\n \n"
				" \tcall_it();\n+\tmore();\n \treturn a;\n",
				at, at, heading);
	struct kgr_diff_text *text =
		kgr_diff_text_new("x.diff", g_bytes_new_static(diff, strlen(diff)), 1);
	struct kgr_diff *d = kgr_diff_parse(text, error);
	const struct kgr_hunk_target target = { text, "x.c", content, strlen(content) };
	bool ok = d && kgr_hunks_place(d->files->pdata[0], &target, line, notes, error);

	kgr_diff_free(d);
	kgr_diff_text_free(text);
	return ok;
}

static void lands(const char *content, const char *heading, guint want)
{
	g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
	GError *error = NULL;
	guint line;

	if (!place(content, 90, heading, &line, notes, &error))
		fail_msg("%s", error->message);
	assert_int_equal(line, want);
	assert_int_equal(notes->len, 1);
}

static void refused(const char *content, const char *heading, const char *says)
{
	g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
	GError *error = NULL;
	guint line;

	assert_false(place(content, 90, heading, &line, notes, &error));
	unit_failed(&error, KGR_REFUSED, says);
	assert_int_equal(notes->len, 0);
}

static void knows_functions(void **state)
{
	static const char c[] =
		"int first(void)\n" BODY("first") "static long it(struct x *x, int y)\n" BODY("it");

	(void)state;
	lands(c, "static long it(struct x *x, int y)", 10);
	/* Cut short, as diff does; with other arguments; without any; none. */
	lands(c, "static long it(struct x", 10);
	lands(c, "static l", 10);
	lands(c, "long it(int other)", 10);
	lands(c, "", 10);
	refused(c, "int first(void)",
		"x.diff:3: hunk 1 of x.c names first, and the only place that it fits, x.c:11, is in it;");
	refused(c, "struct first {", "names struct first {");
	refused(c, "static long it2(struct x *x, int y)", "names it2");
	refused(BODY("it"), "int it(void)", "is in the top of the file");
}

static void knows_macros_and_attributes(void **state)
{
	static const char c[] = "SYSCALL_DEFINE1(one, int, a)\n" BODY(
		"one") "SYSCALL_DEFINE1(it, int, a)\n" BODY("it");
	static const char attribute[] = "__printf(1, 2) static int it(int a)\n" BODY("it");
	static const char lock[] = "int __it(int a) __acquires(x)\n" BODY("it");

	(void)state;
	lands(c, "SYSCALL_DEFINE1(it, int, a)", 10);
	lands(c, "SYSCALL_DEFINE1(it, long, b)", 10);
	refused(c, "SYSCALL_DEFINE1(one, int, a)", "names SYSCALL_DEFINE1(one");
	lands(attribute, "static int it(long a)", 2);
	lands(lock, "long __it(int a)", 2);
	refused(lock, "long __other(int a) __acquires(x)", "names __other");
}

/* diff(1) takes a label for a heading, git in C does not: both are right. */
static void knows_labels(void **state)
{
	static const char c[] = "int f(void)\n{\nout:\n\tint a;\n\n\tcall_it();\n\treturn a;\n}\n";

	(void)state;
	lands(c, "out:", 3);
	lands(c, "int f(void)", 3);
	refused(c, "err:", "names err:");
}

static void wants_one_place(void **state)
{
	static const char c[] = "int f(void)\n" BODY("it") "int g(void)\n" BODY("it");

	(void)state;
	refused(c, "int g(void)",
		"fits 2 places, and the source is not the one that it was made of: x.c:3 (f), x.c:11 (g); "
		"the hunk says line 90 and names g");
	refused("int f(void)\n" BODY("other"), "int f(void)",
		"x.c:5 has \"\tcall_other();\", where the diff has \"\tcall_it();\"");
}

/* In the function that it names, or where there is no other place. */
static void trusts_the_line(void **state)
{
	static const char c[] = "int f(void)\n" BODY("it") "int g(void)\n" BODY("it");
	static const char one[] = "int f(void)\n" BODY("it");
	g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
	GError *error = NULL;
	guint line;

	(void)state;
	assert_true(place(c, 11, "int g(void)", &line, notes, NULL));
	assert_int_equal(line, 10);
	assert_true(place(c, 11, "", &line, notes, NULL));
	assert_int_equal(line, 10);
	assert_true(place(one, 3, "int h(void)", &line, notes, NULL));
	assert_int_equal(line, 2);
	assert_int_equal(notes->len, 0);
	/* Lines were added to f() and g() is where f() was: there, and in the other. */
	assert_false(place(c, 11, "int f(void)", &line, notes, &error));
	unit_failed(&error, KGR_REFUSED, "fits 2 places");
}

UNIT_MAIN("hunk-place", cmocka_unit_test(knows_functions),
	  cmocka_unit_test(knows_macros_and_attributes), cmocka_unit_test(knows_labels),
	  cmocka_unit_test(wants_one_place), cmocka_unit_test(trusts_the_line))
