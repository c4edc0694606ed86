// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "unit.h"
#include "elf/arch.h"
#include "elf/reloc.h"

static const char text[] = "extern int printf(const char *, ...);\n"
			   "extern int ext[4];\n"
			   "static int table[4] = { 1, 2, 3, 4 };\n"
			   "int *end(void) { return table + 4; }\n"
			   "int *third(void) { return table + 2; }\n"
			   "void touch(int i) { table[i]++; }\n"
			   "int *other(void) { return &ext[1]; }\n"
			   "void say(void) { printf(\"hello\"); }\n"
			   "double half(double x) { return x * 0.12345; }\n"
			   "static int local(int x) { static int n; return n += x; }\n"
			   "int (*const pointer)(int) = local;\n";

static struct kgr_obj *object(void)
{
	return unit_object("reloc", text, "-fno-pie -mcmodel=kernel -mno-red-zone");
}

/* Where the first relocation of a function or object leads, its own place taken into account. */
static struct kgr_target first(const struct kgr_obj *obj, const char *name)
{
	const struct kgr_sym *sym = kgr_obj_defined(obj, name);
	struct kgr_target t;
	struct kgr_rel *rel;
	size_t count;

	assert_non_null(sym);
	rel = kgr_sec_rels(sym->sec, sym->value, sym->value + sym->size, &count);
	assert_true(count > 0);
	kgr_target(rel, kgr_rel_usual_bias(rel), &t);
	return t;
}

static void leads_to_symbols(void **state)
{
	struct kgr_obj *obj = object();
	struct kgr_target t = first(obj, "third");

	(void)state;
	assert_int_equal(t.kind, KGR_TARGET_SYMBOL);
	assert_string_equal(t.sym->name, "table");
	assert_int_equal(t.offset, 8);
	t = first(obj, "other");
	assert_int_equal(t.kind, KGR_TARGET_SYMBOL);
	assert_string_equal(t.sym->name, "ext");
	assert_null(t.sym->sec);
	assert_int_equal(t.offset, 4);
	t = first(obj, "pointer");
	assert_string_equal(t.sym->name, "local");
	assert_int_equal(t.offset, 0);
	kgr_obj_close(obj);
}

static void leads_to_strings_and_constants(void **state)
{
	struct kgr_obj *obj = object();
	struct kgr_target t = first(obj, "say");

	(void)state;
	assert_int_equal(t.kind, KGR_TARGET_STRING);
	assert_string_equal((const char *)t.sec->data + t.pos, "hello");
	t = first(obj, "half");
	assert_int_equal(t.kind, KGR_TARGET_CONST);
	assert_int_equal(t.sec->sh.sh_entsize, 8);
	kgr_obj_close(obj);
}

/* The end of a table is where the next object begins, if there is one. */
static void the_end_may_be_of_another(void **state)
{
	struct kgr_obj *obj = unit_object("ends",
					  "__attribute__((section(\"d\"))) int a[4] = { 1 };\n"
					  "__attribute__((section(\"d\"))) int b[4] = { 1 };\n"
					  "__attribute__((section(\"e\"))) int c[4] = { 1 };\n",
					  "-fno-toplevel-reorder");
	const struct kgr_sym *a = kgr_obj_defined(obj, "a"), *b = kgr_obj_defined(obj, "b");
	const struct kgr_sym *before = a->value < b->value ? a : b, *behind = before == a ? b : a;
	struct kgr_target t = { .kind = KGR_TARGET_SYMBOL, .sym = (struct kgr_sym *)behind };

	(void)state;
	assert_int_equal(before->value + before->size, behind->value);
	assert_true(kgr_target_may_be(&t, before));
	t.offset = 4;
	assert_false(kgr_target_may_be(&t, before));
	t.offset = 0;
	assert_false(kgr_target_may_be(&t, behind));
	assert_false(kgr_target_may_be(&t, kgr_obj_defined(obj, "c")));
	kgr_obj_close(obj);
}

static struct kgr_rel of_type(uint32_t type)
{
	struct kgr_rel rel = { .offset = 16 };

	kgr_rel_set_type(&rel, &kgr_arch_x86, type);
	return rel;
}

static void knows_its_types(void **state)
{
	const struct kgr_rel call = of_type(R_X86_64_PLT32), address = of_type(R_X86_64_64);
	const struct kgr_rel offset = of_type(R_X86_64_PC32), other = of_type(R_X86_64_TPOFF64);
	const struct kgr_rel wide = of_type(R_X86_64_32S);

	(void)state;
	assert_true(kgr_rel_is_branch(&call) && call.howto->pcrel);
	assert_true(!kgr_rel_is_branch(&offset) && offset.howto->pcrel);
	assert_true(!kgr_rel_is_branch(&address) && !address.howto->pcrel);
	/* Behind the field of four bytes at 16 there are three more of the instruction. */
	assert_int_equal(kgr_rel_bias(&offset, 23), 7);
	assert_int_equal(kgr_rel_bias(&wide, 23), 0);
	assert_int_equal(kgr_rel_width(&call), 4);
	assert_int_equal(kgr_rel_width(&wide), 4);
	assert_int_equal(kgr_rel_width(&address), 8);
	assert_int_equal(kgr_rel_width(&other), 0);
}

/* The only relocation of a function that is to a static one of another section. */
static bool first_is_branch(const struct kgr_obj *obj, const char *name)
{
	const struct kgr_sym *sym = kgr_obj_defined(obj, name);
	const struct kgr_rel *rel;
	size_t count;

	rel = kgr_sec_rels(sym->sec, sym->value, sym->value + sym->size, &count);
	assert_int_equal(count, 1);
	/* The type says nothing: both are that of a PC-relative address. */
	assert_int_equal(rel->type, R_X86_64_PC32);
	return kgr_rel_is_branch(rel);
}

static void tells_calls_from_addresses(void **state)
{
	struct kgr_obj *obj = unit_object(
		"branches",
		"static __attribute__((noinline, section(\".text.other\"))) int callee(int x)\n"
		"{ asm volatile(\"\"); return x; }\n"
		"int calls(int x) { return callee(x) + 1; }\n"
		"int jumps(int x) { return callee(x + 1); }\n"
		"int (*takes(void))(int) { return callee; }\n"
		/* As an alternative's replacement, no symbol covers it. */
		"asm(\".section .nameless, \\\"ax\\\"; call callee; .previous\");\n",
		"-fpie -mno-red-zone");
	const struct kgr_sec *nameless = kgr_sec_named(obj, ".nameless");

	(void)state;
	assert_true(first_is_branch(obj, "calls") && first_is_branch(obj, "jumps"));
	assert_false(first_is_branch(obj, "takes"));
	assert_int_equal(nameless->nrels, 1);
	assert_true(kgr_rel_is_branch(&nameless->rels[0]));
	kgr_obj_close(obj);
}

static void knows_compilers_constants(void **state)
{
	struct kgr_obj *obj = unit_object("constants",
					  "const char *f(void) { return __func__; }\n"
					  "static const int own[2] = { 1, 2 };\n"
					  "const int *g(void) { return own; }\n",
					  NULL);
	struct kgr_target t = first(obj, "f");

	(void)state;
	assert_true(g_str_has_prefix(t.sym->name, "__func__."));
	assert_true(kgr_sym_is_constant(t.sym));
	assert_false(kgr_sym_is_constant(kgr_obj_defined(obj, "own")));
	assert_false(kgr_sym_is_constant(kgr_obj_defined(obj, "f")));
	kgr_obj_close(obj);
}

UNIT_MAIN("reloc", cmocka_unit_test(leads_to_symbols),
	  cmocka_unit_test(leads_to_strings_and_constants),
	  cmocka_unit_test(the_end_may_be_of_another), cmocka_unit_test(knows_its_types),
	  cmocka_unit_test(tells_calls_from_addresses), cmocka_unit_test(knows_compilers_constants))
