// SPDX-License-Identifier: GPL-3.0-or-later
#include "pair.h"
#include "elf/symbol-name.h"

/* The name of the counterpart, "" for none. */
static const char *twin_of(const struct kgr_obj *obj, const char *name)
{
	const struct kgr_sym *sym = kgr_obj_defined(obj, name);

	assert_non_null(sym);
	return sym->twin ? sym->twin->name : "";
}

static void pairs_by_name(void **state)
{
	struct unit_pair o =
		unit_pair_of("int f(void) { return 1; } static int s; int *g(void) { return &s; }"
			     " int gone;",
			     "static int s; int *g(void) { return &s; } int f(void) { return 2; }"
			     " int new;",
			     NULL);

	(void)state;
	assert_string_equal(twin_of(o.a, "f"), "f");
	assert_string_equal(twin_of(o.b, "f"), "f");
	assert_string_equal(twin_of(o.a, "s"), "s");
	assert_string_equal(twin_of(o.a, "gone"), "");
	assert_string_equal(twin_of(o.b, "new"), "");
	unit_pair_close(&o);
}

/* The compiler numbers static locals in the order that it meets them; the function tells which is which. */
static void pairs_static_locals_by_function(void **state)
{
	static const char f[] = "int f(int x) { static int n = 1; return n += x; }\n";
	static const char g[] = "int g(int x) { static int n = 2; return n -= x; }\n";
	char *orig = g_strconcat(f, g, NULL), *patched = g_strconcat(g, f, NULL);
	struct unit_pair o = unit_pair_of(orig, patched, NULL);
	size_t i, met = 0;

	(void)state;
	for (i = 0; i < o.a->nsyms; i++) {
		const struct kgr_sym *sym = &o.a->syms[i];

		if (!kgr_sym_is_object(sym) || !g_str_has_prefix(sym->name, "n."))
			continue;
		assert_non_null(sym->twin);
		assert_int_equal(sym->sec->data[sym->value],
				 sym->twin->sec->data[sym->twin->value]);
		met++;
	}
	assert_int_equal(met, 2);
	unit_pair_close(&o);
	g_free(orig);
	g_free(patched);
}

static void pairs_what_becomes_static(void **state)
{
	struct unit_pair o =
		unit_pair_of("__attribute__((noipa)) int f(void) { asm(\"\"); return 1; }"
			     "int g(void) { return f(); }",
			     "__attribute__((noipa)) static int f(void) { asm(\"\"); return 1; }"
			     "int g(void) { return f(); }",
			     NULL);

	(void)state;
	assert_string_equal(twin_of(o.a, "f"), "f");
	unit_pair_close(&o);
}

static void a_function_is_no_object(void **state)
{
	struct unit_pair o = unit_pair_of("int x;", "int x(void) { return 1; }", NULL);

	(void)state;
	assert_string_equal(twin_of(o.a, "x"), "");
	unit_pair_close(&o);
}

static void forgets_compilers_numbers(void **state)
{
	static const char *const names[][2] = { { "foo.constprop.0.isra.1", "foo.constprop.isra" },
						{ "foo.cold", "foo.cold" },
						{ "n.12", "n" },
						{ "__UNIQUE_ID_x123", "__UNIQUE_ID_x" },
						{ "foo12", "foo12" } };
	size_t i;

	(void)state;
	for (i = 0; i < G_N_ELEMENTS(names); i++) {
		char *got = kgr_name_without_numbers(names[i][0]);

		assert_string_equal(got, names[i][1]);
		g_free(got);
	}
}

UNIT_MAIN("correlate", cmocka_unit_test(pairs_by_name),
	  cmocka_unit_test(pairs_static_locals_by_function),
	  cmocka_unit_test(pairs_what_becomes_static), cmocka_unit_test(a_function_is_no_object),
	  cmocka_unit_test(forgets_compilers_numbers))
