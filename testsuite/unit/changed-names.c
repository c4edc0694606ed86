// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "unit.h"
#include "source/changed-names.h"

static gint by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(a, b);
}

static void set_is(GHashTable *set, const char *want)
{
	g_autoptr(GList) names = g_list_sort(g_hash_table_get_keys(set), by_name);
	g_autoptr(GString) got = g_string_new(NULL);
	GList *it;

	for (it = names; it; it = it->next)
		g_string_append_printf(got, "%s%s", got->len ? " " : "", (char *)it->data);
	assert_string_equal(got->str, want);
}

/* Of a file that becomes another one, without hunks. */
static struct kgr_changed_names *names_of(const char *file, const char *old, const char *patched)
{
	struct kgr_file_diff diff = { .hunks = g_ptr_array_new() };
	struct kgr_changed_names *n = kgr_changed_names_new(file, old, patched, &diff);

	g_ptr_array_unref(diff.hunks);
	return n;
}

static void brings_and_changes(const char *file, const char *old, const char *patched,
			       const char *brings, const char *changes)
{
	struct kgr_changed_names *n = names_of(file, old, patched);

	set_is(n->brings, brings);
	set_is(n->changes, changes);
	kgr_changed_names_free(n);
}

static void knows_declarations(void **state)
{
	(void)state;
	brings_and_changes("a.h", "int f(int a);", "int f(int a, int b);\nint g(void);", "g", "f");
	brings_and_changes("a.h", "extern int a, b[2];", "extern int a; extern int c;", "c", "a b");
	brings_and_changes("a.h", "#define A 1\n#define C(x) x\n",
			   "#define A 2\n#define B\n#define C(x) x\n", "B", "A");
	brings_and_changes("a.h", "enum e { A, B };", "enum e { A, B, C };", "C", "");
	brings_and_changes("a.h", "", "typedef struct s { int a; } s_t;", "s s_t", "");
	brings_and_changes("a.h", "struct s { int a; } __packed;",
			   "struct s { int a; } __packed; struct t { int a; } __packed;", "t", "");
	brings_and_changes("a.h", NULL, "static inline int __must_check f(void) { return 1; }", "f",
			   "");
	brings_and_changes("a.h", "int f(void);", NULL, "", "f");
	brings_and_changes("a.h", "", "typedef int (*f_t)(int, int); extern int (*p)(int);",
			   "f_t p", "");
}

static void keeps_to_what_others_see(void **state)
{
	(void)state;
	/* Bodies, initialisers, and what is a file's own. */
	brings_and_changes("a.c", "int f(void) { return 1; } int a = 1;",
			   "int f(void) { return 2; } int a = 2;", "", "");
	brings_and_changes(
		"a.c", "",
		"static int f(void) { return 1; } static int a;\n#define A 1\nstruct s { int b; };",
		"", "");
	brings_and_changes("a.c", "static int f(void) { return 1; }", "int f(void) { return 1; }",
			   "f", "");
	brings_and_changes("a.c", "int f(void) { return 1; }",
			   "int f(void) { return 1; }\nEXPORT_SYMBOL(f);", "f", "");
	brings_and_changes("a.c", "int f(void) { return 1; }\nEXPORT_SYMBOL(f);",
			   "int f(void) { return 1; }", "", "f");
	brings_and_changes("a.c", "", "SYSCALL_DEFINE1(foo, int, a) { return 1; }", "foo", "");
	brings_and_changes(
		"a.c", "",
		"DEFINE_PER_CPU(unsigned int, p); DEFINE_MUTEX(m); MODULE_LICENSE(\"GPL\"); "
		"module_param(q, int, 0);",
		"p", "");
	brings_and_changes("a.S", "SYM_FUNC_START(f)\n", "SYM_FUNC_START(f)\nSYM_CODE_START(g)\n",
			   "g", "");
}

static void knows_members(void **state)
{
	struct kgr_changed_names *n = names_of(
		"a.h", "struct s { int a; unsigned b : 2; int (*c)(int d); };",
		"struct s { long a; unsigned b : 2, e : 1; int (*c)(int d); struct { int g[2]; }; };");

	(void)state;
	set_is(n->members, "e g");
	set_is(n->other_members, "a b");
	set_is(n->types, "s");
	set_is(n->brings, "");
	kgr_changed_names_free(n);
}

static void members_of(const char *old, const char *patched, const char *brings,
		       const char *changes)
{
	struct kgr_changed_names *n = names_of("a.h", old, patched);

	set_is(n->members, brings);
	set_is(n->other_members, changes);
	kgr_changed_names_free(n);
}

/* Who gets at a structure that comes or goes is told by its name, or by what else is new; not by "lock". */
static void keeps_to_structures_that_stay(void **state)
{
	(void)state;
	members_of("struct s { int lock; };", "struct s { int lock; }; struct t { long lock; };",
		   "", "");
	members_of("struct s { int lock; }; struct t { long lock; };", "struct s { int lock; };",
		   "", "");
	members_of("struct s { int a; }; struct t { int lock; };",
		   "struct s { int a; int lock; }; struct t { int lock; };", "lock", "");
	members_of("typedef struct { int a; } s;", "typedef struct { int a, b; } s;", "b", "a");
	members_of("struct s { int a; };",
		   "struct s { int a; u32 :4; int b __aligned(8); u8 __user *c; int d __packed; };",
		   "b c d", "");
}

static void knows_touched_functions(void **state)
{
	struct kgr_changed_names *n = names_of(
		"a.c", "static int f(void) { return 1; } int g(void) { return 1; }",
		"static int f(void) { return 2; } int g(void) { return 1; } int h(void) { return 1; }");

	(void)state;
	set_is(n->touched, "f h");
	kgr_changed_names_free(n);
}

static void reads_changed_lines(void **state)
{
	static const char body[] =
		" context()\n-\told->gone; /* word */\n+\tx = call(a.b, \"text\"); // word\n"
		"+ * word\n+#include <linux/new.h>\n+#ifdef CONFIG_A\n"
		"+\t/* word */ *first = 1;\n+\t*deref = 1;\n+ * word */ last;\n";
	struct kgr_hunk hunk = { .body = body, .size = sizeof(body) - 1 };
	struct kgr_file_diff diff = { .hunks = g_ptr_array_new() };
	struct kgr_changed_names *n;

	(void)state;
	g_ptr_array_add(diff.hunks, &hunk);
	n = kgr_changed_names_new("Makefile", NULL, NULL, &diff);
	set_is(n->uses, "CONFIG_A a call deref first ifdef last old x");
	set_is(n->reaches, "b gone");
	set_is(n->includes, "linux/new.h");
	kgr_changed_names_free(n);
	g_ptr_array_unref(diff.hunks);
}

UNIT_MAIN("changed-names", cmocka_unit_test(knows_declarations),
	  cmocka_unit_test(keeps_to_what_others_see), cmocka_unit_test(knows_members),
	  cmocka_unit_test(keeps_to_structures_that_stay),
	  cmocka_unit_test(knows_touched_functions), cmocka_unit_test(reads_changed_lines))
