// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit.h"
#include "source/map-path.h"

static void becomes(const char *arg, const char *want)
{
	char *now = kgr_map_path(arg, "/src", "/tmp/s");

	assert_string_equal(now, want);
	g_free(now);
}

static void names_below_it(void **state)
{
	(void)state;
	becomes("/src", "/tmp/s");
	becomes("/src/kernel/sys.c", "/tmp/s/kernel/sys.c");
	becomes("-I/src/include", "-I/tmp/s/include");
	becomes("-isystem/src/include", "-isystem/tmp/s/include");
	becomes("-Wp,-MMD,/src/kernel/.sys.o.d", "-Wp,-MMD,/tmp/s/kernel/.sys.o.d");
	becomes("-DSOURCE=\"/src/a.c\"", "-DSOURCE=\"/tmp/s/a.c\"");
}

static void lists_of_names(void **state)
{
	(void)state;
	becomes("-fmacro-prefix-map=/src/=", "-fmacro-prefix-map=/tmp/s/=");
	becomes("-fmacro-prefix-map=/src=.", "-fmacro-prefix-map=/tmp/s=.");
	becomes("-ffile-prefix-map=/other=/src", "-ffile-prefix-map=/other=/tmp/s");
	becomes("-fplugin-arg-x-dirs=/src:/src/kernel,/src-2",
		"-fplugin-arg-x-dirs=/tmp/s:/tmp/s/kernel,/src-2");
}

static void names_elsewhere(void **state)
{
	(void)state;
	becomes("/usr/src/linux/sys.c", "/usr/src/linux/sys.c");
	becomes("-I/usr/src/include", "-I/usr/src/include");
	becomes("-isystem/usr/src", "-isystem/usr/src");
	becomes("-I../src/include", "-I../src/include");
	becomes("../src/a.c", "../src/a.c");
	becomes("/srcs/a.c", "/srcs/a.c");
	becomes("-I/src-2/include", "-I/src-2/include");
	becomes("-I/src=2/include", "-I/src=2/include");
	becomes("/src,old/a.c", "/src,old/a.c");
	becomes("/a=/src/a.c", "/a=/src/a.c");
	becomes("-fmacro-prefix-map=/usr/src=.", "-fmacro-prefix-map=/usr/src=.");
	becomes("", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_below_it),
		cmocka_unit_test(lists_of_names),
		cmocka_unit_test(names_elsewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
