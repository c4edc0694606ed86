// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "unit.h"
#include "dwarf/type-escape.h"

#define STRUCT "struct foo { int a; };\nextern void out(void *);\n"

static struct kgr_type_escape uses_in(const char *text)
{
	struct kgr_obj *obj = unit_object("escape", text, NULL);
	struct kgr_type_escape uses = { 0 };

	assert_true(kgr_find_type_escape(obj, "struct foo", &uses));
	kgr_obj_close(obj);
	return uses;
}

static void on_a_stack_alone(void **state)
{
	struct kgr_type_escape uses =
		uses_in(STRUCT "int f(int x) { struct foo foo = { x }; return foo.a; }\n"
			       "int g(int x) { return x; }\n");

	(void)state;
	assert_null(uses.escape);
	assert_int_equal(uses.users->len, 1);
	assert_string_equal(uses.users->pdata[0], "f");
	kgr_type_escape_clear(&uses);
}

static void escapes_with(const char *text, const char *says)
{
	struct kgr_type_escape uses = uses_in(text);

	assert_non_null(uses.escape);
	if (!strstr(uses.escape, says))
		fail_msg("\"%s\" does not say \"%s\"", uses.escape, says);
	kgr_type_escape_clear(&uses);
}

static void in_what_lasts(void **state)
{
	(void)state;
	escapes_with(STRUCT "struct foo kept; int f(void) { return kept.a; }", "kept");
	escapes_with(STRUCT "static struct foo *last; int f(void) { return last->a; }"
			    "void g(void *p) { last = p; }",
		     "last");
	escapes_with(STRUCT "int f(struct foo *foo) { return foo->a; }", "f");
	escapes_with(
		STRUCT
		"struct bar { struct foo *foo; }; int f(struct bar *bar) { return bar->foo->a; }",
		"foo");
}

UNIT_MAIN("type-escape", cmocka_unit_test(on_a_stack_alone), cmocka_unit_test(in_what_lasts))
