// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdlib.h>

#include "unit.h"
#include "adopt/proof.h"
#include "lib/error.h"

#define AS_THE_KERNEL "-fno-function-sections -fno-data-sections -fno-pic -mcmodel=kernel"

/* References to a local function, a string, a constant without a name, a variable, and another file's function. */
#define UNIT(number, string, size, callee)                                                         \
	"extern int other(int); extern int another(int); extern const char *shown;"                \
	"static int count[" size "] = { 1, " number " };"                                          \
	"__attribute__((noinline)) static int local(int a) { return count[a] * " number "; }"      \
	"static int (*const table[])(int) = { local, " callee " };"                                \
	"double half(double a) { return a * " number ".5; }"                                       \
	"int unit(int a) { shown = \"" string "\"; return table[a & 1](a) + " callee "(a); }"
#define ELSE                                                                                       \
	"const char *shown = \"a string\"; int other(int a) { return a + 1; }"                     \
	"int another(int a) { return a + 2; }"
#define FILES(one, two)                                                                            \
	UNIT("3", one, "4", "other") "const char *file(void) { return \"" two "\"; }"
#define AS_IT_WAS UNIT("3", "a string", "4", "other")

/* What was linked of a unit and another file: with absolute addresses as vmlinux, or as a module. */
static struct kgr_image *link_image(const char *unit, bool module)
{
	g_autofree char *first = unit_compile("was/unit", unit, AS_THE_KERNEL);
	g_autofree char *second = unit_compile("was/else", ELSE, AS_THE_KERNEL);
	g_autofree char *image = unit_path(module ? "image.ko" : "image");
	g_autofree char *command =
		module ? g_strdup_printf("ld -r -o %s %s %s", image, second, first) :
			 g_strdup_printf("ld -e unit -Ttext-segment=0xffffffff81000000 -o %s %s %s",
					 image, second, first);

	assert_int_equal(system(command), 0);
	return kgr_image_open(image, module, NULL);
}

/* NULL: it is what runs; else what is said of it. */
static void proves_in(const char *was, const char *unit, bool module, const char *dir,
		      const char *says)
{
	g_autoptr(kgr_image) image = link_image(was, module);
	g_autofree char *object = unit_compile("now/unit", unit, AS_THE_KERNEL);
	GError *error = NULL;

	assert_non_null(image);
	if (!says) {
		if (!kgr_prove_unit(object, "unit.c", image, dir, &error))
			fail_msg("%s", error->message);
		return;
	}
	assert_false(kgr_prove_unit(object, "unit.c", image, dir, &error));
	unit_failed(&error, KGR_REFUSED, says);
}

static void proves(const char *unit, bool module, const char *says)
{
	proves_in(AS_IT_WAS, unit, module, "/home/source", says);
}

static void check_all(bool module)
{
	proves(AS_IT_WAS, module, NULL);
	proves(UNIT("5", "a string", "4", "other"), module, "");
	proves(UNIT("3", "a strinh", "4", "other"), module, "unit() at +0x");
	proves(UNIT("3", "a string", "4", "another"), module, "");
	proves(AS_IT_WAS "int more(void) { return 1; }", module, "more() at +0x0: it is not there");
	proves(AS_IT_WAS "int shared = 1;", module, "");
}

/* Files' full names, in another directory: the same files, but only if all are in that one. */
static void knows_a_file_by_its_directory(void **state)
{
	static const char dir[] = "/home/source";
	const char *was = FILES("/build/linux-7.2/fs/a.c", "/build/linux-7.2/b.h");

	(void)state;
	proves_in(was, FILES("/home/source/fs/a.c", "/home/source/b.h"), false, dir, NULL);
	proves_in(was, FILES("/home/source/fs/a.c", "/home/source/c.h"), false, dir, "");
	proves_in(was, FILES("/home/source/fs/a.c", "/home/other/b.h"), false, dir, "");
	proves_in(was, FILES("/home/sourcefs/a.c", "/home/source/b.h"), false, dir, "");
	proves_in(FILES("/build/linux-7.2/fs/a.c", "/build/linux-7.3/b.h"),
		  FILES("/home/source/fs/a.c", "/home/source/b.h"), false, dir, "");
}

static void knows_what_is_in_vmlinux(void **state)
{
	(void)state;
	check_all(false);
}

static void knows_what_is_in_a_module(void **state)
{
	(void)state;
	check_all(true);
}

UNIT_MAIN("proof", cmocka_unit_test(knows_what_is_in_vmlinux),
	  cmocka_unit_test(knows_what_is_in_a_module),
	  cmocka_unit_test(knows_a_file_by_its_directory))
