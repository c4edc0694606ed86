// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "kernel/linked-image.h"
#include "pair.h"
#include "prove/state.h"

#define HEAD                                                                                       \
	"#define ONCE(x) ({ static _Bool ___done; if (!___done) { ___done = 1; draw(&x); } })\n"   \
	"#define SAY(s) ({ static _Bool __already_done; if (!__already_done) {"                    \
	" __already_done = 1; say(s); } })\n"                                                      \
	"extern void draw(int *), say(const char *); extern int use(int);\n"

/* A kernel's and a normal build's unit, and what a module uses instead of the objects of the latter. */
struct judged {
	struct unit_pair pair;
	GHashTable *uses;
	GPtrArray *ksyms, *rows;
};

static struct judged judged_new(const char *built, const char *normal)
{
	return (struct judged){ unit_pair_of(built, normal, NULL),
				g_hash_table_new_full(NULL, NULL, NULL, g_free),
				g_ptr_array_new_with_free_func(g_free), kgr_state_rows_new() };
}

static void free_use(gpointer sym, gpointer use, gpointer data)
{
	(void)sym;
	(void)data;
	g_slist_free(((struct kgr_state_use *)use)->kernels);
}

static void judged_free(struct judged *j)
{
	g_hash_table_foreach(j->uses, free_use, NULL);
	g_hash_table_unref(j->uses);
	g_ptr_array_unref(j->ksyms);
	g_ptr_array_unref(j->rows);
	unit_pair_close(&j->pair);
}

/* The @n-th object of that name, in the order of the lines. */
static struct kgr_sym *object(struct kgr_obj *obj, const char *name, unsigned int n)
{
	unsigned int line = 0;
	struct kgr_sym *found;
	size_t i;

	do {
		found = NULL;
		for (i = 0; i < obj->nsyms; i++) {
			struct kgr_sym *sym = &obj->syms[i];

			if (!g_strcmp0(sym->source_name, name) && kgr_sym_is_object(sym) &&
			    sym->decl_line > line && (!found || sym->decl_line < found->decl_line))
				found = sym;
		}
		assert_non_null(found);
		line = found->decl_line;
	} while (n--);
	return found;
}

static struct kgr_state_use *use_of(struct judged *j, const char *name, unsigned int n)
{
	struct kgr_sym *sym = object(j->pair.b, name, n);
	struct kgr_state_use *use = g_hash_table_lookup(j->uses, sym);

	if (!use) {
		use = g_new0(struct kgr_state_use, 1);
		g_hash_table_insert(j->uses, sym, use);
	}
	return use;
}

static void own(struct judged *j, const char *name, unsigned int n)
{
	use_of(j, name, n)->own = true;
}

/* The module uses what the kernel calls @kernel. */
static void kernels_symbol(struct judged *j, const char *name, unsigned int n, const char *kernel)
{
	struct kgr_state_use *use = use_of(j, name, n);
	struct kgr_ksym *ksym = g_new0(struct kgr_ksym, 1);

	ksym->name = kernel;
	g_ptr_array_add(j->ksyms, ksym);
	use->kernels = g_slist_prepend(use->kernels, ksym);
}

static void kernels(struct judged *j, const char *name, unsigned int n, const char *old,
		    unsigned int m)
{
	kernels_symbol(j, name, n, object(j->pair.a, old, m)->name);
}

/* judge, and free @j: @proved, with @wrong in the first rule that is not, or else in any */
static void expect(struct judged *j, bool proved, const char *text)
{
	bool all = true, said = false;
	guint i;

	kgr_state_judge(j->rows, "x.c", j->pair.a, j->pair.b, j->uses);
	assert_int_equal(j->rows->len, g_hash_table_size(j->uses));
	for (i = 0; i < j->rows->len; i++) {
		const struct kgr_state_row *row = j->rows->pdata[i];

		all &= row->proved;
		said |= row->proved == proved && strstr(row->rule, text);
	}
	if (all != proved || !said) {
		for (i = 0; i < j->rows->len; i++)
			print_message("%s: %s\n",
				      ((struct kgr_state_row *)j->rows->pdata[i])->object,
				      ((struct kgr_state_row *)j->rows->pdata[i])->rule);
	}
	assert_int_equal(all, proved);
	assert_true(said);
	judged_free(j);
}

static const char key[] = HEAD "static int key;\nint f(void) { ONCE(key); return use(key); }\n";
static const char two_keys[] =
	HEAD "static int key, salt;\nint f(void) {\nONCE(salt);\nONCE(key);\n"
	     "return use(key + salt); }\n";
static const char two_words[] =
	HEAD "int f(int x) {\nif (x) SAY(\"a\");\nif (use(x)) SAY(\"b\");\nreturn 1; }\n";
static const char other_order[] =
	HEAD "int f(int x) {\nif (x) SAY(\"b\");\nif (use(x)) SAY(\"a\");\nreturn 1; }\n";

/* As WARN_ONCE() has it: the guard's own block does not have the message. */
#define LITE                                                                                        \
	HEAD "#define WARN(c, s) ({ _Bool d = !!(c); if (({ static _Bool __already_done;"           \
	     " _Bool r = d, o = 0; if (r && !__already_done) { __already_done = 1; o = 1; } o; }))" \
	     " say(s); d; })\n"

static void another_message_has_its_own_guard(void **state)
{
	static const char a[] = LITE "int f(int x) {\nWARN(use(x), \"a\");\nreturn use(x); }\n";
	static const char c[] = LITE "int f(int x) {\nWARN(use(x), \"c\");\nreturn use(x); }\n";
	struct judged j = judged_new(a, c);

	(void)state;
	own(&j, "__already_done", 0);
	expect(&j, true, "a new guard; none of the kernel's says the same");
	j = judged_new(a, c);
	kernels(&j, "__already_done", 0, "__already_done", 0);
	expect(&j, false, "is of another message");
	j = judged_new(a, a);
	own(&j, "__already_done", 0);
	expect(&j, false, "says that it is done: it would be done once more");
	j = judged_new(a, a);
	kernels(&j, "__already_done", 0, "__already_done", 0);
	expect(&j, true, "of that name and place");
}

static void a_secret_is_not_drawn_again(void **state)
{
	struct judged j = judged_new(key, two_keys);

	(void)state;
	kernels(&j, "key", 0, "key", 0);
	own(&j, "salt", 0);
	own(&j, "___done", 0);
	kernels(&j, "___done", 1, "___done", 0);
	expect(&j, true, "of several, its block refers to the same");
	j = judged_new(key, two_keys);
	kernels(&j, "key", 0, "key", 0);
	own(&j, "salt", 0);
	own(&j, "___done", 0);
	own(&j, "___done", 1);
	expect(&j, false, "says that it is done: it would be done once more");
}

static void a_guard_does_not_speak_for_what_is_new(void **state)
{
	static const char renamed[] =
		HEAD "static int other;\nint f(void) { ONCE(other); return use(other); }\n";
	struct judged j = judged_new(key, renamed);

	(void)state;
	own(&j, "other", 0);
	own(&j, "___done", 0);
	expect(&j, true, "new, as is what it guards");
	j = judged_new(key, renamed);
	own(&j, "other", 0);
	kernels(&j, "___done", 0, "___done", 0);
	expect(&j, false, "it says that other is done, which is new");
}

static void of_several_the_one_whose_block_is_the_same(void **state)
{
	struct judged j = judged_new(two_words, other_order);

	(void)state;
	kernels(&j, "__already_done", 0, "__already_done", 1);
	kernels(&j, "__already_done", 1, "__already_done", 0);
	expect(&j, true, "of several, its block refers to the same");
	j = judged_new(two_words, other_order);
	kernels(&j, "__already_done", 0, "__already_done", 0);
	kernels(&j, "__already_done", 1, "__already_done", 1);
	expect(&j, false, "refers to the same");
}

static void nothing_is_copied(void **state)
{
	static const char count[] = HEAD "static int n;\nint f(void) { return use(n++); }\n";
	struct judged j = judged_new(count, count);

	(void)state;
	kernels(&j, "n", 0, "n", 0);
	expect(&j, true, "of that name and place");
	j = judged_new(count, count);
	own(&j, "n", 0);
	expect(&j, false, "a copy of what the kernel has");
	j = judged_new(count, count);
	own(&j, "n", 0);
	kernels(&j, "n", 0, "n", 0);
	expect(&j, false, "some functions use the kernel's, others the patch's own");
	j = judged_new(two_words, two_words);
	own(&j, "__already_done", 0);
	expect(&j, false, "says that it is done");
}

static void what_is_in_another_place(void **state)
{
	static const char in_f[] = HEAD "int f(int x) { static int n; return use(n += x); }\n"
					"int g(int x) { static int m; return use(m -= x); }\n";
	static const char in_h[] = HEAD "int h(int x) { static int n; return use(n += x); }\n"
					"int g(int x) { static int m; return use(m -= x); }\n";
	static const char unsigned_h[] =
		HEAD "int h(int x) { static unsigned n; return use(n += x); }\n"
		     "int g(int x) { static int m; return use(m -= x); }\n";
	struct judged j = judged_new(in_f, in_h);

	(void)state;
	kernels(&j, "n", 0, "n", 0);
	expect(&j, true, "static in f(), which has gone from there");
	j = judged_new(in_f, in_h);
	own(&j, "n", 0);
	expect(&j, false, "it has to be the kernel's n");
	j = judged_new(in_f, in_h);
	kernels(&j, "n", 0, "m", 0);
	expect(&j, false, "is another state, or has not gone from there");
	j = judged_new(in_f, unsigned_h);
	kernels(&j, "n", 0, "n", 0);
	expect(&j, false, "is another state, or has not gone from there");
	j = judged_new(in_f, unsigned_h);
	own(&j, "n", 0);
	expect(&j, true, "new: the kernel has none of that name and type");
}

static void another_name_is_another_state(void **state)
{
	struct judged j = judged_new(HEAD "static int n;\nint f(void) { return use(n++); }\n",
				     HEAD "static int m;\nint f(void) { return use(m++); }\n");

	(void)state;
	own(&j, "m", 0);
	expect(&j, true, "new; n, of the same type, has gone");
}

static void a_lock_is_not_new_where_one_has_gone(void **state)
{
	static const char locks[] =
		"typedef struct { int held; } spinlock_t; struct mutex { int held; };"
		" extern int lock(void *);";
	g_autofree char *was = g_strconcat(
		locks, "static spinlock_t l;\nint f(void) { return lock(&l); }\n", NULL);
	g_autofree char *is = g_strconcat(
		locks, "static struct mutex m;\nint f(void) { return lock(&m); }\n", NULL);
	g_autofree char *both =
		g_strconcat(locks,
			    "static spinlock_t l;\nstatic struct mutex m;\n"
			    "int f(void) { return lock(&m); } int g(void) { return lock(&l); }\n",
			    NULL);
	struct judged j = judged_new(was, is);

	(void)state;
	own(&j, "m", 0);
	expect(&j, false, "it has to be the kernel's l");
	j = judged_new(was, both);
	own(&j, "m", 0);
	expect(&j, true, "new: the kernel has none of that name and type");
}

/* @kind in the only row of the object of that name; judges */
static void expect_kind(struct judged *j, const char *name, const char *kind)
{
	guint i;

	kgr_state_judge(j->rows, "x.c", j->pair.a, j->pair.b, j->uses);
	for (i = 0; i < j->rows->len; i++) {
		const struct kgr_state_row *row = j->rows->pdata[i];

		if (!strcmp(row->object, name)) {
			assert_string_equal(row->kind, kind);
			assert_true(row->proved);
			break;
		}
	}
	assert_true(i < j->rows->len);
	judged_free(j);
}

/* By its type, and not by that of what it points to. */
static void every_kind_has_its_name(void **state)
{
	static const struct {
		const char *declares, *kind;
	} kinds[] = {
		{ "struct lock_class_key x", "lock class" },
		{ "struct static_key_false x", "static key" },
		{ "struct static_key x", "static key" },
		{ "struct mutex x", "lock" },
		{ "struct static_key *x", "object" },
		{ "int x", "object" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < G_N_ELEMENTS(kinds); i++) {
		g_autofree char *text = g_strdup_printf(
			"struct lock_class_key { int k; }; struct static_key { int n; };"
			" struct static_key_false { struct static_key key; }; struct mutex { int m; };"
			" extern int take(void *);\nstatic %s;\nint f(void) { return take(&x); }\n",
			kinds[i].declares);
		struct judged j = judged_new(text, text);

		kernels(&j, "x", 0, "x", 0);
		expect_kind(&j, "x", kinds[i].kind);
		j = judged_new("int f(void) { return 1; }\n", text);
		own(&j, "x", 0);
		expect_kind(&j, "x", kinds[i].kind);
	}
}

/* As __key is without lockdep: it is at the address of what lies behind it. */
static void what_has_no_byte(void **state)
{
	static const char text[] =
		HEAD "extern int take(void *);\nint f(int x) { static struct { } key;\n"
		     "static int n; return take(&key) + use(n += x); }\n";
	struct judged j = judged_new(text, text);

	(void)state;
	kernels(&j, "n", 0, "n", 0);
	kernels(&j, "n", 0, "key", 0);
	expect(&j, true, "of that name and place");
}

static void what_other_files_have(void **state)
{
	static const char global[] = HEAD "int n;\nint f(void) { return use(n++); }\n";
	static const char local[] = HEAD "static int n;\nint f(void) { return use(n++); }\n";
	static const char none[] = HEAD "int f(void) { return use(1); }\n";
	struct judged j = judged_new(none, global);

	(void)state;
	kernels_symbol(&j, "n", 0, "n");
	expect(&j, true, "global: there is one of that name");
	j = judged_new(none, local);
	kernels_symbol(&j, "n", 0, "n");
	expect(&j, false, "the kernel's is not of this file");
	j = judged_new(global, global);
	use_of(&j, "n", 0)->exported = true;
	expect(&j, true, "of that name and place");
}

UNIT_MAIN("state", cmocka_unit_test(a_secret_is_not_drawn_again),
	  cmocka_unit_test(another_message_has_its_own_guard),
	  cmocka_unit_test(a_guard_does_not_speak_for_what_is_new),
	  cmocka_unit_test(of_several_the_one_whose_block_is_the_same),
	  cmocka_unit_test(nothing_is_copied), cmocka_unit_test(what_is_in_another_place),
	  cmocka_unit_test(another_name_is_another_state),
	  cmocka_unit_test(a_lock_is_not_new_where_one_has_gone),
	  cmocka_unit_test(every_kind_has_its_name), cmocka_unit_test(what_has_no_byte),
	  cmocka_unit_test(what_other_files_have))
