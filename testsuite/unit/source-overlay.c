// SPDX-License-Identifier: GPL-3.0-or-later
/* Diffs of all kinds, applied to a small source tree; which must be as it was afterwards. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"
#include "lib/error.h"
#include "source/diff-names.h"
#include "source/source-overlay.h"

#define PREPARE                                                                                    \
	"\tnew = prepare_creds();\n\tif (!new)\n\t\treturn -ENOMEM;\n\told = current_cred();\n\n"  \
	"\tretval = -EPERM;\n"
#define SYS_C                                                                                      \
	"// SPDX-License-Identifier: GPL-2.0\n#include <linux/sys.h>\n\n"                          \
	"long __sys_setregid(gid_t rgid, gid_t egid)\n{\n" PREPARE "\treturn 1;\n}\n\n"            \
	"long __sys_setgid(gid_t gid)\n{\n" PREPARE "\treturn 2;\n}\n\n"                           \
	"SYSCALL_DEFINE1(umask, int, mask)\n{\n"                                                   \
	"\tmask = xchg(&current->fs->umask, mask & S_IRWXUGO);\n\treturn mask;\n}\n\n"             \
	"int last(void)\n{\n\treturn 0;\n}\n"

/* The change of umask(), at its line of the tree's kernel/sys.c. */
#define UMASK_HUNK(heading)                                                                        \
	"@@ -25,7 +25,7 @@ " heading "\n \n SYSCALL_DEFINE1(umask, int, mask)\n {\n"               \
	"-\tmask = xchg(&current->fs->umask, mask & S_IRWXUGO);\n"                                 \
	"+\tmask = xchg(&current->fs->umask, mask & S_IRWXU);\n \treturn mask;\n }\n \n"
#define UMASK(old, new) "--- " old "\n+++ " new "\n" UMASK_HUNK("long __sys_setgid(gid_t gid)")

static const struct {
	const char *name, *text;
} files[] = {
	{ "kernel/sys.c", SYS_C },
	{ "kernel/Makefile", "obj-y = sys.o\nobj-y += more.o\n" },
	{ "Makefile", "obj-y = sys.o\nobj-y += more.o\n" },
	{ "kernel/Kconfig", "config BELOW\n" },
	{ "Kconfig", "config ABOVE\n" },
	{ "mm/two words.c", "int a;\nint b;\n" },
	{ "mm/gone.c", "int gone;\n" },
	{ "mm/empty.c", "" },
	{ "mm/crlf.c", "int a;\r\nint b;\r\nint c;\r\n" },
	{ "mm/tail.c", "int a;\nint b;" },
	/* The source is a repository of somebody who likes CRLF. */
	{ ".git/HEAD", "ref: refs/heads/main\n" },
	{ ".git/config", "[core]\n\trepositoryformatversion = 0\n\tautocrlf = true\n" },
	{ ".git/objects/none", "" },
	{ ".git/refs/none", "" },
};

static char *source;
static int runs;

static int make_source(void **state)
{
	g_autofree char *link = NULL, *dir_link = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < G_N_ELEMENTS(files); i++) {
		g_autofree char *name = g_strconcat("source/", files[i].name, NULL);

		g_free(unit_write(name, files[i].text));
	}
	source = unit_path("source");
	link = unit_path("source/mm/link.c");
	dir_link = unit_path("source/alias");
	assert_int_equal(symlink("two words.c", link), 0);
	assert_int_equal(symlink("kernel", dir_link), 0);
	return 0;
}

static guint entries_of(const char *dir)
{
	g_autofree char *path = g_build_filename(source, dir, NULL);
	GDir *d = g_dir_open(path, 0, NULL);
	guint n = 0;

	while (g_dir_read_name(d))
		n++;
	g_dir_close(d);
	return n;
}

static void see_that_nothing_changed(void)
{
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(files); i++) {
		g_autofree char *path = g_build_filename(source, files[i].name, NULL);
		g_autofree char *text = NULL;

		assert_true(g_file_get_contents(path, &text, NULL, NULL));
		assert_string_equal(text, files[i].text);
	}
	assert_int_equal(entries_of(""), 6);
	assert_int_equal(entries_of("kernel"), 3);
	assert_int_equal(entries_of("mm"), 6);
}

static struct kgr_overlay *create(char *const *diffs, int strip, GError **error)
{
	g_autofree char *name = g_strdup_printf("run-%d/x", ++runs), *file = unit_path(name);
	g_autofree char *dir = g_path_get_dirname(file);
	struct kgr_overlay *s = kgr_overlay_create(source, dir, diffs, strip, error);

	see_that_nothing_changed();
	return s;
}

/* Diffs as texts, ending with NULL. */
static struct kgr_overlay *create_from(const char *const *texts, int strip, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

	for (; *texts; texts++) {
		g_autofree char *name = g_strdup_printf("input/%u.diff", names->len);

		g_ptr_array_add(names, unit_write(name, *texts));
	}
	g_ptr_array_add(names, NULL);
	return create((char **)names->pdata, strip, error);
}

static struct kgr_overlay *applied(const char *diff, int strip)
{
	const char *const texts[] = { diff, NULL };
	GError *error = NULL;
	struct kgr_overlay *s = create_from(texts, strip, &error);

	if (!s)
		fail_msg("%s", error->message);
	assert_true(kgr_overlay_drop_line_directives(s, NULL));
	return s;
}

static void refused_with(const char *diff, int strip, const char *says)
{
	const char *const texts[] = { diff, NULL };
	GError *error = NULL;

	assert_null(create_from(texts, strip, &error));
	unit_failed(&error, KGR_REFUSED, says);
}

static void refused(const char *diff, const char *says)
{
	refused_with(diff, KGR_STRIP_UNKNOWN, says);
}

static char *text_in(const struct kgr_overlay *s, const char *file)
{
	g_autofree char *path = g_build_filename(s->root, file, NULL);
	char *text = NULL;

	g_file_get_contents(path, &text, NULL, NULL);
	return text;
}

static void holds(const struct kgr_overlay *s, const char *file, const char *want)
{
	g_autofree char *text = text_in(s, file);

	if (!want) {
		assert_null(text);
		return;
	}
	assert_non_null(text);
	assert_string_equal(text, want);
}

static void becomes(const char *diff, const char *file, const char *want)
{
	struct kgr_overlay *s = applied(diff, KGR_STRIP_UNKNOWN);

	holds(s, file, want);
	assert_int_equal(s->notes->len, 0);
	kgr_overlay_free(s);
}

/* And nothing else. */
static void changes_umask(const char *diff, int strip)
{
	struct kgr_overlay *s = applied(diff, strip);
	g_autofree char *text = g_strdup(SYS_C);
	char *cut = strstr(text, "UGO)");

	memmove(cut + 1, cut + 3, strlen(cut + 3) + 1);
	holds(s, "kernel/sys.c", text);
	assert_int_equal(s->files->len, 1);
	assert_string_equal(s->files->pdata[0], "kernel/sys.c");
	kgr_overlay_free(s);
}

static void finds_strip(void **state)
{
	(void)state;
	changes_umask(UMASK("a/kernel/sys.c", "b/kernel/sys.c"), -1);
	changes_umask(UMASK("a/kernel/sys.c\t2026-01-01 00:00:00.000000000 +0000",
			    "b/kernel/sys.c\t2026-01-01 00:00:01.000000000 +0000"),
		      -1);
	changes_umask(UMASK("kernel/sys.c", "kernel/sys.c"), -1);
	changes_umask(UMASK("a/linux-6.1/kernel/sys.c", "b/linux-6.1/kernel/sys.c"), -1);
	changes_umask(UMASK("linux.orig/kernel/sys.c", "linux/kernel/sys.c"), -1);
	changes_umask(UMASK("kernel/sys.c.orig", "kernel/sys.c"), -1);
	changes_umask(UMASK("a/./kernel/sys.c", "b/./kernel/sys.c"), -1);
	changes_umask(UMASK("a//kernel/sys.c", "b//kernel/sys.c"), -1);
	changes_umask(UMASK("./kernel/sys.c", "./kernel/sys.c"), -1);
	changes_umask(UMASK("./kernel/sys.c", "./kernel/sys.c"), 0);
	changes_umask("diff --git kernel/sys.c kernel/sys.c\nindex 1..2 100644\n" UMASK(
			      "kernel/sys.c", "kernel/sys.c"),
		      -1);
	changes_umask(UMASK("a/linux-6.1/kernel/sys.c", "b/linux-6.1/kernel/sys.c"), 2);
	refused_with(UMASK("a/linux-6.1/kernel/sys.c", "b/linux-6.1/kernel/sys.c"), 1,
		     "linux-6.1/kernel/sys.c is not in the source tree (with -p1);");
	refused_with(UMASK("a/kernel/sys.c", "b/kernel/sys.c"), 9, "git apply says");
	refused(UMASK("a/kernel/nosuch.c", "b/kernel/nosuch.c"),
		"kernel/nosuch.c is not in the source tree (with -p1, and no other");
}

#define MAKEFILE(old, new)                                                                         \
	"--- " old "\n+++ " new "\n@@ -1,2 +1,3 @@\n obj-y = sys.o\n+obj-y += new.o\n obj-y += "   \
				"more.o\n"

/* kernel/Makefile and Makefile are alike here. */
static void asks_which_strip(void **state)
{
	(void)state;
	becomes(MAKEFILE("a/kernel/Makefile", "b/kernel/Makefile"), "Makefile", files[2].text);
	refused(MAKEFILE("kernel/Makefile", "kernel/Makefile"),
		"fit the source tree with -p0 (kernel/Makefile) and with -p1 (Makefile)");
	kgr_overlay_free(applied(MAKEFILE("kernel/Makefile", "kernel/Makefile"), 1));
	/* Of these only one has what the hunk wants. */
	becomes("--- kernel/Kconfig\n+++ kernel/Kconfig\n@@ -1 +1,2 @@\n config BELOW\n+\tbool\n",
		"kernel/Kconfig", "config BELOW\n\tbool\n");
	becomes("--- kernel/Kconfig\n+++ kernel/Kconfig\n@@ -1 +1,2 @@\n config ABOVE\n+\tbool\n",
		"Kconfig", "config ABOVE\n\tbool\n");
	/* Nothing must be there already, and no directory is known. */
	refused("--- /dev/null\n+++ x/y/new.c\n@@ -0,0 +1 @@\n+int a;\n",
		"where its new files belong");
}

static void creates_and_deletes(void **state)
{
	static const char *const created[] = {
		"--- /dev/null\n+++ b/mm/new.c\n@@ -0,0 +1 @@\n+int new;\n",
		"diff --git a/mm/new.c b/mm/new.c\nnew file mode 100644\nindex 0000000..1\n"
		"--- /dev/null\n+++ b/mm/new.c\n@@ -0,0 +1 @@\n+int new;\n",
		/* As diff -N writes it, without any word that the file is new but its date. */
		"diff -ruN a/mm/new.c b/mm/new.c\n--- a/mm/new.c\t1970-01-01 00:00:00.000000000 +0000\n"
		"+++ b/mm/new.c\t2026-01-01 00:00:00.000000000 +0000\n@@ -0,0 +1 @@\n+int new;\n",
		"--- a/mm/new.c\n+++ b/mm/new.c\n@@ -0,0 +1 @@\n+int new;\n",
	};
	static const char *const deleted[] = {
		"--- a/mm/gone.c\n+++ /dev/null\n@@ -1 +0,0 @@\n-int gone;\n",
		"diff --git a/mm/gone.c b/mm/gone.c\ndeleted file mode 100644\nindex 1..0000000\n"
		"--- a/mm/gone.c\n+++ /dev/null\n@@ -1 +0,0 @@\n-int gone;\n",
		"--- a/mm/gone.c\t2026-01-01 00:00:00.000000000 +0000\n"
		"+++ b/mm/gone.c\t1970-01-01 00:00:00.000000000 +0000\n@@ -1 +0,0 @@\n-int gone;\n",
	};
	size_t i;

	(void)state;
	for (i = 0; i < G_N_ELEMENTS(created); i++)
		becomes(created[i], "mm/new.c", "int new;\n");
	for (i = 0; i < G_N_ELEMENTS(deleted); i++)
		becomes(deleted[i], "mm/gone.c", NULL);
	becomes("--- a/mm/empty.c\n+++ b/mm/empty.c\n@@ -0,0 +1 @@\n+int a;\n", "mm/empty.c",
		"int a;\n");
	becomes("diff --git a/mm/none.c b/mm/none.c\nnew file mode 100644\nindex 0000000..e69de29\n",
		"mm/none.c", "");
	refused("--- /dev/null\n+++ b/mm/gone.c\n@@ -0,0 +1 @@\n+int other;\n",
		"the diff brings mm/gone.c, which is there already");
	refused("--- /dev/null\n+++ b/mm/gone.c\n@@ -0,0 +1 @@\n+int gone;\n",
		"is in the source already");
	refused("--- a/mm/gone.c\n+++ /dev/null\n@@ -1 +0,0 @@\n-int other;\n",
		"mm/gone.c:1 has \"int gone;\", where the diff has \"int other;\"");
}

static void renames_and_copies(void **state)
{
	struct kgr_overlay *s;
	g_autofree char *text = NULL;

	(void)state;
	s = applied(
		"diff --git a/kernel/sys.c b/kernel/more-calls.c\nsimilarity index 99%\n"
		"rename from kernel/sys.c\nrename to kernel/more-calls.c\nindex 1..2 100644\n" UMASK(
			"a/kernel/sys.c", "b/kernel/more-calls.c"),
		-1);
	holds(s, "kernel/sys.c", NULL);
	text = text_in(s, "kernel/more-calls.c");
	assert_non_null(strstr(text, "S_IRWXU)"));
	assert_int_equal(s->files->len, 2);
	kgr_overlay_free(s);
	s = applied("diff --git a/mm/gone.c b/doc/main.rst\nsimilarity index 100%\n"
		    "rename from mm/gone.c\nrename to doc/main.rst\n",
		    -1);
	holds(s, "mm/gone.c", NULL);
	holds(s, "doc/main.rst", "int gone;\n");
	kgr_overlay_free(s);
	/* A copy is one of what was there before the diff, wherever it stands in it. */
	s = applied("--- a/mm/gone.c\n+++ b/mm/gone.c\n@@ -1 +1,2 @@\n int gone;\n+int more;\n"
		    "diff --git a/mm/gone.c b/mm/other.c\nsimilarity index 100%\n"
		    "copy from mm/gone.c\ncopy to mm/other.c\n",
		    -1);
	holds(s, "mm/gone.c", "int gone;\nint more;\n");
	holds(s, "mm/other.c", "int gone;\n");
	kgr_overlay_free(s);
	refused("--- a/mm/gone.c\n+++ b/mm/gone.c\n@@ -1 +1,2 @@\n int gone;\n+int more;\n"
		"--- a/mm/gone.c\n+++ b/mm/gone.c\n@@ -1,2 +1,3 @@\n int gone;\n int more;\n+int b;\n"
		"--- a/mm/gone.c\n+++ b/mm/gone.c\n@@ -1,3 +1,4 @@\n int gone;\n int more;\n int b;\n+int c;\n"
		"diff --git a/mm/gone.c b/mm/other.c\nsimilarity index 100%\n"
		"copy from mm/gone.c\ncopy to mm/other.c\n",
		"mm/gone.c is changed more than once and then renamed or copied");
	refused("diff --git a/mm/gone.c b/mm/empty.c\nsimilarity index 100%\n"
		"rename from mm/gone.c\nrename to mm/empty.c\n",
		"the diff brings mm/empty.c, which is there already");
}

static void takes_modes_and_odd_names(void **state)
{
	(void)state;
	becomes("diff --git a/mm/gone.c b/mm/gone.c\nold mode 100644\nnew mode 100755\n",
		"mm/gone.c", "int gone;\n");
	becomes("--- a/mm/two words.c\t2026-01-01 00:00:00.000000000 +0000\n"
		"+++ b/mm/two words.c\t2026-01-01 00:00:00.000000000 +0000\n"
		"@@ -1,2 +1,3 @@\n int a;\n int b;\n+int c;\n",
		"mm/two words.c", "int a;\nint b;\nint c;\n");
	becomes("diff --git \"a/mm/t\\303\\266.c\" \"b/mm/t\\303\\266.c\"\nnew file mode 100644\n"
		"--- /dev/null\n+++ \"b/mm/t\\303\\266.c\"\n@@ -0,0 +1 @@\n+int new;\n",
		"mm/t\303\266.c", "int new;\n");
}

static void takes_binary_files(void **state)
{
	struct kgr_overlay *s;
	g_autofree char *path = NULL, *data = NULL;
	gsize size;

	(void)state;
	s = applied("diff --git a/mm/logo b/mm/logo\nnew file mode 100644\n"
		    "index 0000000000000000000000000000000000000000.."
		    "1a23e4be731d2f539deeea324686d000ccdfbfcd\nGIT binary patch\nliteral 4\n"
		    "LcmYdfNa6wj0#*Rd\n\nliteral 0\nHcmV?d00001\n\n",
		    -1);
	path = g_build_filename(s->root, "mm/logo", NULL);
	assert_true(g_file_get_contents(path, &data, &size, NULL));
	assert_int_equal(size, 4);
	assert_memory_equal(data, "a\0b\n", 4);
	kgr_overlay_free(s);
	refused("diff --git a/mm/gone.c b/mm/gone.c\nindex 1..2 100644\nGIT binary patch\nliteral 4\n",
		"git apply says");
}

static void refuses_what_leaves_the_tree(void **state)
{
	(void)state;
	refused(UMASK("a/../kernel/sys.c", "b/../kernel/sys.c"), "leads out of the source tree");
	refused(UMASK("../source/kernel/sys.c", "../source/kernel/sys.c"), "leads out of");
	refused("--- /dev/null\n+++ b/../../out.c\n@@ -0,0 +1 @@\n+int a;\n", "leads out of");
	/* Not seen before git has read the escapes. */
	refused("diff --git \"a/\\056\\056/out.c\" \"b/\\056\\056/out.c\"\nnew file mode 100644\n"
		"--- /dev/null\n+++ \"b/\\056\\056/out.c\"\n@@ -0,0 +1 @@\n+int a;\n",
		"../out.c, no file of a source tree");
	refused(UMASK("/kernel/sys.c", "/kernel/sys.c"), "this name is absolute");
	refused("--- /dev/null\n+++ /tmp/kgraft-out.c\n@@ -0,0 +1 @@\n+int a;\n", "is absolute");
	refused(UMASK("a/alias/sys.c", "b/alias/sys.c"), "alias is a symbolic link in the source");
	refused("--- /dev/null\n+++ b/alias/new.c\n@@ -0,0 +1 @@\n+int a;\n",
		"alias is a symbolic link in the source");
	refused("--- a/mm/link.c\n+++ b/mm/link.c\n@@ -1,2 +1,3 @@\n int a;\n int b;\n+int c;\n",
		"mm/link.c is a symbolic link in the source");
	refused("--- /dev/null\n+++ b/mm/gone.c/new.c\n@@ -0,0 +1 @@\n+int a;\n",
		"mm/gone.c is no directory in the source");
	refused("diff --git a/mm b/mm\nnew file mode 100644\n--- /dev/null\n+++ b/mm\n"
		"@@ -0,0 +1 @@\n+int a;\n"
		"--- a/mm/gone.c\n+++ b/mm/gone.c\n@@ -1 +1 @@\n-int gone;\n+int here;\n",
		"mm is no regular file in the source");
	refused("diff --git a/mm/new b/mm/new\nnew file mode 120000\nindex 0000000..1\n"
		"--- /dev/null\n+++ b/mm/new\n@@ -0,0 +1 @@\n+/etc/passwd\n"
		"\\ No newline at end of file\n",
		"mm/new would be a symbolic link");
	refused("diff --git a/mm/gone.c b/mm/gone.c\nindex 1..2 160000\n--- a/mm/gone.c\n"
		"+++ b/mm/gone.c\n@@ -1 +1 @@\n-int gone;\n+int gone, more;\n",
		"would be a symbolic link or a submodule");
}

static void changes_setgid(const char *numbers)
{
	g_autofree char *diff = g_strdup_printf(
		"--- a/kernel/sys.c\n+++ b/kernel/sys.c\n@@ -%s @@ long __sys_setgid(gid_t gid)\n"
		" \tnew = prepare_creds();\n \tif (!new)\n \t\treturn -ENOMEM;\n+\tcond_resched();\n"
		" \told = current_cred();\n \n \tretval = -EPERM;\n",
		numbers);
	struct kgr_overlay *s = applied(diff, -1);
	g_autofree char *text = text_in(s, "kernel/sys.c");

	assert_true(strstr(text, "cond_resched") > strstr(text, "__sys_setgid"));
	assert_int_equal(s->notes->len, 0);
	kgr_overlay_free(s);
}

/* Six lines that stand in two functions, at the line of neither. */
static void refuses_an_offset_that_may_be_another(void **state)
{
	(void)state;
	refused("--- a/kernel/sys.c\n+++ b/kernel/sys.c\n@@ -13,6 +13,7 @@ long __sys_setgid(gid_t gid)\n"
		" \tnew = prepare_creds();\n \tif (!new)\n \t\treturn -ENOMEM;\n+\tcond_resched();\n"
		" \told = current_cred();\n \n \tretval = -EPERM;\n",
		"hunk 1 of kernel/sys.c fits 2 places, and the source is not the one that it was made "
		"of: kernel/sys.c:6 (__sys_setregid), kernel/sys.c:17 (__sys_setgid); the hunk says "
		"line 13 and names __sys_setgid");
	/* At its line it may fit elsewhere as well; and git would go by the second line number. */
	changes_setgid("17,6 +17,7");
	changes_setgid("17,6 +6,7");
	/* But not where another hunk shows that lines have moved, unless its function is the one that it names. */
	refused("--- a/kernel/sys.c\n+++ b/kernel/sys.c\n@@ -6,6 +6,7 @@ long __sys_setgid(gid_t gid)\n"
		" \tnew = prepare_creds();\n \tif (!new)\n \t\treturn -ENOMEM;\n+\tcond_resched();\n"
		" \told = current_cred();\n \n \tretval = -EPERM;\n"
		"@@ -20,5 +21,5 @@ SYSCALL_DEFINE1(umask, int, mask)\n \n int last(void)\n {\n-\treturn 0;\n"
		"+\treturn 1;\n }\n",
		"hunk 1 of kernel/sys.c fits 2 places");
}

static void notes_an_offset(void **state)
{
	static const char moved[] =
		"--- a/kernel/sys.c\n+++ b/kernel/sys.c\n@@ -20,7 +20,7 @@ long __sys_setgid(gid_t gid)\n"
		" \n SYSCALL_DEFINE1(umask, int, mask)\n {\n"
		"-\tmask = xchg(&current->fs->umask, mask & S_IRWXUGO);\n"
		"+\tmask = xchg(&current->fs->umask, mask & S_IRWXU);\n \treturn mask;\n }\n \n";
	struct kgr_overlay *s = applied(moved, -1);
	g_autofree char *other = g_strdup(moved);
	char *name;

	(void)state;
	assert_int_equal(s->notes->len, 1);
	assert_non_null(strstr(s->notes->pdata[0], "0.diff:3: hunk 1 of kernel/sys.c: at line "));
	assert_non_null(strstr(s->notes->pdata[0], " instead of 20, "));
	kgr_overlay_free(s);
	/* The same in a function that it does not name. */
	name = strstr(other, "__sys_setgid");
	memcpy(name, "__sys_setuid", strlen("__sys_setuid"));
	refused(other,
		"hunk 1 of kernel/sys.c names __sys_setuid, and the only place that it fits, "
		"kernel/sys.c:");
	refused(other, "is in __sys_setgid");
}

static void names_what_differs(void **state)
{
	(void)state;
	refused("--- a/mm/gone.c\n+++ b/mm/gone.c\n@@ -1 +1,2 @@\n int went;\n+int more;\n",
		"0.diff:3: hunk 1 of mm/gone.c does not apply: mm/gone.c:1 has \"int gone;\", where the "
		"diff has \"int went;\"; refresh the diff");
	refused("--- a/mm/gone.c\n+++ b/mm/gone.c\n@@ -1,2 +1,3 @@\n int gone;\n int b;\n+int more;\n",
		"mm/gone.c ends at line 1, where the diff has \"int b;\"");
	refused("--- a/mm/gone.c\n+++ b/mm/gone.c\n@@ -1 +1,2 @@\n int  gone;\n+int more;\n",
		"only white space differs");
	refused("--- a/mm/gone.c\n+++ b/mm/gone.c\n@@ -1 +1,2 @@\n int gone;\r\n+int more;\r\n",
		"one has CRLF, the other LF");
	refused("--- a/kernel/sys.c\n+++ b/kernel/sys.c\n@@ -28 +28 @@\n"
		"-\tmask = xchg(&current->fs->umask, mask & S_IRWXUGO);\n+\tmask = 0;\n",
		"has no lines of context");
	refused("--- a/kernel/sys.c\n+++ b/kernel/sys.c\n@@ -28,0 +29 @@\n+\tmask = 0;\n",
		"has no lines of context");
	refused("--- a/mm/tail.c\n+++ b/mm/tail.c\n@@ -1,2 +1,3 @@\n int a;\n int b;\n+int c;\n",
		"white space at the line's end");
}

static void knows_what_is_applied(void **state)
{
	static const char both[] =
		"--- a/mm/gone.c\n+++ b/mm/gone.c\n@@ -1 +1 @@\n-int come;\n+int gone;\n"
		"--- a/kernel/sys.c\n+++ b/kernel/sys.c\n@@ -32,4 +32,4 @@ SYSCALL_DEFINE1(umask, int, mask)\n"
		" int last(void)\n {\n-\treturn 5;\n+\treturn 0;\n }\n";
	g_autofree char *half = g_strdup(both);

	(void)state;
	refused(both, "is in the source already: it is applied, or reversed");
	refused("diff --git b/mm/gone.c a/mm/gone.c\nindex 1..2 100644\n--- b/mm/gone.c\n"
		"+++ a/mm/gone.c\n@@ -1 +1 @@\n-int come;\n+int gone;\n",
		"is in the source already: it is reversed, from b/ to a/");
	memcpy(strstr(half, "+\treturn 0"), "+\treturn 7", strlen("+\treturn 7"));
	refused(half, "hunk 1 of mm/gone.c is in the source already, at mm/gone.c:1");
}

static void keeps_ends_of_lines(void **state)
{
	(void)state;
	becomes("--- a/mm/crlf.c\r\n+++ b/mm/crlf.c\r\n@@ -1,3 +1,4 @@\r\n int a;\r\n int b;\r\n+int x;\r\n int c;\r\n",
		"mm/crlf.c", "int a;\r\nint b;\r\nint x;\r\nint c;\r\n");
	becomes("--- a/mm/tail.c\n+++ b/mm/tail.c\n@@ -1,2 +1,2 @@\n int a;\n-int b;\n"
		"\\ No newline at end of file\n+int c;\n",
		"mm/tail.c", "int a;\nint c;\n");
	becomes("--- a/mm/gone.c\n+++ b/mm/gone.c\n@@ -1 +1 @@\n-int gone;\n+int c;\n"
		"\\ No newline at end of file\n",
		"mm/gone.c", "int c;");
	becomes("--- a/mm/tail.c\n+++ b/mm/tail.c\n@@ -1,2 +1,3 @@\n+int x;\n int a;\n int b;\n"
		"\\ No newline at end of file\n",
		"mm/tail.c", "int x;\nint a;\nint b;");
}

/* The second diff changes what the first one brings; in one file as well, and in a mailbox. */
static void applies_one_after_the_other(void **state)
{
	static const char first[] = "--- /dev/null\n+++ b/mm/new.c\n@@ -0,0 +1 @@\n+int new;\n",
			  second[] = "--- a/mm/new.c\n+++ b/mm/new.c\n@@ -1 +1,2 @@\n int new;\n"
				     "+int newer;\n",
			  third[] = "--- a/mm/new.c\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-int new;\n"
				    "-int newer;\n";
	const char *const texts[] = { first, second, NULL };
	g_autofree char *one = g_strconcat(first, second, NULL);
	g_autofree char *all = g_strconcat(first, second, third, NULL);
	struct kgr_overlay *s = create_from(texts, KGR_STRIP_UNKNOWN, NULL);

	(void)state;
	assert_non_null(s);
	assert_true(kgr_overlay_drop_line_directives(s, NULL));
	holds(s, "mm/new.c", "int new;\nint newer;\n");
	assert_int_equal(s->diffs->len, 2);
	assert_int_equal(s->files->len, 1);
	kgr_overlay_free(s);
	becomes(one, "mm/new.c", "int new;\nint newer;\n");
	becomes(all, "mm/new.c", NULL);
	refused(second, "mm/new.c is not in the source tree");
}

/* Settings of a user or in variables, git's or such as patch(1) knew, change nothing. */
static void heeds_no_environment(void **state)
{
	g_autofree char *config =
		unit_write("home/git/config", "[apply]\n\tignoreWhitespace = change\n");
	g_autofree char *attributes = unit_write("home/git/attributes", "* text eol=crlf\n");
	g_autofree char *home = unit_path("home");
	const char *const names[][2] = {
		{ "QUOTING_STYLE", "c" },
		{ "POSIXLY_CORRECT", "1" },
		{ "GIT_DIR", "/nonexistent" },
		{ "GIT_CONFIG_COUNT", "1" },
		{ "GIT_CONFIG_KEY_0", "core.autocrlf" },
		{ "GIT_CONFIG_VALUE_0", "true" },
		{ "LC_ALL", "de_DE.UTF-8" },
		{ "HOME", home },
		{ "XDG_CONFIG_HOME", home },
	};
	size_t i;

	(void)state;
	for (i = 0; i < G_N_ELEMENTS(names); i++)
		g_setenv(names[i][0], names[i][1], TRUE);
	changes_umask(UMASK("a/kernel/sys.c", "b/kernel/sys.c"), -1);
	refused("--- a/mm/gone.c\n+++ b/mm/gone.c\n@@ -1 +1,2 @@\n int  gone;\n+int more;\n",
		"only white space differs");
	for (i = 0; i < G_N_ELEMENTS(names); i++)
		g_unsetenv(names[i][0]);
}

/* What is carried in the module is the text that was applied. */
static void keeps_what_was_applied(void **state)
{
	struct kgr_overlay *s = applied(UMASK("a/kernel/sys.c", "b/kernel/sys.c"), -1);
	gsize size;
	const char *text = g_bytes_get_data(s->diffs->pdata[0], &size);

	(void)state;
	assert_string_equal(text, UMASK("a/kernel/sys.c", "b/kernel/sys.c"));
	assert_int_equal(size, strlen(text));
	kgr_overlay_free(s);
}

static void says_that_git_is_missing(void **state)
{
	const char *const texts[] = { UMASK("a/kernel/sys.c", "b/kernel/sys.c"), NULL };
	g_autofree char *path = g_strdup(g_getenv("PATH"));
	GError *error = NULL;

	(void)state;
	g_setenv("PATH", "/nonexistent", TRUE);
	assert_null(create_from(texts, KGR_STRIP_UNKNOWN, &error));
	g_setenv("PATH", path, TRUE);
	unit_failed(&error, KGR_TROUBLE, "git is not installed");
}

static void says_that_there_is_nothing(void **state)
{
	(void)state;
	refused("nothing at all\n", "no diff in it");
	refused("", "is empty: no diff in it");
	refused("Index: a/kernel/sys.c\n1d\n", "no diff in it");
}

/* Whatever is cut off or changed: refused or applied, and nothing else is touched. */
static void survives_damage(void **state)
{
	static const char whole[] =
		"diff --git a/mm/gone.c b/mm/went.c\nsimilarity index 50%\nrename from mm/gone.c\n"
		"rename to mm/went.c\n--- a/mm/gone.c\n+++ b/mm/went.c\n@@ -1 +1,2 @@\n int gone;\n+int b;\n"
		"--- a/mm/tail.c\n+++ b/mm/tail.c\n@@ -1,2 +1,2 @@\n int a;\n-int b;\n"
		"\\ No newline at end of file\n+int c;\n";
	size_t i;

	(void)state;
	for (i = 0; i < strlen(whole); i += 3) {
		g_autofree char *cut = g_strndup(whole, i), *flipped = g_strdup(whole);
		const char *const texts[] = { cut, NULL }, *const other[] = { flipped, NULL };

		kgr_overlay_free(create_from(texts, KGR_STRIP_UNKNOWN, NULL));
		flipped[i] ^= 1 << i % 7;
		if (flipped[i])
			kgr_overlay_free(create_from(other, KGR_STRIP_UNKNOWN, NULL));
	}
}

static int free_source(void **state)
{
	(void)state;
	g_free(source);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_strip),
		cmocka_unit_test(asks_which_strip),
		cmocka_unit_test(creates_and_deletes),
		cmocka_unit_test(renames_and_copies),
		cmocka_unit_test(takes_modes_and_odd_names),
		cmocka_unit_test(takes_binary_files),
		cmocka_unit_test(refuses_what_leaves_the_tree),
		cmocka_unit_test(refuses_an_offset_that_may_be_another),
		cmocka_unit_test(notes_an_offset),
		cmocka_unit_test(names_what_differs),
		cmocka_unit_test(knows_what_is_applied),
		cmocka_unit_test(keeps_ends_of_lines),
		cmocka_unit_test(applies_one_after_the_other),
		cmocka_unit_test(heeds_no_environment),
		cmocka_unit_test(keeps_what_was_applied),
		cmocka_unit_test(says_that_git_is_missing),
		cmocka_unit_test(says_that_there_is_nothing),
		cmocka_unit_test(survives_damage),
	};

	return cmocka_run_group_tests_name("source-overlay", tests, make_source, free_source) ? 1 :
												0;
}
