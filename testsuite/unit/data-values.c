// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "pair.h"
#include "compare/compare.h"
#include "select/data-values.h"

/* The kernel's unit, and what its object "x" becomes. */
struct values {
	struct unit_pair pair;
	struct kgr_compared of;
	GPtrArray *objects; /* of struct kgr_data_object */
	const struct kgr_data_object *x;
};

static void find_with(struct values *v, const char *orig, const char *patched, const char *flags)
{
	static char *names[] = { (char *)"x", NULL };

	memset(v, 0, sizeof(*v));
	v->pair = unit_pair_of(orig, patched, flags);
	v->of.built = v->pair.a;
	v->of.patched = v->pair.b;
	assert_true(kgr_compare(v->of.built, v->of.patched, NULL));
	v->objects = kgr_find_data_values(&v->of, names);
	v->x = v->objects->len ? v->objects->pdata[0] : NULL;
}

static void forget(struct values *v)
{
	g_ptr_array_unref(v->objects);
	unit_pair_close(&v->pair);
}

static void has_value(const struct values *v, guint i, const char *name, unsigned int size,
		      const char *was, const char *is)
{
	const struct kgr_data_value *value;

	if (v->x->why_not)
		fail_msg("%s", v->x->why_not);
	assert_true(i < v->x->values->len);
	value = v->x->values->pdata[i];
	assert_string_equal(value->name, name);
	assert_int_equal(value->size, size);
	assert_string_equal(value->built.words, was);
	assert_string_equal(value->patched.words, is);
}

static void numbers(void **state)
{
	static const char *const flags[] = { "-O2", "-O2 -gdwarf-4", "-O2 -fdata-sections" };
	struct values v;
	size_t i;

	(void)state;
	for (i = 0; i < G_N_ELEMENTS(flags); i++) {
		find_with(&v, "int x = -3; int y = 5;", "int x = 300; int y = 5;", flags[i]);
		has_value(&v, 0, "x", 4, "-3", "300");
		assert_int_equal(v.x->values->len, 1);
		forget(&v);

#define STRUCT                                                                                     \
	"typedef unsigned short mode; struct s { char a; _Bool b; mode c; struct { long d[2][3]; }; };\n"
		find_with(
			&v,
			STRUCT
			"const struct s x[2] = { { 1, 0, 3 }, { .d = { { 4 }, { 5, 6, 7 } } } };",
			STRUCT
			"const struct s x[2] = { { 1, 1, 9 }, { .d = { { 4 }, { 5, 6, -1 } } } };",
			flags[i]);
		has_value(&v, 0, "x[0].b", 1, "false", "true");
		has_value(&v, 1, "x[0].c", 2, "3", "9");
		has_value(&v, 2, "x[1].d[1][2]", 8, "7", "-1");
		forget(&v);

		/* One place, whatever it is called. */
		find_with(&v, "union u { int a; int b; }; union u x = { 1 };",
			  "union u { int a; int b; }; union u x = { 2 };", flags[i]);
		has_value(&v, 0, "x.a", 4, "1", "2");
		forget(&v);
	}
}

static void pointers(void **state)
{
	struct values v;

	(void)state;
#define HEAD                                                                                       \
	"extern int f(void), g(void); static int a[4], b; void use(void *); void u(void) { use(a); use(&b); }\n"
	find_with(&v, HEAD "struct { int (*p)(void); int *q, *r; int n; } x = { f, &a[1], 0, 1 };",
		  HEAD "struct { int (*p)(void); int *q, *r; int n; } x = { g, &b, &a[2], 1 };",
		  "-O2");
	has_value(&v, 0, "x.p", 8, "f", "g");
	has_value(&v, 1, "x.q", 8, "a+4", "b");
	has_value(&v, 2, "x.r", 8, "NULL", "a+8");
	assert_int_equal(v.x->values->len, 3);
	forget(&v);
}

static void cannot(const char *orig, const char *patched, const char *says)
{
	struct values v;

	find_with(&v, orig, patched, "-O2");
	assert_non_null(v.x);
	assert_non_null(v.x->why_not);
	if (!strstr(v.x->why_not, says))
		fail_msg("\"%s\" does not say \"%s\"", v.x->why_not, says);
	forget(&v);
}

static void what_cannot_be_written(void **state)
{
	(void)state;
	cannot("int x;", "int x = 1;", "it is in .bss.x, and had no initial value");
	cannot("int x = 1;", "int x;", "has no initial value any more");
	cannot("__attribute__((section(\".data..percpu\"))) int x = 1;",
	       "__attribute__((section(\".data..percpu\"))) int x = 2;", "it is per-CPU");
	cannot("__attribute__((section(\"__param\"))) int x = 1;",
	       "__attribute__((section(\"__param\"))) int x = 2;",
	       "it is in __param, which the kernel makes a table of");
	cannot("int x = 1;", "const int x = 1;", "nothing of it differs (now in section");
	cannot("int x = 1;", "unsigned int x = 2;", "it is unsigned int now, and was int");
	cannot("struct s { int a : 3, b : 5; } x = { 1, 2 };",
	       "struct s { int a : 3, b : 5; } x = { 1, 3 };",
	       "x.a is a bit field, and others are in the same byte");
	cannot("struct __attribute__((packed)) s { char a; int b; } x = { 1, 2 };",
	       "struct __attribute__((packed)) s { char a; int b; } x = { 1, 3 };",
	       "x.b is not written in one store (4 bytes at offset 1)");
	cannot("long double x = 1;", "long double x = 2;", "x is not written in one store (16");
	cannot("union u { char a; int b; } x = { 1 };", "union u { char a; int b; } x = { 2 };",
	       "are in one place");
	cannot("struct static_key { int enabled; } x = { 1 };",
	       "struct static_key { int enabled; } x = { 2 };",
	       "x is a struct static_key, which the kernel keeps");
	cannot("const char *x = \"a\";", "const char *x = \"b\";",
	       "x points to a string, which is none of the kernel's symbols");
	cannot("extern int f(void); int (*x)(void) = f;",
	       "static int g(void) { return 1; } int (*x)(void) = g;",
	       "x points to g, which is new");
	cannot("extern int f(void); int (*x)(void) = f;",
	       "extern int f(void); __attribute__((section(\".init.text\"))) int f(void) { return 1; } int (*x)(void) = f;",
	       "x points to f, which is in .init.text and gone");
	cannot("int f(void) { return 1; } long x = (long)f;",
	       "int f(void) { return 1; } long x = (long)f + 1;", "into the middle of f");
}

/* With another size, or another name, it is none of ours. */
static void not_asked_for(void **state)
{
	struct values v;

	(void)state;
	find_with(&v, "int x[1] = { 1 }; int y = 1;", "int x[2] = { 1 }; int y = 2;", "-O2");
	assert_null(v.x);
	forget(&v);
}

UNIT_MAIN("data-values", cmocka_unit_test(numbers), cmocka_unit_test(pointers),
	  cmocka_unit_test(what_cannot_be_written), cmocka_unit_test(not_asked_for))
