// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit.h"
#include "elf/modinfo.h"

#define INFO(n, text)                                                                              \
	"static const char i" n                                                                    \
	"[] __attribute__((section(\".modinfo\"), used, aligned(1))) = \"" text "\";\n"

static void reads_key_and_value(void **state)
{
	char *path =
		unit_compile("info", INFO("1", "name=x") INFO("2", "names=y=z") INFO("3", "name=w"),
			     "-fno-toplevel-reorder");
	GPtrArray *info = kgr_modinfo_read(path, NULL);

	(void)state;
	assert_non_null(info);
	assert_int_equal(info->len, 3);
	assert_string_equal(kgr_modinfo_get(info, "name"), "x");
	assert_string_equal(kgr_modinfo_get(info, "names"), "y=z");
	assert_null(kgr_modinfo_get(info, "nam"));
	g_ptr_array_unref(info);
	g_free(path);
}

static void refuses_what_is_no_module(void **state)
{
	char *path = unit_compile("plain", "int x;", NULL), *text = unit_write("text", "no object");
	GError *error = NULL;

	(void)state;
	assert_null(kgr_modinfo_read(path, &error));
	unit_failed(&error, 2, "not a kernel module");
	assert_null(kgr_modinfo_read(text, &error));
	unit_failed(&error, 2, "not a kernel module");
	g_free(path);
	g_free(text);
}

UNIT_MAIN("modinfo", cmocka_unit_test(reads_key_and_value),
	  cmocka_unit_test(refuses_what_is_no_module))
