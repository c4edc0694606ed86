// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>
#include <unistd.h>

#include "unit.h"
#include "lib/error.h"
#include "units/unit-image.h"

/* A build directory with fs/a.ko, and nothing else that was linked. */
static void make_kernel(struct kgr_kernel *k)
{
	g_autofree char *object = unit_compile("build/fs/a", "int a(void) { return 1; }", NULL);
	g_autofree char *module = unit_path("build/fs/a.ko");

	*k = (struct kgr_kernel){
		.build = unit_path("build"),
		.modules = g_ptr_array_new_with_free_func((GDestroyNotify)kgr_image_close),
	};
	assert_int_equal(rename(object, module), 0);
}

static void clear_kernel(struct kgr_kernel *k)
{
	g_ptr_array_unref(k->modules);
	g_free(k->build);
}

/* What becomes of BUILD/@object, compiled with @args. */
static struct kgr_image *image_of(struct kgr_kernel *k, const char *object, char **args,
				  GError **error)
{
	g_autoptr(kgr_unit) unit = kgr_unit_new();

	unit->kbuild_object = g_build_filename(k->build, object, NULL);
	unit->record = kgr_record_of_command(k->build, object, "gcc", args);
	return kgr_unit_image(k, unit, error);
}

static void knows_vmlinux(void **state)
{
	char *args[] = { "-DKBUILD_MODNAME=\"a\"", NULL };
	struct kgr_image vmlinux = { 0 };
	struct kgr_kernel k;

	(void)state;
	make_kernel(&k);
	k.vmlinux = &vmlinux;
	assert_ptr_equal(image_of(&k, "fs/a.o", args, NULL), &vmlinux);
	clear_kernel(&k);
}

static void finds_the_module_that_lists_it(void **state)
{
	char *args[] = { "-DMODULE", "-DKBUILD_MODNAME=\"other\"", "-DKBUILD_MODNAME=\"a\"", NULL };
	struct kgr_image *image;
	struct kgr_kernel k;

	(void)state;
	make_kernel(&k);
	g_free(unit_write("build/fs/a.mod", "fs/a-main.o\nfs/below/part.o\n"));
	image = image_of(&k, "fs/a-main.o", args, NULL);
	assert_non_null(image);
	assert_string_equal(image->module, "a");
	/* From the directory below, and once is enough. */
	assert_ptr_equal(image_of(&k, "fs/below/part.o", args, NULL), image);
	assert_int_equal(k.modules->len, 1);
	clear_kernel(&k);
}

static void refuses(const char *object, char **args, int code, const char *says)
{
	GError *error = NULL;
	struct kgr_kernel k;

	make_kernel(&k);
	g_free(unit_write("build/fs/a.mod", "fs/a-main.o\n"));
	g_free(unit_write("build/fs/b.mod", "fs/b.o\n"));
	assert_null(image_of(&k, object, args, &error));
	unit_failed(&error, code, says);
	clear_kernel(&k);
}

static void refuses_what_no_module_lists(void **state)
{
	char *of_a[] = { "-DMODULE", "-DKBUILD_MODNAME=\"a\"", NULL };
	char *of_b[] = { "-DMODULE", "-DKBUILD_MODNAME=\"b\"", NULL };
	char *of_none[] = { "-DMODULE", NULL };
	const char *which = "it is part of several modules, or of one that was not linked";

	(void)state;
	refuses("fs/not.o", of_a, KGR_REFUSED, which);
	refuses("fs/a-main.o", of_none, KGR_REFUSED, which);
	refuses("fs/b.o", of_b, KGR_TROUBLE, "build the kernel and its modules first");
}

UNIT_MAIN("unit-image", cmocka_unit_test(knows_vmlinux),
	  cmocka_unit_test(finds_the_module_that_lists_it),
	  cmocka_unit_test(refuses_what_no_module_lists))
