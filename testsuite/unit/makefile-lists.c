// SPDX-License-Identifier: GPL-3.0-or-later
#include <unistd.h>

#include "unit.h"
#include "source/makefile-lists.h"

#define MAKEFILE "fs/ext4/Makefile"

/* A tree with a Makefile and a.c, and an overlay with another one and files of its own. */
static struct kgr_overlay *overlay_of(const char *before, const char *after)
{
	struct kgr_overlay *s = g_new0(struct kgr_overlay, 1);

	s->source = unit_path("tree");
	s->root = unit_path("overlay");
	s->files = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(s->files, g_strdup(MAKEFILE));
	g_free(unit_write("tree/" MAKEFILE, before));
	g_free(unit_write("overlay/" MAKEFILE, after));
	g_free(unit_write("tree/fs/ext4/a.c", ""));
	g_free(unit_write("tree/fs/ext4/gone.c", ""));
	g_free(unit_write("overlay/fs/ext4/a.c", ""));
	g_free(unit_write("overlay/fs/ext4/new.c", ""));
	return s;
}

static bool only_lists(const char *before, const char *after)
{
	struct kgr_overlay *s = overlay_of(before, after);
	bool only = kgr_makefile_lists(s, MAKEFILE);

	kgr_overlay_free(s);
	return only;
}

static void knows_what_comes_and_goes(void **state)
{
	struct kgr_overlay *s = overlay_of("", "");

	(void)state;
	assert_true(kgr_is_added(s, "fs/ext4/new.c"));
	assert_true(kgr_is_removed(s, "fs/ext4/gone.c"));
	assert_false(kgr_is_added(s, "fs/ext4/a.c") || kgr_is_removed(s, "fs/ext4/a.c"));
	assert_true(kgr_is_makefile("fs/Makefile.lib") && kgr_is_makefile("fs/Kbuild"));
	assert_false(kgr_is_makefile("fs/file.c"));
	kgr_overlay_free(s);
}

static void accepts_files_of_the_diff(void **state)
{
	(void)state;
	assert_true(only_lists("obj-y := a.o gone.o\n", "obj-y := a.o new.o # b\n"));
	assert_true(only_lists("obj-y := a.o\n", "obj-y := a.o\nobj-$(CONFIG_X) += new.o\n"));
	assert_true(only_lists("obj-y := a.o\n", "obj-y := \\\n\ta.o \\\n\tnew.o\n"));
}

static void accepts_nothing_else(void **state)
{
	(void)state;
	assert_false(only_lists("obj-y := a.o\n", "obj-y := a.o other.o\n"));
	assert_false(only_lists("obj-y := a.o\n", "obj-y := new.o\n"));
	assert_false(only_lists("obj-y := a.o\n", "obj-y := a.o new.o\nccflags-y += -O3\n"));
	assert_false(only_lists("obj-y := a.o\n", "obj-m := a.o\n"));
}

static void finds_the_entry(void **state)
{
	struct kgr_overlay *s = overlay_of(
		"obj-y := x.o\next4-y := a.o gone.o\n",
		"obj-y := x.o\next4-y := a.o\nifdef CONFIG_X\next4-$(CONFIG_X) += new.o\nendif\n");
	struct kgr_makefile_entry *e = kgr_find_makefile_entry(s, "fs/ext4/new.c");

	(void)state;
	assert_non_null(e);
	assert_string_equal(e->makefile, MAKEFILE);
	assert_string_equal(e->variable, "ext4-$(CONFIG_X)");
	assert_true(e->conditional);
	assert_int_equal(e->beside->len, 2);
	assert_string_equal(e->beside->pdata[0], "fs/ext4/a.c");
	assert_string_equal(e->was, "fs/ext4/gone.c");
	kgr_makefile_entry_free(e);
	assert_null(kgr_find_makefile_entry(s, "fs/ext4/other.c"));
	kgr_overlay_free(s);
}

UNIT_MAIN("makefile-lists", cmocka_unit_test(knows_what_comes_and_goes),
	  cmocka_unit_test(accepts_files_of_the_diff), cmocka_unit_test(accepts_nothing_else),
	  cmocka_unit_test(finds_the_entry))
