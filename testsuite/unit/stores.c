// SPDX-License-Identifier: GPL-3.0-or-later
/* Which addresses a function writes to memory. */
#include <string.h>

#include "unit.h"
#include "elf/arch.h"
#include "elf/reloc.h"

#define HEAD                                                                                        \
	"struct s { void *a, *b; }; extern void call(void *), *given(void); extern int cond(void);" \
	" static int state; extern struct s *out, globals; int touch(void) { return state++; }\n"

/* How often f() writes the address of @name, or a string literal's if that is in quotes. */
static guint stores_of(const char *body, const char *name, const char *flags)
{
	g_autofree char *text = g_strconcat(HEAD, body, NULL);
	struct kgr_obj *obj = unit_object("stores", text, flags);
	g_autoptr(GError) error = NULL;
	g_autoptr(GArray) stores = kgr_find_stores(obj, kgr_obj_defined(obj, "f"), &error);
	guint i, found = 0;

	assert_non_null(stores);
	for (i = 0; i < stores->len; i++) {
		const struct kgr_store *s = &g_array_index(stores, struct kgr_store, i);
		g_autofree char *literal = NULL;
		struct kgr_target t;

		kgr_target(s->address, s->address_bias, &t);
		if (t.kind == KGR_TARGET_STRING)
			literal = kgr_target_literal(&t);
		found += t.kind == KGR_TARGET_SYMBOL ? !strcmp(t.sym->name, name) :
						       !g_strcmp0(literal, name);
	}
	kgr_obj_close(obj);
	return found;
}

static void what_is_written(void **state)
{
	static const char at_once[] = "void f(struct s *s) { s->b = &state; }\n";
	static const char chosen[] =
		"void f(struct s *s) { s->a = cond() ? \"one\" : \"a \\\"b\"; }\n";
	static const char twice[] = "void f(struct s *s) { void *p = &state; call(p); s->a = p;"
				    " s->b = p; out->a = p; }\n";
	static const char global[] = "void f(void) { globals.b = &state; }\n";

	(void)state;
	assert_int_equal(stores_of(at_once, "state", NULL), 1);
	assert_int_equal(stores_of(at_once, "state", "-fno-omit-frame-pointer"), 1);
	assert_int_equal(stores_of(chosen, "\"one\"", NULL), 1);
	assert_int_equal(stores_of(chosen, "\"a\\040\\042b\"", NULL), 1);
	assert_int_equal(stores_of(twice, "state", "-mno-sse"), 3);
	assert_int_equal(stores_of(global, "state", NULL), 1);
}

static void what_is_not(void **state)
{
	static const char given[] =
		"void f(struct s *s) { call(&state); call(\"text\"); s->a = given(); }\n";
	static const char on_stack[] =
		"void f(void) { struct s s = { &state, \"text\" }; call(&s); }\n";
	static const char value[] =
		"void f(struct s *s) { s->a = (void *)(long)state; state = cond(); }\n";

	(void)state;
	assert_int_equal(stores_of(given, "state", NULL), 0);
	assert_int_equal(stores_of(given, "\"text\"", NULL), 0);
	assert_int_equal(stores_of(on_stack, "state", NULL), 0);
	assert_int_equal(stores_of(on_stack, "\"text\"", NULL), 0);
	assert_int_equal(stores_of(on_stack, "state", "-fno-omit-frame-pointer"), 0);
	assert_int_equal(stores_of(value, "state", NULL), 0);
}

UNIT_MAIN("stores", cmocka_unit_test(what_is_written), cmocka_unit_test(what_is_not))
