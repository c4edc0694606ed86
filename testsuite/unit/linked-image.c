// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdlib.h>

#include "unit.h"
#include "kernel/linked-image.h"
#include "lib/error.h"

#define AS_THE_KERNEL "-fno-function-sections -fno-data-sections"

#define LOCAL(name, value)                                                                         \
	"__attribute__((noinline)) static int " name "(int a) { return " value "; } "
#define GLOBAL(name, local) "int " name "(int a) { return " local "(a) + 1; } "

/* Two objects of files that are called core.c, and one of other.c, linked into one. */
static struct kgr_image *link_image(const char *a, const char *b)
{
	g_autofree char *first = unit_compile("a/core", a, AS_THE_KERNEL);
	g_autofree char *second = unit_compile("b/core", b, AS_THE_KERNEL);
	g_autofree char *other = unit_compile("other", "int other(void) { return 1; }", NULL);
	g_autofree char *image = unit_path("image.ko");
	g_autofree char *command =
		g_strdup_printf("ld -r -o %s %s %s %s", image, first, second, other);

	assert_int_equal(system(command), 0);
	return kgr_image_open(image, true, NULL);
}

static struct kgr_obj *object(const char *text)
{
	return unit_object("built/core", text, AS_THE_KERNEL);
}

#define FIRST                                                                                      \
	LOCAL("init", "a * a") LOCAL("reset", "a / 3") GLOBAL("f", "init") GLOBAL("g", "reset")
#define SECOND                                                                                     \
	LOCAL("init", "a * a") LOCAL("probe", "a % 5") GLOBAL("h", "init") GLOBAL("i", "probe")

static void tells_files_by_their_local_functions(void **state)
{
	g_autoptr(kgr_image) image = link_image(FIRST, SECOND);
	struct kgr_obj *first = object(FIRST), *second;
	unsigned int a, b;

	(void)state;
	assert_true(kgr_image_file_idx(image, first, "a/core.c", &a, NULL));
	kgr_obj_close(first);
	second = object(SECOND);
	assert_true(kgr_image_file_idx(image, second, "b/core.c", &b, NULL));
	kgr_obj_close(second);
	assert_int_not_equal(a, b);
	assert_int_not_equal(a, KGR_NO_FILE);
	/* What only one has is found in that one. */
	assert_non_null(kgr_image_find(image, a, "reset", true, NULL));
	assert_null(kgr_image_find(image, b, "reset", true, NULL));
	assert_ptr_not_equal(kgr_image_find(image, a, "init", true, NULL),
			     kgr_image_find(image, b, "init", true, NULL));
	assert_null(kgr_image_find(image, KGR_NO_FILE, "init", true, NULL));
	assert_non_null(kgr_image_find(image, KGR_NO_FILE, "f", false, NULL));
}

static void needs_no_file_without_local_functions(void **state)
{
	g_autoptr(kgr_image) image =
		link_image("int f(void) { return 1; }", "int g(void) { return 2; }");
	struct kgr_obj *built = object("int f(void) { return 1; }");
	unsigned int idx = 7;

	(void)state;
	assert_true(kgr_image_file_idx(image, built, "core.c", &idx, NULL));
	assert_int_equal(idx, KGR_NO_FILE);
	kgr_obj_close(built);
}

/* By the distance to what only one of them can have. */
static void tells_files_by_where_things_are(void **state)
{
	const char *const texts[] = { LOCAL("init", "a * a") GLOBAL("f", "init"),
				      LOCAL("init", "a * a") GLOBAL("g", "init") };
	g_autoptr(kgr_image) image = link_image(texts[0], texts[1]);
	const struct kgr_ksym *init[2];
	unsigned int idx, i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct kgr_obj *built = object(texts[i]);

		assert_true(kgr_image_file_idx(image, built, "core.c", &idx, NULL));
		init[i] = kgr_image_find(image, idx, "init", true, NULL);
		assert_non_null(init[i]);
		kgr_obj_close(built);
	}
	assert_true(init[0]->address < init[1]->address);
}

#define STATE(name) "static int " name " = 1; int *get_" name "(void) { return &" name "; } "

/* Without any local function, and data in sections of their own. */
static void tells_files_by_their_local_objects(void **state)
{
	g_autoptr(kgr_image) image = link_image(STATE("count"), STATE("limit"));
	struct kgr_obj *built = object(STATE("limit"));
	GError *error = NULL;
	unsigned int idx;

	(void)state;
	assert_true(kgr_image_file_idx(image, built, "core.c", &idx, NULL));
	assert_non_null(kgr_image_find(image, idx, "limit", true, NULL));
	assert_null(kgr_image_find(image, idx, "count", true, &error));
	unit_failed(&error, KGR_REFUSED, "local symbol count is not in ");
	assert_null(kgr_image_find(image, KGR_NO_FILE, "count", true, &error));
	unit_failed(&error, KGR_REFUSED, "not known which of several files");
	kgr_obj_close(built);
}

#define ALONE                                                                                      \
	"__attribute__((used, section(\".text.alone\"))) static int init(int a) { return a; } "

static void refuses_what_it_cannot_tell(void **state)
{
	g_autoptr(kgr_image) twice = link_image(ALONE GLOBAL("f", ""), ALONE GLOBAL("g", ""));
	struct kgr_obj *built = object(ALONE GLOBAL("f", ""));
	GError *error = NULL;
	unsigned int idx = 7;

	(void)state;
	assert_false(kgr_image_file_idx(twice, built, "core.c", &idx, &error));
	assert_int_equal(idx, KGR_NO_FILE);
	unit_failed(&error, KGR_REFUSED, "holds 2 files that look just like it; give one");
	assert_false(kgr_image_file_idx(twice, built, "other.c", &idx, &error));
	unit_failed(&error, KGR_REFUSED, "does not hold this object; was it rebuilt");
	kgr_obj_close(built);
}

static void says_what_is_not_there(void **state)
{
	g_autoptr(kgr_image) image = link_image(FIRST, SECOND);
	g_autofree char *text = unit_write("text.ko", "no ELF at all");
	GError *error = NULL;

	(void)state;
	assert_null(kgr_image_find(image, KGR_NO_FILE, "nothing", false, &error));
	unit_failed(&error, KGR_REFUSED, "global symbol nothing is not in ");
	assert_null(kgr_image_open("/no/such/vmlinux", false, &error));
	unit_failed(&error, KGR_TROUBLE, "build the kernel first");
	assert_null(kgr_image_open(text, true, &error));
	unit_failed(&error, KGR_TROUBLE, "not an ELF file");
}

UNIT_MAIN("linked-image", cmocka_unit_test(tells_files_by_their_local_functions),
	  cmocka_unit_test(needs_no_file_without_local_functions),
	  cmocka_unit_test(tells_files_by_where_things_are),
	  cmocka_unit_test(tells_files_by_their_local_objects),
	  cmocka_unit_test(refuses_what_it_cannot_tell), cmocka_unit_test(says_what_is_not_there))
