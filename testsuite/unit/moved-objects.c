// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "pair.h"

#define HEAD "extern int use(int); extern void draw(int *);\n"
#define SPLIT "__attribute__((noinline)) static "

/* The only object that the source calls so. */
static struct kgr_sym *object(struct kgr_obj *obj, const char *name)
{
	struct kgr_sym *found = NULL;
	size_t i;

	for (i = 0; i < obj->nsyms; i++) {
		struct kgr_sym *sym = &obj->syms[i];

		if (g_strcmp0(sym->source_name, name) != 0 || !kgr_sym_is_object(sym))
			continue;
		assert_null(found);
		found = sym;
	}
	assert_non_null(found);
	return found;
}

/* Is the object of that name the same state in both? */
static void expect(const char *orig, const char *patched, const char *name, bool same)
{
	struct unit_pair o = unit_pair_of(orig, patched, NULL);

	assert_ptr_equal(object(o.b, name)->twin, same ? object(o.a, name) : NULL);
	assert_null(object(o.b, name)->unsettled);
	unit_pair_close(&o);
}

static const char in_f[] = HEAD "int f(int x) { static int n = 3; return use(n += x); }\n";

static void a_function_is_split_or_renamed(void **state)
{
	(void)state;
	expect(in_f,
	       HEAD SPLIT "int g(int x) { static int n = 3; return use(n -= x); }\n"
			  "int f(int x) { return g(x); }\n",
	       "n", true);
	expect(in_f, HEAD "int h(int x) { static int n = 3; return use(n -= x); }\n", "n", true);
}

static void it_leaves_its_function(void **state)
{
	(void)state;
	expect(in_f, HEAD "static int n = 3; int f(int x) { return use(n += x); }\n", "n", true);
	expect(HEAD "static int n = 3; int f(int x) { return use(n += x); }\n", in_f, "n", true);
}

static void another_type_is_another_state(void **state)
{
	(void)state;
	expect(in_f, HEAD "int h(int x) { static unsigned n = 3; return use(n -= x); }\n", "n",
	       false);
}

static void macros_use_one_name_for_all(void **state)
{
	static const char orig[] = HEAD
		"static int a, b; int f(void) { static int _rs; _rs++; draw(&a); return use(_rs); }\n";

	(void)state;
	expect(orig,
	       HEAD "static int a, b; int h(void) { static int _rs; _rs++; draw(&a);"
		    " return use(_rs + 4); }\n",
	       "_rs", true);
	expect(orig,
	       HEAD "static int a, b; int h(void) { static int _rs; _rs++; draw(&b);"
		    " return use(_rs); }\n",
	       "_rs", false);
}

static void a_flag_moves_but_with_what_it_guards(void **state)
{
	(void)state;
	expect(HEAD "int f(int x) { static _Bool on; on = !on; return use(on); }\n",
	       HEAD "static _Bool on; int f(int x) { on = !on; return use(on); }\n", "on", true);
	expect(HEAD "static int key; int f(void) { static _Bool on; if (!on) { on = 1;"
		    " draw(&key); } return use(key); }\n",
	       HEAD "static int other; int h(void) { static _Bool on; if (!on) { on = 1;"
		    " draw(&other); } return use(other); }\n",
	       "on", false);
}

static void several_are_told_apart_by_their_blocks(void **state)
{
	static const char orig[] = HEAD "extern int p(int), q(int);\n"
					"int f(int x) { static int n; return p(n += x); }\n"
					"int g(int x) { static int n; return q(n += x); }\n";
	struct unit_pair o = unit_pair_of(orig,
					  HEAD "extern int p(int), q(int);\n"
					       "int i(int x) { static int n; return q(n -= x); }\n"
					       "int h(int x) { static int n; return p(n -= x); }\n",
					  NULL);
	size_t i, met = 0;

	(void)state;
	for (i = 0; i < o.b->nsyms; i++) {
		const struct kgr_sym *sym = &o.b->syms[i];

		if (!kgr_sym_is_object(sym) || g_strcmp0(sym->source_name, "n") != 0)
			continue;
		assert_non_null(sym->twin);
		assert_string_equal(sym->twin->scope, !strcmp(sym->scope, "h") ? "f" : "g");
		met++;
	}
	assert_int_equal(met, 2);
	unit_pair_close(&o);
}

static void two_that_may_be_the_one_that_has_gone(void **state)
{
	struct unit_pair o =
		unit_pair_of(in_f,
			     HEAD "int g(int x) { static int n = 3; return use(n -= x); }\n"
				  "int h(int x) { static int n = 3; return use(n ^= x); }\n",
			     NULL);
	size_t i, met = 0;

	(void)state;
	for (i = 0; i < o.b->nsyms; i++) {
		const struct kgr_sym *sym = &o.b->syms[i];

		if (g_strcmp0(sym->source_name, "n") != 0)
			continue;
		assert_null(sym->twin);
		assert_non_null(strstr(sym->unsettled, "2 of that name and type are new in the "
						       "file, and 1 have gone"));
		met++;
	}
	assert_int_equal(met, 2);
	unit_pair_close(&o);
}

UNIT_MAIN("moved-objects", cmocka_unit_test(a_function_is_split_or_renamed),
	  cmocka_unit_test(it_leaves_its_function), cmocka_unit_test(another_type_is_another_state),
	  cmocka_unit_test(macros_use_one_name_for_all),
	  cmocka_unit_test(a_flag_moves_but_with_what_it_guards),
	  cmocka_unit_test(several_are_told_apart_by_their_blocks),
	  cmocka_unit_test(two_that_may_be_the_one_that_has_gone))
