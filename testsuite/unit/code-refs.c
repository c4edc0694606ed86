// SPDX-License-Identifier: GPL-3.0-or-later
/* Candidates for references to an address in linked bytes, and which of them are ones. */
#include "unit.h"
#include "elf/arch.h"

#define BASE 0xffffffff81000000ULL
#define TARGET 0xffffffff81000100ULL

/* At BASE; what leads to TARGET is marked. */
static const uint8_t code[] = {
	0xe8, 0xfb, 0x00, 0x00, 0x00, /* 0: call TARGET */
	0x48, 0xc7, 0xc7, 0x00, 0x01, 0x00, 0x81, /* 5: mov $TARGET,%rdi */
	0x48, 0x8d, 0x3d, 0xed, 0x00, 0x00, 0x00, /* 12: lea TARGET(%rip),%rdi */
	0xc7, 0x05, 0xe3, 0x00, 0x00, 0x00, 0x01,
	0,    0,    0, /* 19: movl $1,TARGET(%rip) */
	0xe9, 0xdf, 0x00, 0x00, 0x00, /* 29: jmp TARGET + 1 */
	0x48, 0xb8, 0xd8, 0x00, 0x00, 0x00, 0,
	0,    0,    0, /* 34: movabs $0xd8,%rax: a distance by chance */
	0x90,
};

static GArray *scan(const uint8_t *bytes, uint64_t size, bool is_code)
{
	GArray *places = g_array_new(FALSE, FALSE, sizeof(uint64_t));

	kgr_arch_x86.scan(bytes, size, BASE, is_code, TARGET, places);
	return places;
}

static bool has_place(const GArray *places, uint64_t offset)
{
	guint i;

	for (i = 0; i < places->len; i++) {
		if (g_array_index(places, uint64_t, i) == BASE + offset)
			return true;
	}
	return false;
}

static void finds_all_candidates(void **state)
{
	g_autoptr(GArray) places = scan(code, sizeof(code), true);

	(void)state;
	assert_true(has_place(places, 1));
	assert_true(has_place(places, 8));
	assert_true(has_place(places, 15));
	assert_true(has_place(places, 21));
	assert_false(has_place(places, 30));
	assert_true(has_place(places, 36));
}

static void decodes_them(void **state)
{
	g_autoptr(GArray) refs = g_array_new(FALSE, FALSE, sizeof(struct kgr_code_ref));
	const struct kgr_code_ref *ref;

	(void)state;
	assert_true(kgr_arch_x86.code_refs(code, sizeof(code), BASE, TARGET, refs));
	assert_int_equal(refs->len, 4);
	ref = &g_array_index(refs, struct kgr_code_ref, 0);
	assert_int_equal(ref[0].place, BASE + 1);
	assert_true(ref[0].branch);
	assert_int_equal(ref[1].place, BASE + 8);
	assert_false(ref[1].branch);
	assert_int_equal(ref[2].place, BASE + 15);
	assert_false(ref[2].branch);
	assert_int_equal(ref[3].place, BASE + 21);
	assert_false(ref[3].branch);
	/* It ends in the middle of an instruction. */
	assert_false(kgr_arch_x86.code_refs(code, 3, BASE, TARGET, refs));
}

static void data_has_other_forms(void **state)
{
	static const uint8_t data[] = {
		0x00, 0x01, 0x00, 0x81, 0xff, 0xff, 0xff, 0xff, /* 0: the address */
		0xf8, 0x00, 0x00, 0x00, /* 8: the distance from here */
		0xf0, 0x00, 0x00, 0x00, /* 12: as if from the end, which no data does */
	};
	g_autoptr(GArray) places = scan(data, sizeof(data), false);

	(void)state;
	assert_int_equal(places->len, 2);
	assert_true(has_place(places, 0));
	assert_true(has_place(places, 8));
}

UNIT_MAIN("code-refs", cmocka_unit_test(finds_all_candidates), cmocka_unit_test(decodes_them),
	  cmocka_unit_test(data_has_other_forms))
