// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit.h"
#include "source/container-use.h"

#define HEAD "struct at { int x; }; struct foo { struct at at; int n; struct at more; };\n"

static bool leads(const char *text)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();

	g_ptr_array_add(names, (void *)"foo");
	g_ptr_array_add(names, (void *)"f");
	return kgr_has_container_use(text, "struct foo", names);
}

static void declarations(void **state)
{
	(void)state;
	assert_false(leads(HEAD));
	assert_false(leads(HEAD "struct foo;"));
	assert_false(leads(HEAD "int f(void) { struct foo foo = { 1 }, *p; return foo.n; }"));
	assert_false(leads(HEAD "int f(const struct foo *const f, struct foo g) { return f->n; }"));
	assert_false(leads(HEAD "int f(void) { put(&(struct foo){ 1 }); }"));
	assert_true(leads(HEAD "int f(void) { put(&(struct foo){ 1 }, sizeof(struct foo)); }"));
	assert_false(leads(HEAD "struct at *p; int f(void) { return ((struct food *)p)->n; }"));
	assert_false(leads(HEAD "int f(void) { struct foo foo; typeof(foo.n) n = foo.n; }"));
	assert_false(leads(
		HEAD
		"int f(struct foo *f) { return *(const volatile typeof(f->at.x) *)&(f->at.x); }"));
	assert_false(leads(HEAD "int g(void) { int x; return *(volatile typeof(x) *)&x; }"));
}

static void ways_back(void **state)
{
	(void)state;
	assert_true(leads(HEAD "int g(struct at *p) { return ((struct foo *)p)->n; }"));
	assert_true(leads(HEAD "int g(struct at *p) { return ((const struct foo *const)p)->n; }"));
	assert_true(leads(HEAD "int g(struct at *p) { return ((struct foo const *)p)->n; }"));
	assert_true(leads(
		HEAD
		"int g(char *p) { return *(int *)(p - __builtin_offsetof(struct foo, more)); }"));
	assert_true(leads(HEAD "typedef struct foo foo_t;"));
	assert_true(leads("typedef struct foo { int n; } foo_t;"));
	assert_true(leads(HEAD "int g(struct at *p) { return (*(struct foo (*)[1])p)[0].n; }"));
	assert_true(leads(HEAD "int g(void *p) { return ((typeof(struct foo) *)p)->n; }"));
	assert_true(leads(HEAD "int g(void *p) { struct foo foo; return ((typeof(foo) *)p)->n; }"));
	assert_true(leads(HEAD "int g(void *p, struct foo *f) {"
			       " return ((__typeof__(*f) *)p)->n; }"));
	assert_true(leads(
		HEAD "int g(void *p) { return ((struct foo __attribute__((packed)) *)p)->n; }"));
	assert_true(leads(HEAD "int g(struct foo *);"));
	assert_true(
		leads(HEAD "int g(va_list a) { return __builtin_va_arg(a, struct foo *)->n; }"));
	assert_true(kgr_has_container_use("", "typedef", NULL));
}

UNIT_MAIN("container-use", cmocka_unit_test(declarations), cmocka_unit_test(ways_back))
