// SPDX-License-Identifier: GPL-3.0-or-later
/* A file's hunks as parts: initial values on their own, if nothing speaks for the others having to do with them. */
#include <string.h>

#include "unit.h"
#include "lib/subprocess.h"
#include "source/diff-write.h"
#include "split/cut.h"

#define GAP "\n/* 1 */\n/* 2 */\n/* 3 */\n/* 4 */\n/* 5 */\n/* 6 */\n\n"
#define F(body) "static int f(struct s *x)\n{\n\treturn " body ";\n}\n"
#define OPS(values) "static const struct ops f_ops = {\n\t.first = 1,\n" values "\t.last = 2,\n};\n"
#define TABLE(values) "int table[] = {\n\t1,\n" values "\t3,\n};\n"

static guint number_of(const struct kgr_file_diff *diff, const struct kgr_hunk *hunk)
{
	guint i = 0;

	assert_true(g_ptr_array_find(diff->hunks, hunk, &i));
	return i + 1;
}

/* The parts, each as the numbers of its hunks, with what it initializes: "1 2 | 3 f_ops". */
static char *cut(const char *name, const char *old, const char *patched)
{
	g_autofree char *before = unit_write("old", old), *after = unit_write("patched", patched);
	g_auto(kgr_subprocess) run = { 0 };
	g_autoptr(GString) out = g_string_new(NULL);
	struct kgr_split_file *f = g_new0(struct kgr_split_file, 1);
	struct kgr_diff_text *text;
	struct kgr_diff *diff;
	guint i, n;

	kgr_subprocess_add(&run, "diff", "-u", "--label", "a/x.c", "--label", "b/x.c", before,
			   after, NULL);
	assert_true(kgr_subprocess_run_all(&run, 1, 1, NULL));
	text = kgr_diff_text_new("x.diff", g_bytes_new(run.output, strlen(run.output)), 1);
	diff = kgr_diff_parse(text, NULL);
	assert_non_null(diff);
	f->name = g_strdup(name);
	f->diff = diff->files->pdata[0];
	kgr_split_cut(f, old, patched);
	for (i = 0; i < f->parts->len; i++) {
		const struct kgr_split_part *p = f->parts->pdata[i];

		g_string_append(out, i ? " | " : "");
		for (n = 0; n < p->hunks->len; n++)
			g_string_append_printf(out, "%s%u", n ? " " : "",
					       number_of(f->diff, p->hunks->pdata[n]));
		for (n = 0; p->objects && n < p->objects->len; n++)
			g_string_append_printf(out, " %s", (char *)p->objects->pdata[n]);
	}
	kgr_split_file_free(f);
	kgr_diff_free(diff);
	kgr_diff_text_free(text);
	return g_strdup(out->str);
}

static void parts_are(const char *old, const char *patched, const char *want)
{
	g_autofree char *is = cut("x.c", old, patched);

	assert_string_equal(is, want);
}

static void cuts_initial_values_off(void **state)
{
	g_autofree char *header = NULL;

	(void)state;
	parts_are(F("x->a") GAP OPS("\t.gone = 3,\n") GAP, F("x->b") GAP OPS("") GAP,
		  "1 | 2 f_ops");
	/* Two of them; and without any function. */
	parts_are(F("x->a") GAP OPS("\t.gone = 3,\n") GAP TABLE("\t2,\n") GAP,
		  F("x->b") GAP OPS("") GAP TABLE("") GAP, "1 | 2 f_ops | 3 table");
	parts_are(GAP OPS("\t.gone = 3,\n") GAP TABLE("\t2,\n") GAP, GAP OPS("") GAP TABLE("") GAP,
		  "1 f_ops | 2 table");
	/* Two functions are one, and nothing else is C that is cut. */
	parts_are(F("x->a") GAP F("1") GAP, F("x->b") GAP F("2") GAP, "1 2");
	header = cut("x.h", F("x->a") GAP OPS("\t.gone = 3,\n") GAP, F("x->b") GAP OPS("") GAP);
	assert_string_equal(header, "1 2");
}

static void keeps_what_belongs_together(void **state)
{
	(void)state;
	/* A function that changes has the object; a changed line has the function; a member, in changed lines of both. */
	parts_are(F("x->ops == &f_ops") GAP OPS("\t.gone = 3,\n") GAP,
		  F("x->ops != &f_ops") GAP OPS("") GAP, "1 2");
	parts_are(F("x->a") GAP OPS("") GAP, F("x->b") GAP OPS("\t.call = f,\n") GAP, "1 2");
	parts_are(F("x->a") GAP OPS("\t.flags = 3,\n") GAP, F("x->flags") GAP OPS("") GAP, "1 2");
	/* In a function that changes elsewhere a member says nothing, and a word does. */
	parts_are(F("x->flags\n\t+ 1") GAP OPS("\t.flags = 3,\n") GAP,
		  F("x->flags\n\t+ 2") GAP OPS("") GAP, "1 | 2 f_ops");
}

/* What one of them says behind a comment, in a continued line, on its other lines, by another word. */
static void sees_all_words(void **state)
{
	(void)state;
	parts_are(F("x->a") GAP OPS("") GAP, F("x->b") GAP OPS("\t/* is */ .call = f,\n") GAP,
		  "1 2");
	parts_are(F("x->a") GAP OPS("") GAP, F("x->b") GAP OPS("\t.n = 2\n\t* f(0),\n") GAP, "1 2");
	parts_are(F("x->a") GAP OPS("") GAP, F("x->b") GAP OPS("\t.s = \"a\\\nb\", .c = f,\n") GAP,
		  "1 2");
	parts_are("static int f(struct s *x)\n{\n\t*x->len = 1;\n}\n" GAP OPS("") GAP,
		  "static int f(struct s *x)\n{\n\t*x->len = 2;\n}\n" GAP OPS("\t.len = 3,\n") GAP,
		  "1 2");
	/* Its callback, on another line. */
	parts_are(F("x->a") GAP OPS("\t.call = f,\n\t.flags = 1,\n") GAP,
		  F("x->b") GAP OPS("\t.call = f,\n\t.flags = 2,\n") GAP, "1 2");
	/* An entry, of a macro too, is one thing; its neighbour is another. */
	parts_are(
		F("x->a") GAP OPS("\t{\n\t\t.name = \"f\",\n\t\t.to = f,\n\t\t.flags = 1,\n\t},\n")
			GAP,
		F("x->b") GAP OPS("\t{\n\t\t.name = \"f\",\n\t\t.to = f,\n\t\t.flags = 2,\n\t},\n")
			GAP,
		"1 2");
	parts_are(F("x->a") GAP OPS("\t{\n\t\t.to = g,\n\t},\n\t{\n\t\t.flags = 1,\n\t},\n") GAP,
		  F("x->b") GAP OPS("\t{\n\t\t.to = g,\n\t},\n\t{\n\t\t.flags = 2,\n\t},\n") GAP,
		  "1 | 2 f_ops");
	parts_are(F("own(x)") GAP OPS("\tRW(A, 0,\n\t   own),\n") GAP,
		  F("own(x + 1)") GAP OPS("\tRW(B, 0,\n\t   own),\n") GAP, "1 2");
	/* By its type; and by a name that looks like an attribute's. */
	parts_are(F("sizeof(struct ops)") GAP OPS("\t.gone = 3,\n") GAP,
		  F("2 * sizeof(struct ops)") GAP OPS("") GAP, "1 2");
	parts_are(F("__t[1]") GAP "static u16 __t[2] __used_here = {\n\t1,\n\t2,\n};\n" GAP,
		  F("__t[0]") GAP "static u16 __t[2] __used_here = {\n\t1,\n\t3,\n};\n" GAP, "1 2");
	parts_are(F("1") GAP "static u32 __one = 1;\n" GAP,
		  F("2") GAP "static u32 __one = 2;\n" GAP, "1 | 2 __one");
	parts_are(F("1") GAP "static u16 __t[2] __used_here = {\n\t1,\n\t2,\n};\n" GAP,
		  F("2") GAP "static u16 __t[2] __used_here = {\n\t1,\n\t3,\n};\n" GAP,
		  "1 | 2 __t");
}

static void leaves_whole_what_it_cannot_tell(void **state)
{
	(void)state;
	/* Macros, enumerators and types, which may be all over the file. */
	parts_are("#define M(x) \\\n\t((x) + 1)\n" GAP OPS("\t.gone = 3,\n") GAP,
		  "#define M(x) \\\n\t((x) + 2)\n" GAP OPS("") GAP, "1 2");
	parts_are("enum {\n\tA,\n\tB,\n};\n" GAP OPS("\t.gone = 3,\n") GAP,
		  "enum {\n\tA,\n\tC,\n\tB,\n};\n" GAP OPS("") GAP, "1 2");
	parts_are("struct t {\n\tint a;\n\tint b;\n};\n" GAP OPS("\t.gone = 3,\n") GAP,
		  "struct t {\n\tint b;\n};\n" GAP OPS("") GAP, "1 2");
	parts_are(F("1\n#define N 1\n") GAP OPS("\t.gone = 3,\n") GAP,
		  F("1\n#define N 2\n") GAP OPS("") GAP, "1 2");
	parts_are("#include <a.h>\nint f(void);\n" GAP OPS("\t.gone = 3,\n") GAP,
		  "#include <a.h>\n#include <b.h>\nint f(long);\n" GAP OPS("") GAP, "1 2");
	parts_are("int g;\nint f(void);\n" GAP OPS("\t.gone = 3,\n") GAP,
		  "int g;\nint f(long);\n" GAP OPS("") GAP, "1 | 2 f_ops");
	/* Lines of a macro within an initializer; and where #if and #else have more braces than there are. */
	parts_are(F("1") GAP OPS("#define V(x) \\\n\t((x) + 1)\n\t.v = V(1),\n") GAP,
		  F("2") GAP OPS("#define V(x) \\\n\t((x) + 2)\n\t.v = V(1),\n") GAP, "1 2");
	parts_are(F("1") GAP "static int a = {\n#if X\n{\n#else\n{\n#endif\n1 };\n" F("3") GAP,
		  F("2") GAP "static int a = {\n#if X\n{\n#else\n{\n#endif\n1 };\n" F("4") GAP,
		  "1 2");
	/* Another declaration; a directive; an object that comes, and one of two in a declaration. */
	parts_are(F("1") GAP "static int a[] = {\n\t1,\n};\n" GAP,
		  F("2") GAP "static long a[] = {\n\t1,\n};\n" GAP, "1 2");
	parts_are(F("1") GAP OPS("\t.gone = 3,\n") GAP,
		  F("2") GAP OPS("#ifdef X\n\t.gone = 3,\n#endif\n") GAP, "1 2");
	parts_are(F("1") GAP GAP, F("2") GAP "static int a = 1;\n" GAP, "1 2");
	parts_are(F("1") GAP "int a = 1, b = 2;\n" GAP, F("2") GAP "int a = 1, b = 3;\n" GAP,
		  "1 2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cuts_initial_values_off),
		cmocka_unit_test(keeps_what_belongs_together),
		cmocka_unit_test(sees_all_words),
		cmocka_unit_test(leaves_whole_what_it_cannot_tell),
	};

	return unit_run("cut", tests, G_N_ELEMENTS(tests));
}
