// SPDX-License-Identifier: GPL-3.0-or-later
/* Who refers to a function of what was linked, and of which unit's code that is. */
#include <stdlib.h>

#include "unit.h"
#include "adopt/image-refs.h"
#include "adopt/units-at.h"
#include "lib/error.h"

#define AS_THE_KERNEL                                                                              \
	"-g -fno-function-sections -fno-data-sections -fno-pic -mcmodel=kernel -fno-toplevel-reorder"

#define CALLEE "int callee(int a) { return a + 1; }"
#define CALLER "extern int callee(int); int caller(int a) { return callee(a) + 3; }"
#define STORED "extern int callee(int); int (*stored)(int) = callee;"
/* The bytes of its constant are the distance to callee(), as if there were a field. */
#define CHANCE                                                                                     \
	"asm(\".text; .globl chance; .type chance, @function; chance: .byte 0x48, 0xb8;\""         \
	"\".long callee - . - 4; .long 0; ret; .size chance, . - chance\");"
/* Of code that is gone after boot: a call, and who takes the address. */
#define INIT                                                                                            \
	"extern int callee(int); extern int (*stored_later)(int); int (*stored_later)(int);"            \
	"asm(\".pushsection .init.text,\\\"ax\\\"; .globl __init_begin; __init_begin:; .popsection\");" \
	"__attribute__((section(\".init.text\"))) int start(int a) { return callee(a) + 5; }"
#define TAKES "__attribute__((section(\".init.text\"))) void take(void) { stored_later = callee; }"
#define INIT_END                                                                                   \
	"asm(\".pushsection .init.text,\\\"ax\\\"; .globl __init_end; __init_end:; .popsection\");"

static struct kgr_image *link_image(const char *more, const char *init, bool module)
{
	g_autofree char *callee = unit_compile("callee", CALLEE, AS_THE_KERNEL);
	g_autofree char *other = unit_compile("other", more, AS_THE_KERNEL);
	g_autofree char *gone = unit_compile("gone", init, AS_THE_KERNEL);
	g_autofree char *image = unit_path(module ? "image.ko" : "image");
	g_autofree char *command =
		g_strdup_printf("ld %s -o %s %s %s %s",
				module ? "-r" : "-e callee -Ttext-segment=0xffffffff81000000",
				image, callee, other, gone);

	assert_int_equal(system(command), 0);
	return kgr_image_open(image, module, NULL);
}

/* How many there are in code and in data; the units of the former, which end with @unit */
static void refs_are(const char *more, const char *init, bool module, guint code, guint data,
		     const char *unit)
{
	g_autoptr(kgr_image) image = link_image(more, init, module);
	g_autoptr(GArray) refs = kgr_image_refs(image, "callee", NULL);
	g_autoptr(GPtrArray) units = NULL;
	guint i;

	assert_non_null(refs);
	units = kgr_units_at(image, refs, "/nowhere", NULL);
	assert_non_null(units);
	assert_int_equal(units->len, refs->len);
	for (i = 0; i < refs->len; i++) {
		const GPtrArray *of = units->pdata[i];

		if (!g_array_index(refs, struct kgr_image_ref, i).code) {
			assert_int_equal(of->len, 0);
			data--;
			continue;
		}
		code--;
		assert_int_equal(of->len, 1);
		assert_true(g_str_has_suffix(of->pdata[0], unit));
	}
	assert_int_equal(code, 0);
	assert_int_equal(data, 0);
}

static void check_all(bool module)
{
	refs_are("", INIT INIT_END, module, 0, 0, "");
	refs_are(CALLER, INIT INIT_END, module, 1, 0, "other.c");
	refs_are(STORED, INIT INIT_END, module, 0, 1, "");
	refs_are(CALLER STORED, INIT INIT_END, module, 1, 1, "other.c");
	refs_are("", INIT TAKES INIT_END, module, 1, 0, "gone.c");
}

static void finds_them_in_vmlinux(void **state)
{
	(void)state;
	check_all(false);
	refs_are(CHANCE, INIT INIT_END, false, 0, 0, "");
}

static void finds_them_in_modules(void **state)
{
	(void)state;
	check_all(true);
}

static void wants_symbols_and_ranges(void **state)
{
	g_autoptr(kgr_image) image = link_image(CALLER, INIT INIT_END, false), without = NULL;
	g_autofree char *path = unit_path("without");
	g_autofree char *command =
		g_strdup_printf("objcopy -R .debug_aranges %s %s", image->path, path);
	g_autoptr(GArray) refs = NULL;
	GError *error = NULL;

	(void)state;
	assert_null(kgr_image_refs(image, "nobody", &error));
	unit_failed(&error, KGR_REFUSED, "has no global symbol nobody");
	assert_int_equal(system(command), 0);
	without = kgr_image_open(path, false, NULL);
	refs = kgr_image_refs(without, "callee", NULL);
	assert_null(kgr_units_at(without, refs, "/nowhere", &error));
	unit_failed(&error, KGR_REFUSED, ".debug_aranges");
}

UNIT_MAIN("image-refs", cmocka_unit_test(finds_them_in_vmlinux),
	  cmocka_unit_test(finds_them_in_modules), cmocka_unit_test(wants_symbols_and_ranges))
