// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "unit.h"
#include "record/record-write.h"
#include "record/record.h"

/* What is written is what is read, odd characters and all. */
static const char *write_one(const char *facts_text, char **record)
{
	char *args[] = { (char *)"-O2", (char *)"-DX=a\tb\nc\\d" };
	char *object = unit_write("x.o", "object"), *source = unit_write("x.c", "int x;\n");
	char *facts = unit_write("x.facts", facts_text);
	int fd = open(facts, O_RDONLY | O_CLOEXEC);
	const struct kgr_record_job job = { source, object, "/bin/sh", 2, args, fd };
	const char *problem = kgr_record_write(&job);

	close(fd);
	*record = unit_path(".x.o.kgr");
	g_free(object);
	g_free(source);
	g_free(facts);
	return problem;
}

static bool mentions(const char *path, const char *file)
{
	bool found;

	assert_true(kgr_record_mentions(path, file, &found));
	return found;
}

static void reads_what_it_wrote(void **state)
{
	char *source = unit_path("x.c"), *path, *cwd = g_get_current_dir(), *included;
	char *facts = g_strdup_printf("G\t12.2.0\nI\t%s\nF\tf\tf\tx.c\t1\n", source);
	GHashTable *hashes = kgr_record_hashes_new();
	GError *error = NULL;
	struct kgr_record *r;

	(void)state;
	included = unit_write("part.c", "");
	assert_null(write_one(facts, &path));
	r = kgr_record_read(path, &error);
	assert_non_null(r);
	assert_string_equal(r->dir, cwd);
	assert_string_equal(r->source, source);
	assert_string_equal(r->args->pdata[1], "-DX=a\tb\nc\\d");
	assert_int_equal(r->inputs->len, 1);
	assert_true(kgr_record_check_inputs(r, hashes, &error));
	assert_true(mentions(path, source));
	assert_false(mentions(path, included));
	kgr_record_free(r);
	g_hash_table_unref(hashes);
	g_free(facts);
	g_free(path);
	/* Another .c file that the unit includes is in the record's head. */
	facts = g_strdup_printf("G\t12.2.0\nI\t%s\nI\t%s\n", source, included);
	assert_null(write_one(facts, &path));
	assert_true(mentions(path, included));
	g_free(facts);
	g_free(path);
	g_free(included);
	g_free(source);
	g_free(cwd);
}

static void notices_changed_inputs(void **state)
{
	char *header = unit_write("h.h", "one"), *path;
	char *facts = g_strdup_printf("G\t12.2.0\nI\t%s\n", header);
	GHashTable *hashes = kgr_record_hashes_new();
	GError *error = NULL;
	struct kgr_record *r;

	(void)state;
	assert_null(write_one(facts, &path));
	r = kgr_record_read(path, NULL);
	g_free(unit_write("h.h", "two"));
	assert_false(kgr_record_check_inputs(r, hashes, &error));
	unit_failed(&error, 1, "changed since");
	kgr_record_free(r);
	g_hash_table_unref(hashes);
	g_free(header);
	g_free(facts);
	g_free(path);
}

/* An older record would describe another object. */
static void leaves_none_that_is_wrong(void **state)
{
	char *path;

	(void)state;
	assert_null(write_one("G\t12.2.0\n", &path));
	assert_int_equal(access(path, F_OK), 0);
	g_free(path);
	assert_non_null(write_one("I\t/no/such/file\n", &path));
	assert_int_equal(access(path, F_OK), -1);
	g_free(path);
	assert_null(write_one("G\t12.2.0\n", &path));
	g_free(path);
	assert_non_null(write_one("", &path));
	assert_int_equal(access(path, F_OK), -1);
	g_free(path);
	assert_non_null(write_one("G\tcut", &path));
	assert_int_equal(access(path, F_OK), -1);
	g_free(path);
}

UNIT_MAIN("record-write", cmocka_unit_test(reads_what_it_wrote),
	  cmocka_unit_test(notices_changed_inputs), cmocka_unit_test(leaves_none_that_is_wrong))
