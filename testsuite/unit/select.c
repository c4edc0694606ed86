// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "unit.h"
#include "compare/compare.h"
#include "lib/error.h"
#include "select/select.h"

#define NOTRACE "__attribute__((noinline, no_instrument_function)) "
#define KEEP "asm volatile(\"\");"

/* A unit before and after a diff, in a kernel that consists of it, and what was selected. */
struct selecting {
	struct kgr_obj *orig, *patched;
	struct kgr_record *record;
	struct kgr_kernel kernel;
	struct kgr_selection selection;
};

/* An "F" line as the recorder writes it. */
static void add_fact(struct kgr_record *r, const char *function, const char *fentry)
{
	g_ptr_array_add(r->facts, g_strdup_printf("F\t%s\t%s\tx.c\t1\t.text\tglobal\t%s\twhole",
						  function, function, fentry));
}

static void free_no_fentry(gpointer data)
{
	struct kgr_no_fentry *n = data;

	g_free(n->name);
	g_free(n->fentry);
	g_free(n);
}

/* @hidden: a function that is notrace; @exported: one that modules may call; or NULL */
static bool selects(struct selecting *s, const char *orig, const char *patched, const char *hidden,
		    const char *exported, GError **error)
{
	static const char *const functions[] = { "f", "g", "h" };
#define FLAGS "-pg -mfentry -mrecord-mcount -fno-pie -mcmodel=kernel -mno-red-zone"
	static const char flags[] = FLAGS,
			  built_flags[] = FLAGS " -fno-function-sections -fno-data-sections";
	GPtrArray *users = g_ptr_array_new();
	char *const no_args[] = { NULL };
	size_t i;
	bool ok;

	memset(s, 0, sizeof(*s));
	/* As the kernel's build makes it: the assembler resolves calls within .text. */
	s->orig = unit_object("orig/x", orig, built_flags);
	s->patched = unit_object("patched/x", patched, flags);
	assert_true(kgr_compare(s->orig, s->patched, error));
	s->record = kgr_record_of_command("/", "x.o", "gcc", no_args);
	for (i = 0; i < G_N_ELEMENTS(functions); i++)
		add_fact(s->record, functions[i],
			 !g_strcmp0(functions[i], hidden) ? "no:notrace" : "fentry");
	s->kernel.config = g_strdup("\n");
	s->kernel.exported = g_hash_table_new(g_str_hash, g_str_equal);
	if (exported)
		g_hash_table_insert(s->kernel.exported, (void *)exported, (void *)"");
	s->kernel.vmlinux = kgr_image_open(s->orig->path, false, error);
	assert_non_null(s->kernel.vmlinux);
	s->selection = (struct kgr_selection){
		.kernel = &s->kernel,
		.no_fentry = g_ptr_array_new_with_free_func(free_no_fentry),
		.callbacks = g_array_new(FALSE, FALSE, sizeof(struct kgr_callback)),
		.redirected = g_ptr_array_new(),
		.exports = g_ptr_array_new(),
		.notes = g_ptr_array_new_with_free_func(g_free),
	};
	ok = kgr_select(s->orig, s->patched, s->record, s->kernel.vmlinux, -1, users, &s->selection,
			error);
	g_ptr_array_unref(users);
	return ok;
}

static void clear(struct selecting *s)
{
	g_ptr_array_unref(s->selection.no_fentry);
	g_array_unref(s->selection.callbacks);
	g_ptr_array_unref(s->selection.redirected);
	g_ptr_array_unref(s->selection.exports);
	g_ptr_array_unref(s->selection.notes);
	kgr_image_close(s->kernel.vmlinux);
	g_hash_table_unref(s->kernel.exported);
	g_free(s->kernel.config);
	kgr_record_free(s->record);
	kgr_obj_close(s->orig);
	kgr_obj_close(s->patched);
}

static void selected(struct selecting *s, const char *orig, const char *patched, const char *hidden)
{
	GError *error = NULL;

	if (!selects(s, orig, patched, hidden, NULL, &error))
		fail_msg("%s", error->message);
}

static bool is_included(const struct selecting *s, const char *name)
{
	return kgr_obj_defined(s->patched, name)->included;
}

static bool is_redirected(const struct selecting *s, const char *name)
{
	return kgr_obj_defined(s->patched, name)->redirected;
}

static void takes_what_changed_alone(void **state)
{
	struct selecting s;

	(void)state;
	selected(&s, "int f(int x) { return x + 1; } int g(int x) { return x; }",
		 "int f(int x) { return x + 2; } int g(int x) { return x; }", NULL);
	assert_true(is_included(&s, "f") && is_redirected(&s, "f"));
	assert_false(is_included(&s, "g") || is_redirected(&s, "g"));
	assert_int_equal(s.selection.redirected->len, 1);
	clear(&s);
}

static void takes_what_is_new_along(void **state)
{
	struct selecting s;

	(void)state;
	selected(&s, "int f(int x) { return x + 1; }",
		 "static __attribute__((noinline)) int new(int x) { " KEEP " return x; }"
		 "int f(int x) { return new(x) + 1; }",
		 NULL);
	assert_true(is_included(&s, "f") && is_redirected(&s, "f"));
	assert_true(is_included(&s, "new"));
	assert_false(is_redirected(&s, "new"));
	clear(&s);
}

static void replaces_callers_of_what_is_notrace(void **state)
{
	struct selecting s;

	(void)state;
	selected(&s,
		 "static " NOTRACE "int h(int x) { " KEEP " return x + 1; }"
		 "int f(int x) { return h(x) * 2; } int g(int x) { return x; }",
		 "static " NOTRACE "int h(int x) { " KEEP " return x + 2; }"
		 "int f(int x) { return h(x) * 2; } int g(int x) { return x; }",
		 "h");
	assert_true(is_included(&s, "h"));
	assert_false(is_redirected(&s, "h"));
	assert_true(is_included(&s, "f") && is_redirected(&s, "f"));
	assert_false(is_included(&s, "g"));
	clear(&s);
}

static void refuses(const char *orig, const char *patched, const char *hidden, const char *exported,
		    const char *says)
{
	struct selecting s;
	GError *error = NULL;

	assert_false(selects(&s, orig, patched, hidden, exported, &error));
	unit_failed(&error, KGR_REFUSED, says);
	clear(&s);
}

static void refuses_what_cannot_be(void **state)
{
	(void)state;
	refuses("int v = 1;", "int v = 2;", NULL, NULL, "another initial value");
	refuses(NOTRACE "int h(int x) { return x + 1; }", NOTRACE "int h(int x) { return x + 2; }",
		"h", "h", "it is exported");
	/* Somebody has had its address since boot. */
	refuses("static " NOTRACE "int h(int x) { return x + 1; } int (*v)(int) = h;",
		"static " NOTRACE "int h(int x) { return x + 2; } int (*v)(int) = h;", "h", NULL,
		"its callers");
	/* The record says so, and the object has a fentry: they are not of one build. */
	refuses("int f(int x) { return x + 1; }", "int f(int x) { return x + 2; }", "f", NULL,
		"says that f has no fentry");
}

UNIT_MAIN("select", cmocka_unit_test(takes_what_changed_alone),
	  cmocka_unit_test(takes_what_is_new_along),
	  cmocka_unit_test(replaces_callers_of_what_is_notrace),
	  cmocka_unit_test(refuses_what_cannot_be))
