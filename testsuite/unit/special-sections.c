// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit.h"
#include "elf/arch.h"
#include "elf/special-sections.h"

/* As BUG() has it: an entry of __bug_table, twelve bytes or eight, whose first field is relative. */
#define ENTRY(function, fill)                                                                      \
	"asm(\".pushsection __bug_table, \\\"aw\\\"\\n\"\n"                                        \
	"    \".long " function " - .\\n\"\n"                                                      \
	"    \".fill " fill ", 1, 7\\n\"\n"                                                        \
	"    \".popsection\");\n"
#define FUNCTIONS "int one(int x) { return x + 1; }\nint two(int x) { return x * 3; }\n"

static void has_a_row_a_section(void **state)
{
	(void)state;
	assert_string_equal(kgr_special_find(&kgr_arch_x86, "__bug_table")->name, "__bug_table");
	assert_int_equal(kgr_special_find(&kgr_arch_x86, "__bug_table")->kind, KGR_SPECIAL_COPY);
	assert_int_equal(kgr_special_find(&kgr_arch_x86, "__jump_table")->kind, KGR_SPECIAL_LATER);
	assert_non_null(kgr_special_find(&kgr_arch_x86, "__jump_table")->later_name);
	assert_int_equal(kgr_special_find(&kgr_arch_x86, ".discard.anything")->kind,
			 KGR_SPECIAL_DROP);
	assert_null(kgr_special_find(&kgr_arch_x86, "__bug_tables"));
	assert_null(kgr_special_find(&kgr_arch_x86, ".text"));
}

static void finds_entries_and_owners(void **state)
{
	const struct kgr_special *bug = kgr_special_find(&kgr_arch_x86, "__bug_table");
	struct kgr_obj *obj =
		unit_object("bugs", FUNCTIONS ENTRY("one", "8") ENTRY("two + 2", "8"), NULL);
	const struct kgr_sec *sec = kgr_sec_named(obj, "__bug_table");
	struct kgr_sym *two = kgr_obj_defined(obj, "two");
	uint64_t at = 99;

	(void)state;
	assert_int_equal(kgr_special_entry_size(bug, sec), 12);
	assert_string_equal(kgr_special_owner(bug, sec, 0, &at)->name, "one");
	assert_int_equal(at, 0);
	assert_ptr_equal(kgr_special_owner(bug, sec, 12, &at), two);
	assert_int_equal(at, 2);
	assert_ptr_equal(kgr_special_entry_of(bug, obj, two), sec->data + 12);
	assert_null(kgr_special_entry_of(kgr_special_find(&kgr_arch_x86, "__ex_table"), obj, two));
	kgr_obj_close(obj);
}

static void knows_all_names(void **state)
{
	const struct kgr_special *bug = kgr_special_find(&kgr_arch_x86, "__bug_table");
	struct kgr_obj *obj = unit_object(
		"names",
		FUNCTIONS
		"extern int other(int x) __attribute__((alias(\"two\")));\n" ENTRY("two", "8"),
		NULL);
	const struct kgr_sym *two = kgr_obj_defined(obj, "two");
	const struct kgr_sym *other = kgr_obj_defined(obj, "other");

	(void)state;
	assert_ptr_equal(kgr_sym_first_name(two), kgr_sym_first_name(other));
	assert_non_null(kgr_special_entry_of(bug, obj, two));
	assert_non_null(kgr_special_entry_of(bug, obj, other));
	assert_null(kgr_special_entry_of(bug, obj, kgr_obj_defined(obj, "one")));
	kgr_obj_close(obj);
}

static void takes_the_size_that_fits(void **state)
{
	const struct kgr_special *bug = kgr_special_find(&kgr_arch_x86, "__bug_table");
	struct kgr_obj *obj = unit_object(
		"small", FUNCTIONS ENTRY("one", "4") ENTRY("two", "4") ENTRY("one", "4"), NULL);

	(void)state;
	/* Three entries of 8 are two of 12 by their size alone. */
	assert_int_equal(kgr_special_entry_size(bug, kgr_sec_named(obj, "__bug_table")), 8);
	kgr_obj_close(obj);
	obj = unit_object("odd", FUNCTIONS ENTRY("one", "5"), NULL);
	assert_int_equal(kgr_special_entry_size(bug, kgr_sec_named(obj, "__bug_table")), 0);
	kgr_obj_close(obj);
}

UNIT_MAIN("special-sections", cmocka_unit_test(has_a_row_a_section),
	  cmocka_unit_test(finds_entries_and_owners), cmocka_unit_test(knows_all_names),
	  cmocka_unit_test(takes_the_size_that_fits))
