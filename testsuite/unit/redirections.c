// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit.h"
#include "lib/error.h"
#include "prove/redirections.h"

#define ONE "int one(int x) { return x + 1; }\n"
#define TWO "int two(int x) { return x + 1; }\n"
#define TWO_CHANGED "int two(int x) { return x + 2; }\n"
#define FOLDED ONE "extern int two(int x) __attribute__((alias(\"one\")));\n"

/* The kernel's function has these names. */
static GSList *called(struct kgr_ksym *syms, const char *first, const char *second)
{
	GSList *list = NULL;

	syms[0] =
		(struct kgr_ksym){ .name = first, .type = STT_FUNC, .bind = STB_GLOBAL, .size = 7 };
	syms[1] = (struct kgr_ksym){
		.name = second, .type = STT_FUNC, .bind = STB_GLOBAL, .size = 7
	};
	list = g_slist_prepend(list, &syms[0]);
	return second ? g_slist_prepend(list, &syms[1]) : list;
}

/* A module that redirects what has these names to its own one(); NULL: all is well, else what is said. */
static void judged(const char *first, const char *second, const char *built, const char *normal,
		   const char *says)
{
	struct kgr_obj *module = unit_object("module", ONE, NULL);
	struct kgr_obj *was = unit_object("was", built, NULL),
		       *is = unit_object("is", normal, NULL);
	const struct kgr_sym *one = kgr_obj_defined(module, "one");
	const struct kgr_unit unit = { .source = "unit.c" };
	struct kgr_ksym syms[2];
	struct kgr_module_func r = {
		.name = "one",
		.called = called(syms, first, second),
		.sec = one->sec,
		.at = one->value,
		.size = 7,
		.new_at = one->value,
		.new_size = one->size,
	};
	struct kgr_module_reader view = {
		.obj = module,
		.redirections = g_array_new(FALSE, FALSE, sizeof(r)),
	};
	GError *error = NULL;
	bool well;

	g_array_append_val(view.redirections, r);
	assert_ptr_equal(kgr_redirection_to(&view, one),
			 &g_array_index(view.redirections, struct kgr_module_func, 0));
	well = kgr_prove_names(&view, &error) &&
	       kgr_prove_redirections(&view, &unit, was, is, &error);
	assert_int_equal(well, !says);
	if (says)
		unit_failed(&error, KGR_REFUSED, says);
	g_array_unref(view.redirections);
	g_slist_free(r.called);
	kgr_obj_close(module);
	kgr_obj_close(was);
	kgr_obj_close(is);
}

static void asks_for_the_name(void **state)
{
	(void)state;
	judged("one", NULL, ONE, ONE, NULL);
	judged("one.constprop.3", NULL, ONE, ONE, "another name");
	judged("other", NULL, ONE, ONE, "redirects one to a function of another name");
	judged("other", "one", ONE, ONE, NULL);
}

static void asks_for_all_names(void **state)
{
	(void)state;
	judged("one", "two", FOLDED, FOLDED, NULL);
	judged("two", "one", FOLDED, ONE TWO_CHANGED,
	       "and with it two, which is the same function");
	judged("one", "two", FOLDED, ONE TWO, "and with it two");
	/* Nobody of the unit calls it any more. */
	judged("one", "two", FOLDED, ONE, NULL);
	/* It is another file's. */
	judged("one", "two", ONE, ONE TWO, NULL);
}

UNIT_MAIN("redirections", cmocka_unit_test(asks_for_the_name), cmocka_unit_test(asks_for_all_names))
