// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>

#include "unit.h"
#include "lib/hash.h"

static uint64_t hash_of(const char *path)
{
	uint64_t hash = 0;

	assert_int_equal(kgr_hash_file(path, &hash), 0);
	return hash;
}

/* XXH3's own value for nothing: records of one machine are read on another. */
static void is_xxh3(void **state)
{
	char *empty = unit_write("empty", "");

	(void)state;
	assert_int_equal(hash_of(empty), 0x2d06800538d394c2);
	g_free(empty);
}

static void is_of_the_content(void **state)
{
	char *a = unit_write("a", "one\n"), *b = unit_write("b", "one\n");
	char *c = unit_write("c", "two\n");

	(void)state;
	assert_int_equal(hash_of(a), hash_of(b));
	assert_int_not_equal(hash_of(a), hash_of(c));
	g_free(a);
	g_free(b);
	g_free(c);
}

/* The buffer, which is kept, begins with a megabyte. */
static void reads_to_the_end(void **state)
{
	char *text = g_strnfill((3 << 20) + 1, 'x'), *path = unit_write("large", text);
	uint64_t before = hash_of(path);

	(void)state;
	text[3 << 20] = 'y';
	g_free(unit_write("large", text));
	assert_int_not_equal(hash_of(path), before);
	g_free(path);
	g_free(text);
}

static void says_why_not(void **state)
{
	char *path = unit_path("missing"), *dir = g_path_get_dirname(path);
	uint64_t hash;

	(void)state;
	assert_int_equal(kgr_hash_file(path, &hash), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(kgr_hash_file(dir, &hash), -1);
	assert_int_equal(errno, EISDIR);
	g_free(path);
	g_free(dir);
}

UNIT_MAIN("hash", cmocka_unit_test(is_xxh3), cmocka_unit_test(is_of_the_content),
	  cmocka_unit_test(reads_to_the_end), cmocka_unit_test(says_why_not))
