// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit.h"
#include "lib/debug.h"

static int asked;

static int ask(void)
{
	return ++asked;
}

static void evaluates_nothing_when_off(void **state)
{
	(void)state;
	kgr_debug(KGR_DEBUG_MATCH, "%d", ask());
	assert_int_equal(asked, 0);
}

static void refuses_unknown_names(void **state)
{
	GError *error = NULL;

	(void)state;
	assert_false(kgr_debug_enable("units,unit", &error));
	unit_failed(&error, 2,
		    "no \"unit\"; there are units, match, compare, select, extract, and all");
	assert_false(kgr_debug_enable("", &error));
	unit_failed(&error, 2, "there are units");
	assert_false(kgr_debug_on(KGR_DEBUG_UNITS));
}

static void turns_on_what_is_named(void **state)
{
	(void)state;
	assert_true(kgr_debug_enable("match,extract", NULL));
	assert_true(kgr_debug_on(KGR_DEBUG_MATCH) && kgr_debug_on(KGR_DEBUG_EXTRACT));
	assert_false(kgr_debug_on(KGR_DEBUG_UNITS) || kgr_debug_on(KGR_DEBUG_SELECT));
	kgr_debug(KGR_DEBUG_MATCH, "%d", ask());
	assert_int_equal(asked, 1);
	assert_true(kgr_debug_enable("all", NULL));
	assert_true(kgr_debug_on(KGR_DEBUG_UNITS) && kgr_debug_on(KGR_DEBUG_SELECT));
}

UNIT_MAIN("debug", cmocka_unit_test(evaluates_nothing_when_off),
	  cmocka_unit_test(refuses_unknown_names), cmocka_unit_test(turns_on_what_is_named))
