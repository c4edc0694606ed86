// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "unit.h"
#include "adopt/includes.h"
#include "lib/error.h"

static void put(const char *name, const char *text)
{
	g_autofree char *path = unit_write(name, text);
}

/* The files that may include @file, sorted, with a space behind each. */
static char *reached(const char *build, const char *file)
{
	g_autoptr(GPtrArray) files = g_ptr_array_new();
	g_autoptr(GHashTable) set = NULL;
	g_autoptr(GList) names = NULL;
	GString *out = g_string_new(NULL);
	const GList *it;

	g_ptr_array_add(files, (char *)file);
	set = kgr_includes_reach(build, files, NULL);
	assert_non_null(set);
	names = g_list_sort(g_hash_table_get_keys(set), (GCompareFunc)strcmp);
	for (it = names; it; it = it->next)
		g_string_append_printf(out, "%s ", (char *)it->data);
	return g_string_free(out, FALSE);
}

#define REACHES(file, ...)                                                                         \
	do {                                                                                       \
		g_autofree char *is = reached(build, file);                                        \
		assert_string_equal(is, __VA_ARGS__);                                              \
	} while (0)

static void follows_includes(void **state)
{
	g_autofree char *source = unit_path("source"), *build = unit_path("build");
	g_autoptr(GPtrArray) none = g_ptr_array_new();
	g_autoptr(kgr_adopted) adopted = kgr_adopted_new();
	GError *error = NULL;

	(void)state;
	kgr_adopted_add(adopted, "fs/one.c", KGR_ADOPTED_VMLINUX);
	kgr_adopted_add(adopted, "lib/table.c", KGR_ADOPTED_VMLINUX);
	kgr_adopted_add(adopted, "lib/user.c", KGR_ADOPTED_VMLINUX);
	put("source/include/linux/a.h", "#pragma once\n");
	put("source/include/linux/b.h", "  #  include <linux/a.h> /* and more */");
	put("source/include/asm-generic/c.h", "#include <linux/b.h>\n");
	put("source/fs/core.h", "\n");
	put("source/mm/core.h", "\n");
	put("source/fs/one.c", "#include \"core.h\"\n#if 0\n#include <asm/c.h>\n#endif\n");
	put("source/mm/two.c", "#include \"core.h\"\n#include \"../fs/part.c\"\n");
	put("source/mm/three.c", "#include <core.h>\n#include NAME(x)\n// #include <linux/a.h>\n");
	put("source/fs/part.c", "int part;\n");
	put("source/arch/own/include/asm/d.h", "#include_next <asm/d.h>\n");
	put("source/arch/own/include/uapi/asm/d.h", "\n");
	put("source/arch/other/x.c", "#include <linux/a.h>\n");
	put("source/arch/own/um/x.c", "#include <linux/a.h>\n");
	put("source/Documentation/x.c", "#include <linux/a.h>\n");
	put("build/include/generated/e.h", "\n");
	put("build/arch/own/include/generated/asm/c.h", "#include <asm-generic/c.h>\n");
	/* What a macro names, and what a program beside it writes into what it makes. */
	put("source/include/linux/f.h", "#define F_FILE <linux/g.h>\n#define OTHER(x) \"h.h\"\n");
	put("source/include/linux/g.h", "\n");
	put("source/mm/four.c", "#include F_FILE\n#include OTHER(1)\n");
	put("source/lib/make.c",
	    "#include <linux/i.h>\nint main(void) { puts(\"#include <linux/h.h>\\n\"); }\n");
	put("source/lib/no.c", "char *s = \"#include <linux/b.h>\";\n");
	put("source/include/linux/h.h", "\n");
	put("source/include/linux/i.h", "\n");
	put("source/lib/user.c", "#include \"table.h\"\n");
	assert_true(kgr_includes_write(source, build, "arch/own/", adopted, NULL));
	REACHES("include/linux/g.h", "include/linux/g.h mm/four.c ");
	REACHES("include/linux/i.h", "include/linux/i.h lib/make.c ");
	REACHES("include/linux/h.h", "include/linux/h.h lib/table.c lib/user.c ");
	REACHES("include/linux/a.h",
		"arch/own/include/generated/asm/c.h fs/one.c include/asm-generic/c.h "
		"include/linux/a.h include/linux/b.h ");
	REACHES("fs/core.h", "fs/core.h fs/one.c mm/three.c ");
	REACHES("mm/core.h", "mm/core.h mm/three.c mm/two.c ");
	REACHES("fs/part.c", "fs/part.c mm/two.c ");
	REACHES("arch/own/include/uapi/asm/d.h",
		"arch/own/include/asm/d.h arch/own/include/uapi/asm/d.h ");
	assert_null(kgr_includes_reach("/no/such/build", none, &error));
	unit_failed(&error, KGR_TROUBLE, "adopt the kernel again");
}

UNIT_MAIN("includes", cmocka_unit_test(follows_includes))
