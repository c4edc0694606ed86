// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "pair.h"

/* As include/linux/once.h has it, made short. */
#define HEAD                                                                                       \
	"#define ONCE(x) ({ static _Bool ___done; if (!___done) { ___done = 1; draw(&x); } })\n"   \
	"#define SAY(s) ({ static _Bool __already_done; if (!__already_done) {"                    \
	" __already_done = 1; say(s); } })\n"                                                      \
	"extern void draw(int *), say(const char *); extern int use(int);\n"

static const char *const flags[] = { "-O2", "-O2 -gdwarf-4",
				     "-O2 -ffunction-sections -fdata-sections", NULL };

/* The @n-th static local of that name, in the order of their declaration in @of. */
static struct kgr_sym *local(struct kgr_obj *obj, const char *name, guint n)
{
	g_autoptr(GPtrArray) all = g_ptr_array_new();
	size_t i;
	guint k;

	for (i = 0; i < obj->nsyms; i++) {
		struct kgr_sym *sym = &obj->syms[i];

		if (g_strcmp0(sym->source_name, name) != 0 || !kgr_sym_is_object(sym))
			continue;
		for (k = 0; k < all->len; k++) {
			if (((struct kgr_sym *)all->pdata[k])->decl_line > sym->decl_line)
				break;
		}
		g_ptr_array_insert(all, (gint)k, sym);
	}
	assert_true(n < all->len);
	return all->pdata[n];
}

static void a_second_one_in_front(void **state)
{
	guint i;

	(void)state;
	for (i = 0; flags[i]; i++) {
		struct unit_pair o =
			unit_pair_of(HEAD "int s1, s2;\n#line 20\nint f(void)\n{\n"
					  "\tONCE(s1);\n\treturn s1;\n}\n",
				     HEAD "int s1, s2;\n#line 20\nint f(void)\n{\n"
					  "\tONCE(s2);\n\n\tONCE(s1);\n\treturn s1;\n}\n",
				     flags[i]);

		assert_ptr_equal(local(o.a, "___done", 0)->twin, local(o.b, "___done", 1));
		assert_null(local(o.b, "___done", 0)->twin);
		assert_null(local(o.b, "___done", 0)->unsettled);
		unit_pair_close(&o);
	}
}

/* The lines after the one that was put in keep their numbers, as in a source overlay. */
static void both_on_one_line(void **state)
{
	struct unit_pair o = unit_pair_of(
		HEAD "int s1, s2;\n#line 20\nint f(void)\n{\n\tONCE(s1);\n\treturn s1;\n}\n",
		HEAD "int s1, s2;\n#line 20\nint f(void)\n{\n\tONCE(s2);\n"
		     "#line 22\n\tONCE(s1);\n\treturn s1;\n}\n",
		NULL);
	const struct kgr_sym *twin = local(o.a, "___done", 0)->twin, *other;

	(void)state;
	assert_non_null(twin);
	other = local(o.b, "___done", 0) == twin ? local(o.b, "___done", 1) :
						   local(o.b, "___done", 0);
	assert_null(other->twin);
	/* What the twin guards is s1: draw(&s1) is in its block. */
	assert_true(twin->block->len > 0);
	{
		const struct kgr_code_range *code =
			&g_array_index(twin->block, struct kgr_code_range, twin->block->len - 1);
		size_t count, r;
		struct kgr_rel *rels = kgr_sec_rels(code->sec, code->start, code->end, &count);
		bool s1 = false;

		for (r = 0; r < count; r++)
			s1 |= !strcmp(rels[r].sym->name, "s1");
		assert_true(s1);
	}
	unit_pair_close(&o);
}

static void a_guard_is_as_new_as_what_it_guards(void **state)
{
	guint i;

	(void)state;
	for (i = 0; flags[i]; i++) {
		struct unit_pair o = unit_pair_of(
			HEAD "static int key;\nstatic inline void once(void) { ONCE(key); }\n"
			     "int f(void) { once(); return use(key); }\n"
			     "int g(void) { once(); return use(key + 1); }\n",
			HEAD "static int secret;\nstatic inline void once(void) { ONCE(secret); }\n"
			     "int f(void) { once(); return use(secret); }\n"
			     "int g(void) { once(); return use(secret + 1); }\n",
			flags[i]);

		assert_null(local(o.b, "___done", 0)->twin);
		assert_null(local(o.b, "___done", 0)->unsettled);
		unit_pair_close(&o);
	}
}

static void half_of_what_it_guards_is_new(void **state)
{
	static const char *const patched[] = {
		"#define draw(x) (draw(x), draw(&more))\nint f(void) { ONCE(key); return use(key + more); }\n",
		"static __attribute__((noinline)) void both(int *k) { draw(k); draw(&more); }\n"
		"#define draw both\nint f(void) { ONCE(key); return use(key + more); }\n",
	};
	guint i;

	(void)state;
	for (i = 0; i < G_N_ELEMENTS(patched); i++) {
		char *text = g_strconcat(HEAD, "static int key, more;\n", patched[i], NULL);
		struct unit_pair o = unit_pair_of(
			HEAD "static int key;\nint f(void) { ONCE(key); return use(key); }\n", text,
			NULL);
		const struct kgr_sym *done = local(o.b, "___done", 0);

		assert_null(done->twin);
		assert_non_null(done->unsettled);
		assert_non_null(strstr(done->unsettled, "it guards more, which is new, and key"));
		unit_pair_close(&o);
		g_free(text);
	}
}

/* The block is the whole function: whether what is new has to do with the guard is not known, unless it replaces something. */
static void a_guard_of_a_whole_function(void **state)
{
	static const char orig[] =
		HEAD "static int key, old;\nint f(void) { static _Bool ready; if (!ready) {"
		     " ready = 1; draw(&key); draw(&old); } return use(key + old); }\n";
	struct unit_pair o = unit_pair_of(
		orig,
		HEAD "static int key, old, more;\nint f(void) { static _Bool ready; if (!ready) {"
		     " ready = 1; draw(&key); draw(&old); } return use(key + old + more++); }\n",
		NULL);

	(void)state;
	assert_non_null(local(o.b, "ready", 0)->twin);
	unit_pair_close(&o);
	o = unit_pair_of(orig,
			 HEAD
			 "static int key, new;\nint f(void) { static _Bool ready; if (!ready) {"
			 " ready = 1; draw(&key); draw(&new); } return use(key + new); }\n",
			 NULL);
	assert_null(local(o.b, "ready", 0)->twin);
	assert_non_null(
		strstr(local(o.b, "ready", 0)->unsettled, "it guards new, which is new, and key"));
	unit_pair_close(&o);
}

static void what_guards_nothing_new_stays(void **state)
{
	struct unit_pair o =
		unit_pair_of(HEAD "static int key;\nint f(void) { static _Bool ready; if (!ready) {"
				  " ready = 1; draw(&key); } return use(key); }\n",
			     HEAD "static int key;\nint f(void) { static _Bool ready; if (!ready) {"
				  " ready = 1; draw(&key); } return use(key + 5); }\n",
			     NULL);

	(void)state;
	assert_non_null(local(o.b, "ready", 0)->twin);
	unit_pair_close(&o);
}

static void messages_tell_warnings_apart(void **state)
{
	struct unit_pair o = unit_pair_of(
		HEAD
		"int f(int x) { if (x > 1) SAY(\"one\");\nif (x > 2) SAY(\"two\");\nreturn 1; }\n",
		HEAD "int f(int x) { if (x > 2) SAY(\"two\");\nif (x > 3) SAY(\"three\");\n"
		     "if (x > 1) SAY(\"one\");\nreturn 1; }\n",
		NULL);

	(void)state;
	assert_ptr_equal(local(o.a, "__already_done", 0)->twin, local(o.b, "__already_done", 2));
	assert_ptr_equal(local(o.a, "__already_done", 1)->twin, local(o.b, "__already_done", 0));
	assert_null(local(o.b, "__already_done", 1)->twin);
	unit_pair_close(&o);
}

static void those_that_are_the_same_cannot_be_told_apart(void **state)
{
	struct unit_pair o = unit_pair_of(
		HEAD
		"int f(int x) { if (x == 1) SAY(\"a\");\nif (use(x)) SAY(\"a\");\nreturn 1; }\n",
		HEAD "\n\n\nint f(int x) { if (x == 1) SAY(\"a\");\nif (use(x)) SAY(\"a\");\n"
		     "if (use(x + 1)) SAY(\"a\");\nreturn 1; }\n",
		NULL);

	(void)state;
	assert_non_null(local(o.b, "__already_done", 0)->unsettled);
	assert_non_null(strstr(local(o.b, "__already_done", 0)->unsettled,
			       "3 of that name in f() cannot be told from the 2"));
	unit_pair_close(&o);
}

static void a_function_gets_another_name(void **state)
{
	struct unit_pair o = unit_pair_of(
		HEAD "static int key; int f(void) { ONCE(key); return use(key); }\n",
		HEAD "static int key; int h(void) { ONCE(key); return use(key); }\n", NULL);

	(void)state;
	assert_ptr_equal(local(o.a, "___done", 0)->twin, local(o.b, "___done", 0));
	unit_pair_close(&o);
}

/* As include/linux/once_lite.h has it: the guard's own block does not have the message. */
#define LITE                                                                                       \
	"#define ONCE_IF(c) ({ static _Bool __already_done; _Bool r = c, o = 0;"                   \
	" if (r && !__already_done) { __already_done = 1; o = 1; } o; })\n"                        \
	"#define WARN(c, s) ({ _Bool d = !!(c); if (ONCE_IF(d)) say(s); d; })\n"                   \
	"extern void say(const char *); extern int use(int);\n"

/* Messages are told apart by what is said, wherever it stands. */
static void another_message_is_not_said_yet(void **state)
{
	guint i;

	(void)state;
	for (i = 0; flags[i]; i++) {
		struct unit_pair o = unit_pair_of(
			LITE
			"int f(int x) { if (x == 7) {\nWARN(use(x), \"a\"); }\nreturn use(x); }\n",
			LITE
			"int f(int x) { if (x == 7)\n\nreturn use(x);\nelse {\nWARN(use(x), \"c\"); }\nreturn x; }\n",
			flags[i]);

		assert_null(local(o.b, "__already_done", 0)->twin);
		assert_null(local(o.b, "__already_done", 0)->unsettled);
		unit_pair_close(&o);
		o = unit_pair_of(
			LITE
			"int f(int x) { WARN(x > 1, \"a\");\nWARN(x > 2, \"b\");\nreturn 1; }\n",
			LITE
			"int f(int x) {\n\nWARN(x > 2, \"b\");\nWARN(x > 3, \"c\");\nreturn 1; }\n",
			flags[i]);
		assert_ptr_equal(local(o.a, "__already_done", 1)->twin,
				 local(o.b, "__already_done", 0));
		assert_null(local(o.b, "__already_done", 1)->twin);
		assert_null(local(o.b, "__already_done", 1)->unsettled);
		unit_pair_close(&o);
	}
}

/* Of blocks that do different things it is not known whether the one was made of the other. */
static void a_block_goes_and_another_comes(void **state)
{
	struct unit_pair o =
		unit_pair_of("extern int use(int), one, two; int f(int x) {\n"
			     "if (x == 1) { static int n; one = n++; }\nreturn use(x); }\n",
			     "extern int use(int), one, two; int f(int x) {\n\n\nint y = use(x);\n"
			     "if (y == 2) { static int n; two = n++; }\nreturn y; }\n",
			     NULL);
	const struct kgr_sym *n = local(o.b, "n", 0);

	(void)state;
	assert_null(n->twin);
	assert_non_null(n->unsettled);
	assert_non_null(strstr(n->unsettled, "(int), which is left, is of a block of f()"));
	unit_pair_close(&o);
}

/* Where it was moved, or changed, or both a little. */
static void a_block_that_moves_keeps_it(void **state)
{
	static const char orig[] =
		"extern int use(int); static int one; int f(int x) {\n"
		"if (x == 1) { static int n; one += n++; }\nreturn use(one); }\n";
	struct unit_pair o = unit_pair_of(
		orig,
		"extern int use(int); static int one; int f(int x) {\n\nif (use(x)) {\n"
		"if (x == 1) { static int n; one += n++; } }\nreturn use(one); }\n",
		NULL);

	(void)state;
	assert_ptr_equal(local(o.a, "n", 0)->twin, local(o.b, "n", 0));
	assert_false(local(o.b, "n", 0)->by_name);
	unit_pair_close(&o);
	o = unit_pair_of(
		orig,
		"extern int use(int); static int one, two; int f(int x) {\n\nif (use(x)) {\n"
		"if (x == 1) { static int n; one += n++; two = n; } }\nreturn use(one + two); }\n",
		NULL);
	assert_ptr_equal(local(o.a, "n", 0)->twin, local(o.b, "n", 0));
	assert_true(local(o.b, "n", 0)->by_name);
	unit_pair_close(&o);
}

/* Another one within is not it, wherever the lines are. */
static void the_outermost_one_stays(void **state)
{
	struct unit_pair o =
		unit_pair_of("extern int use(int), one, two; int f(int x) { static int n;\n"
			     "one = n++; return use(x); }\n",
			     "extern int use(int), one, two; int f(int x) {\n\n"
			     "if (x == 1) { static int n; two = n++; }\n"
			     "static int n;\n one = n += 2; two = use(n); return x; }\n",
			     NULL);

	(void)state;
	assert_null(local(o.b, "n", 0)->twin);
	assert_null(local(o.b, "n", 0)->unsettled);
	assert_ptr_equal(local(o.a, "n", 0)->twin, local(o.b, "n", 1));
	unit_pair_close(&o);
}

UNIT_MAIN("static-locals", cmocka_unit_test(a_second_one_in_front),
	  cmocka_unit_test(both_on_one_line), cmocka_unit_test(a_guard_is_as_new_as_what_it_guards),
	  cmocka_unit_test(half_of_what_it_guards_is_new),
	  cmocka_unit_test(a_guard_of_a_whole_function),
	  cmocka_unit_test(what_guards_nothing_new_stays),
	  cmocka_unit_test(messages_tell_warnings_apart),
	  cmocka_unit_test(those_that_are_the_same_cannot_be_told_apart),
	  cmocka_unit_test(a_function_gets_another_name),
	  cmocka_unit_test(another_message_is_not_said_yet),
	  cmocka_unit_test(a_block_goes_and_another_comes),
	  cmocka_unit_test(a_block_that_moves_keeps_it), cmocka_unit_test(the_outermost_one_stays))
