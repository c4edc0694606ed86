// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "unit.h"
#include "compare/compare.h"
#include "lib/error.h"
#include "select/select.h"
#include "units/unit.h"

#define NOTRACE "__attribute__((noinline, no_instrument_function)) "
#define KEEP "asm volatile(\"\");"

/* A unit before and after a diff, in a kernel that consists of it, and what was selected. */
struct selecting {
	struct kgr_compared unit;
	struct kgr_kernel kernel;
	struct kgr_select_input in;
	struct kgr_selection *selection;
};

/* What the next selection is made with. */
static bool no_kprobe;
static const char *source = "kernel/x.c";

/* An "F" line as the recorder writes it. */
static void add_fact(struct kgr_record *r, const char *function, const char *fentry)
{
	g_ptr_array_add(r->facts, g_strdup_printf("F\t%s\t%s\tx.c\t1\t.text\tglobal\t%s\twhole",
						  function, function, fentry));
}

/* @hidden: a function that is notrace; @exported: one that modules may call; or NULL */
static bool selects(struct selecting *s, const char *orig, const char *patched, const char *hidden,
		    const char *exported, GError **error)
{
	static const char *const functions[] = { "f", "g", "h" };
#define FLAGS "-pg -mfentry -mrecord-mcount -fno-pie -mcmodel=kernel -mno-red-zone"
	static const char flags[] = FLAGS,
			  built_flags[] = FLAGS " -fno-function-sections -fno-data-sections";
	char *const no_args[] = { NULL };
	size_t i;

	memset(s, 0, sizeof(*s));
	s->unit.file_idx = KGR_NO_FILE;
	s->unit.users = g_ptr_array_new();
	/* The kernel was not compiled with a section a function; only what is made for a patch is. */
	s->unit.built = unit_object("orig/x", orig, built_flags);
	s->unit.patched = unit_object("patched/x", patched, flags);
	assert_true(kgr_compare(s->unit.built, s->unit.patched, error));
	s->unit.unit = kgr_unit_new();
	s->unit.unit->source = g_strdup(source);
	s->unit.unit->record = kgr_record_of_command("/", "x.o", "gcc", no_args);
	for (i = 0; i < G_N_ELEMENTS(functions); i++)
		add_fact(s->unit.unit->record, functions[i],
			 !g_strcmp0(functions[i], hidden) ? "no:notrace" : "fentry");
	s->kernel.config = g_strdup("\n");
	s->kernel.exported = g_hash_table_new(g_str_hash, g_str_equal);
	if (exported)
		g_hash_table_insert(s->kernel.exported, (void *)exported, (void *)"");
	s->unit.image = kgr_image_open(s->unit.built->path, false, error);
	assert_non_null(s->unit.image);
	s->in = (struct kgr_select_input){ .kernel = &s->kernel,
					   .no_kprobe = no_kprobe,
					   .no_fentry = kgr_no_fentry_new(),
					   .wanted = g_hash_table_new_full(g_str_hash, g_str_equal,
									   g_free, NULL) };
	s->selection = kgr_selection_new(&s->in);
	return kgr_select(&s->unit, s->selection, error);
}

static void clear(struct selecting *s)
{
	kgr_selection_free(s->selection);
	g_ptr_array_unref(s->in.no_fentry);
	g_hash_table_unref(s->in.wanted);
	kgr_image_close(s->unit.image);
	g_hash_table_unref(s->kernel.exported);
	g_free(s->kernel.config);
	kgr_unit_free(s->unit.unit);
	g_ptr_array_unref(s->unit.users);
	kgr_obj_close(s->unit.built);
	kgr_obj_close(s->unit.patched);
}

static void selected(struct selecting *s, const char *orig, const char *patched, const char *hidden)
{
	GError *error = NULL;

	if (!selects(s, orig, patched, hidden, NULL, &error))
		fail_msg("%s", error->message);
}

static bool is_included(const struct selecting *s, const char *name)
{
	return kgr_selected(s->selection, kgr_obj_defined(s->unit.patched, name));
}

static bool is_redirected(const struct selecting *s, const char *name)
{
	return kgr_is_redirected(s->selection, kgr_obj_defined(s->unit.patched, name));
}

static void takes_what_changed_alone(void **state)
{
	struct selecting s;

	(void)state;
	selected(&s, "int f(int x) { return x + 1; } int g(int x) { return x; }",
		 "int f(int x) { return x + 2; } int g(int x) { return x; }", NULL);
	assert_true(is_included(&s, "f") && is_redirected(&s, "f"));
	assert_false(is_included(&s, "g") || is_redirected(&s, "g"));
	assert_int_equal(s.selection->redirected->len, 1);
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

/* In a section of its own it is called by what its relocation calls an address (branch-relocs.h). */
static void a_call_from_elsewhere_takes_no_address(void **state)
{
#define ELSEWHERE "static __attribute__((section(\".text.other\"))) " NOTRACE
	struct selecting s;

	(void)state;
	selected(&s,
		 ELSEWHERE "int h(int x) { " KEEP " return x + 1; }"
			   "int f(int x) { return h(x) * 2; } int g(int x) { return x; }",
		 ELSEWHERE "int h(int x) { " KEEP " return x + 2; }"
			   "int f(int x) { return h(x) * 2; } int g(int x) { return x; }",
		 "h");
	assert_true(is_included(&s, "h") && is_redirected(&s, "f"));
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

static void redirects_what_is_notrace(void **state)
{
	static const char orig[] =
		"static " NOTRACE "int h(int x) { return x + 1; } int (*v)(int) = h;",
			  patched[] = "static " NOTRACE
				      "int h(int x) { return x + 2; } int (*v)(int) = h;";
	struct selecting s;

	(void)state;
	selected(&s, orig, patched, "h");
	assert_true(is_redirected(&s, "h"));
	assert_true(kgr_selected(s.selection, kgr_obj_defined(s.unit.patched, "h"))->by_breakpoint);
	clear(&s);
	/* Its handler may come by. */
	source = "kernel/rcu/x.c";
	refuses(orig, patched, "h", NULL, "no breakpoint may be there either");
	/* Where what is called by its address has no way out in its callers; one that is exported has. */
	refuses(orig, patched, "h", NULL,
		"nor can its callers be changed instead, as v in .data.v refers to it: leave out "
		"of the diff what needs it (h: ");
	refuses(NOTRACE "int h(int x) { return x + 1; }", NOTRACE "int h(int x) { return x + 2; }",
		"h", "h", "change its callers instead");
	no_kprobe = true;
	refuses(orig, patched, "h", NULL,
		"are not all known; nor may a breakpoint be there: leave out of the diff");
	source = "kernel/x.c";
	refuses(orig, patched, "h", NULL,
		"are not all known; change those instead, or do without --no-kprobe");
	no_kprobe = false;
}

static void refuses_what_cannot_be(void **state)
{
	(void)state;
	no_kprobe = true;
	refuses("int v = 1;", "int v = 2;", NULL, NULL, "another initial value");
	refuses("int v[1] = { 1 };", "int v[2] = { 1, 2 };", NULL, NULL,
		"has another size (8, was 4)");
	refuses(NOTRACE "int h(int x) { return x + 1; }", NOTRACE "int h(int x) { return x + 2; }",
		"h", "h", "it is exported");
	/* Somebody has had its address since boot. */
	refuses("static " NOTRACE "int h(int x) { return x + 1; } int (*v)(int) = h;",
		"static " NOTRACE "int h(int x) { return x + 2; } int (*v)(int) = h;", "h", NULL,
		"its callers");
	refuses("static " NOTRACE
		"int h(int x) { return x + 1; } int (*f(void))(int) { return h; }",
		"static " NOTRACE
		"int h(int x) { return x + 2; } int (*f(void))(int) { return h; }",
		"h", NULL, "its callers");
	/* The record says so, and the object has a fentry: they are not of one build. */
	refuses("int f(int x) { return x + 1; }", "int f(int x) { return x + 2; }", "f", NULL,
		"says that f has no fentry");
	no_kprobe = false;
}

UNIT_MAIN("select", cmocka_unit_test(takes_what_changed_alone),
	  cmocka_unit_test(takes_what_is_new_along),
	  cmocka_unit_test(replaces_callers_of_what_is_notrace),
	  cmocka_unit_test(a_call_from_elsewhere_takes_no_address),
	  cmocka_unit_test(redirects_what_is_notrace), cmocka_unit_test(refuses_what_cannot_be))
