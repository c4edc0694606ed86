// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "unit.h"
#include "lib/error.h"
#include "lib/json.h"

static void becomes(const char *text, const char *want)
{
	g_autofree char *got = kgr_json_text(text);

	assert_string_equal(got, want);
}

static void text_is_utf_8(void **state)
{
	(void)state;
	becomes("", "");
	becomes("caf\xc3\xa9", "caf\xc3\xa9");
	becomes("caf\xe9", "caf\\xe9");
	becomes("\xff/\xc3\xa9\xc3", "\\xff/\xc3\xa9\\xc3");
	assert_null(kgr_json_string(NULL));
}

/* What a reader makes of it is what was said. */
static void outcome_can_be_read(void **state)
{
	g_autoptr(GError) error =
		g_error_new(KGR_ERROR, KGR_REFUSED, "a\xe9\"\\\n is not \xc3\xa9");
	struct json_object *said = kgr_json_outcome(KGR_REFUSED, error), *read, *member;

	(void)state;
	read = json_tokener_parse(json_object_to_json_string(said));
	assert_non_null(read);
	assert_true(json_object_object_get_ex(read, "error", &member));
	assert_string_equal(json_object_get_string(member), "a\\xe9\"\\\n is not \xc3\xa9");
	assert_true(json_object_object_get_ex(read, "exit", &member));
	assert_int_equal(json_object_get_int(member), 1);
	assert_true(json_object_object_get_ex(read, "outcome", &member));
	assert_string_equal(json_object_get_string(member), "refused");
	json_object_put(read);
	json_object_put(said);
}

UNIT_MAIN("json", cmocka_unit_test(text_is_utf_8), cmocka_unit_test(outcome_can_be_read))
