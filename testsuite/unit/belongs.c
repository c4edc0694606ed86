// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "unit.h"
#include "split/belongs.h"

static struct kgr_split *split_new(void)
{
	struct kgr_split *s = g_new0(struct kgr_split, 1);

	s->diff = g_new0(struct kgr_diff, 1);
	s->diff->files = g_ptr_array_new_with_free_func(g_free);
	s->files = g_ptr_array_new_with_free_func(kgr_split_file_free);
	s->by_name = g_hash_table_new(g_str_hash, g_str_equal);
	return s;
}

static void split_free(struct kgr_split *s)
{
	g_ptr_array_unref(s->files);
	g_ptr_array_unref(s->diff->files);
	g_free(s->diff);
	g_hash_table_unref(s->by_name);
	g_free(s);
}

/* @body: the changed lines; @reads: the header that its records name, or NULL */
static struct kgr_split_part *add(struct kgr_split *s, const char *name, const char *old,
				  const char *patched, const char *body, const char *reads)
{
	struct kgr_hunk hunk = { .body = body, .size = strlen(body) };
	struct kgr_file_diff file = { .hunks = g_ptr_array_new() },
			     *diff = g_new0(struct kgr_file_diff, 1);
	struct kgr_split_file *f = g_new0(struct kgr_split_file, 1);
	struct kgr_split_part *part;

	g_ptr_array_add(file.hunks, &hunk);
	diff->created = !old;
	f->name = g_strdup(name);
	f->diff = diff;
	if (g_str_has_suffix(name, ".c"))
		f->reads = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	if (reads)
		g_hash_table_add(f->reads, g_strdup(reads));
	part = kgr_split_part_new(f, g_ptr_array_new(), NULL,
				  kgr_changed_names_new(name, old, patched, &file));
	g_ptr_array_unref(file.hunks);
	g_ptr_array_add(s->diff->files, diff);
	g_ptr_array_add(s->files, f);
	return part;
}

static bool needs(const struct kgr_split_part *user, const struct kgr_split_part *owner)
{
	return g_ptr_array_find(user->needs, (gpointer)owner, NULL);
}

static void joins_users_of_what_is_new(void **state)
{
	struct kgr_split *s = split_new();
	struct kgr_split_part *header =
		add(s, "include/linux/f.h", "", "int f(void);", "+int f(void);\n", NULL);
	struct kgr_split_part *has = add(s, "kernel/f.c", "", "int f(void) { return 1; }",
					 "+int f(void) { return 1; }\n", "include/linux/f.h");
	struct kgr_split_part *user = add(s, "mm/a.c", "", "int g(void) { return f(); }",
					  "+int g(void) { return f(); }\n", "include/linux/f.h");
	struct kgr_split_part *other = add(
		s, "mm/b.c", "int h(void) { return 1; }", "int h(void) { return 2; }",
		"-int h(void) { return 1; }\n+int h(void) { return 2; }\n", "include/linux/f.h");

	(void)state;
	kgr_split_find_needs(s);
	assert_true(needs(user, header) && needs(user, has));
	assert_false(needs(header, has) || needs(header, user) || needs(has, user));
	assert_int_equal(other->needs->len + other->needed_by->len, 0);
	assert_true(kgr_split_leave_out(s, has, "why"));
	assert_false(kgr_split_leave_out(s, has, "once more"));
	assert_int_equal(has->state, KGR_SPLIT_OUT);
	assert_int_equal(user->state, KGR_SPLIT_OUT);
	assert_ptr_equal(user->cause, has);
	assert_int_equal(header->state, KGR_SPLIT_IN);
	assert_int_equal(other->state, KGR_SPLIT_IN);
	split_free(s);
}

static void joins_both_ways_what_changes(void **state)
{
	struct kgr_split *s = split_new();
	struct kgr_split_part *header = add(s, "mm/f.h", "int f(int a);", "int f(void);",
					    "-int f(int a);\n+int f(void);\n", NULL);
	struct kgr_split_part *user =
		add(s, "mm/a.c", "int g(void) { return f(1); }", "int g(void) { return f(); }",
		    "-int g(void) { return f(1); }\n+int g(void) { return f(); }\n", "mm/f.h");
	struct kgr_split_part *from = add(s, "fs/a.c", "int m(void) { return 1; }", "",
					  "-int m(void) { return 1; }\n", NULL);
	struct kgr_split_part *to = add(s, "fs/b.c", "", "int m(void) { return 1; }",
					"+int m(void) { return 1; }\n", NULL);
	struct kgr_split_part *other = add(s, "mm/c.c", "int f(int a) { return 1; }", "",
					   "-int f(int a) { return 1; }\n", NULL);
	struct kgr_split_part *makefile =
		add(s, "fs/Makefile", "", "obj-y += new.o\n", "+obj-y += new.o\n", NULL);
	struct kgr_split_part *brought =
		add(s, "fs/new.c", NULL, "static int n;", "+static int n;\n", NULL);

	(void)state;
	kgr_split_find_needs(s);
	assert_true(needs(user, header) && needs(header, user));
	assert_true(needs(from, to) && needs(to, from));
	assert_true(needs(makefile, brought) && needs(brought, makefile));
	assert_false(needs(user, from) || needs(from, makefile));
	/* It is compiled, and they are not. */
	assert_false(needs(user, other));
	split_free(s);
}

static void knows_members_by_who_includes_them(void **state)
{
	struct kgr_split *s = split_new();
	struct kgr_split_part *header =
		add(s, "include/linux/f.h", "struct s { int a; };", "struct s { int a, seq; };",
		    "-int a;\n+int a, seq;\n", NULL);
	struct kgr_split_part *user =
		add(s, "mm/a.c", "", "", "+\tx->seq = 1;\n", "include/linux/f.h");
	struct kgr_split_part *other =
		add(s, "mm/b.c", "", "", "+\tx->seq = 1;\n", "include/linux/g.h");
	struct kgr_split_part *local =
		add(s, "mm/c.c", "", "", "+\tseq = 1;\n", "include/linux/f.h");

	(void)state;
	kgr_split_find_needs(s);
	assert_true(needs(user, header));
	assert_false(needs(header, user) || needs(other, header) || needs(local, header));
	split_free(s);
}

static void keeps_what_is_needed(void **state)
{
	struct kgr_split *s = split_new();
	struct kgr_split_part *header =
		add(s, "include/linux/f.h", "", "int f(void);", "+int f(void);\n", NULL);
	struct kgr_split_part *user = add(s, "mm/a.c", "", "", "+#include <linux/f.h>\n", NULL);
	struct kgr_split_part *other = add(s, "mm/b.c", "", "", "+\tx = 1;\n", NULL);
	GPtrArray *absent = g_ptr_array_new();

	(void)state;
	kgr_split_find_needs(s);
	g_ptr_array_add(absent, header->file);
	g_ptr_array_add(absent, other->file);
	kgr_split_leave_absent_out(s, absent);
	assert_int_equal(header->state, KGR_SPLIT_IN);
	assert_int_equal(other->state, KGR_SPLIT_ABSENT);
	/* With who needs it, it goes. */
	g_ptr_array_set_size(absent, 0);
	g_ptr_array_add(absent, header->file);
	g_ptr_array_add(absent, user->file);
	kgr_split_leave_absent_out(s, absent);
	assert_int_equal(header->state, KGR_SPLIT_ABSENT);
	g_ptr_array_unref(absent);
	split_free(s);
}

UNIT_MAIN("belongs", cmocka_unit_test(joins_users_of_what_is_new),
	  cmocka_unit_test(joins_both_ways_what_changes),
	  cmocka_unit_test(knows_members_by_who_includes_them),
	  cmocka_unit_test(keeps_what_is_needed))
