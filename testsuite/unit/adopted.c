// SPDX-License-Identifier: GPL-3.0-or-later
/* The units of an adopted kernel: by what names they are known, and that none of them is ever not compiled. */
#include <unistd.h>

#include "unit.h"
#include "kernel/adopted.h"
#include "lib/error.h"
#include "units/adopted-units.h"

static void put(const char *path, const char *text)
{
	assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void fill(struct kgr_adopted *a)
{
	a->release = g_strdup("6.1.0");
	a->version = g_strdup("6.1.1-1");
	a->compiler = g_strdup("/usr/bin/gcc");
	a->compiled_by = g_strdup("GCC");
	a->build_id = g_strdup("12");
	kgr_adopted_add(a, "kernel/sys.c", KGR_ADOPTED_VMLINUX);
	kgr_adopted_add(a, "arch/x86/kvm/../../../virt/kvm/vfio.c", "arch/x86/kvm/kvm.ko");
}

static void names_that_climb(void **state)
{
	g_autoptr(kgr_adopted) made = kgr_adopted_new(), read = NULL;
	g_autofree char *path = unit_path(KGR_ADOPTED_FILE), *dir = g_path_get_dirname(path);
	g_autoptr(GString) text = NULL, again = NULL;

	(void)state;
	fill(made);
	text = kgr_adopted_text(made);
	put(path, text->str);
	assert_true(kgr_adopted_read(dir, &read, NULL));
	assert_string_equal(kgr_adopted_images(read, "virt/kvm/vfio.c")->pdata[0],
			    "arch/x86/kvm/kvm.ko");
	assert_null(kgr_adopted_images(read, "virt/kvm/other.c"));
	assert_string_equal(kgr_adopted_named(read, "virt/kvm/vfio.c"),
			    "arch/x86/kvm/../../../virt/kvm/vfio.c");
	assert_string_equal(kgr_adopted_named(read, "kernel/sys.c"), "kernel/sys.c");
	again = kgr_adopted_text(read);
	assert_string_equal(text->str, again->str);
}

/* What DWARF names is compiled, whatever no record says. */
static void is_never_left_out(void **state)
{
	struct kgr_adopted *adopted = kgr_adopted_new();
	struct kgr_kernel kernel = { .adopted = adopted };
	struct kgr_session session = { .kernel = &kernel };
	GError *error = NULL;

	(void)state;
	fill(adopted);
	assert_false(kgr_adopted_not_compiled(&session, "virt/kvm/vfio.c", &error));
	unit_failed(&error, KGR_REFUSED, "the record that was made of it names another file");
	kgr_adopted_free(adopted);
}

UNIT_MAIN("adopted", cmocka_unit_test(names_that_climb), cmocka_unit_test(is_never_left_out))
