// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>
#include <zlib.h>

#include "unit.h"
#include "lib/error.h"
#include "record/record.h"

#define HEAD                                                                                       \
	"kgraft-record\t1\n"                                                                       \
	"dir\t/build\n"                                                                            \
	"source\tkernel/x.c\n"                                                                     \
	"also\tkernel/part.c\n"                                                                    \
	"object\tkernel/x.o\n"                                                                     \
	"object-hash\t00000000000000ff\n"                                                          \
	"compiler\t/usr/bin/gcc\n"
#define REST                                                                                       \
	"arg\t-O2\n"                                                                               \
	"env\tLANG\tC\n"                                                                           \
	"G\t12.2.0\n"                                                                              \
	"input\t0000000000000001\tkernel/x.c\n"                                                    \
	"F\tf\tf\tkernel/x.c\t3\t.text\tglobal\tfentry\twhole\n"                                   \
	"F\tg\tg\tkernel/x.c\t9\t.text\tlocal\tno:notrace\twhole\n"

static char *pack(const char *text, size_t size)
{
	char *path = unit_path(".x.o.kgr");
	gzFile out = gzopen(path, "wb");

	assert_non_null(out);
	assert_int_equal(gzfwrite(text, 1, size, out), size);
	assert_int_equal(gzclose(out), Z_OK);
	return path;
}

static struct kgr_record *read_text(const char *text, GError **error)
{
	char *path = pack(text, strlen(text));
	struct kgr_record *r = kgr_record_read(path, error);

	g_free(path);
	return r;
}

static void reads_every_field(void **state)
{
	GError *error = NULL;
	struct kgr_record *r = read_text(HEAD REST "end\n", &error);
	char *fentry;

	(void)state;
	assert_non_null(r);
	assert_string_equal(r->dir, "/build");
	assert_string_equal(r->source, "kernel/x.c");
	assert_string_equal(r->object, "kernel/x.o");
	assert_string_equal(r->compiler, "/usr/bin/gcc");
	assert_string_equal(r->gcc, "12.2.0");
	assert_int_equal(r->object_hash, 0xff);
	assert_int_equal(r->args->len, 1);
	assert_string_equal(r->args->pdata[0], "-O2");
	assert_string_equal(r->env->pdata[0], "LANG=C");
	assert_int_equal(r->inputs->len, 1);
	assert_int_equal(g_array_index(r->inputs, struct kgr_input, 0).hash, 1);
	assert_false(kgr_record_is_module(r));
	fentry = kgr_record_fentry(r, "g");
	assert_string_equal(fentry, "no:notrace");
	g_free(fentry);
	assert_null(kgr_record_fentry(r, "h"));
	kgr_record_free(r);
}

static void knows_modules(void **state)
{
	struct kgr_record *r = read_text(HEAD "arg\t-DMODULE\n" REST "end\n", NULL);

	(void)state;
	assert_true(kgr_record_is_module(r));
	kgr_record_free(r);
}

static void undoes_escapes(void **state)
{
	struct kgr_record *r = read_text(HEAD "arg\t-DX=\\t\\n\\\\t\\\n" REST "end\n", NULL);

	(void)state;
	assert_non_null(r);
	assert_string_equal(r->args->pdata[0], "-DX=\t\n\\t\\");
	kgr_record_free(r);
}

static void refuses(const char *text)
{
	GError *error = NULL;

	assert_null(read_text(text, &error));
	unit_failed(&error, KGR_TROUBLE, "the record is damaged or cut short");
}

static void refuses_what_no_writer_writes(void **state)
{
	(void)state;
	refuses(HEAD REST);
	refuses(HEAD REST "end\nmore\t1\n");
	refuses(HEAD REST "end");
	refuses(HEAD REST "unknown\t1\nend\n");
	refuses(HEAD REST "no tab\nend\n");
	refuses(HEAD REST "dir\t/twice\nend\n");
	refuses(HEAD REST "input\t1\tkernel/x.h\nend\n");
	refuses(HEAD REST "env\tLANG\nend\n");
	refuses(HEAD "end\n");
	refuses("kgraft-record\t2\n");
	refuses("");
}

static void refuses_damaged_files(void **state)
{
	char *path = pack(HEAD REST "end\n", strlen(HEAD REST "end\n")), *data;
	GError *error = NULL;
	gsize size;

	(void)state;
	assert_true(g_file_get_contents(path, &data, &size, NULL));
	assert_true(g_file_set_contents(path, data, (gssize)size - 9, NULL));
	assert_null(kgr_record_read(path, &error));
	unit_failed(&error, KGR_TROUBLE, "damaged");
	data[size - 5] ^= 1;
	assert_true(g_file_set_contents(path, data, (gssize)size, NULL));
	assert_null(kgr_record_read(path, &error));
	unit_failed(&error, KGR_TROUBLE, "damaged");
	g_free(data);
	/* In the clear; with a NUL in it; not there at all. */
	assert_true(g_file_set_contents(path, HEAD REST "end\n", -1, NULL));
	assert_null(kgr_record_read(path, &error));
	unit_failed(&error, KGR_TROUBLE, "damaged");
	g_free(pack(HEAD REST "arg\ta\0b\nend\n", sizeof(HEAD REST "arg\ta\0b\nend\n") - 1));
	assert_null(kgr_record_read(path, &error));
	unit_failed(&error, KGR_TROUBLE, "damaged");
	assert_null(kgr_record_read("/no/such.kgr", &error));
	unit_failed(&error, KGR_TROUBLE, "was this object built with CC=kgr-gcc?");
	g_free(path);
}

/* Does it say that it mentions the file? */
static bool mentions(const char *path, const char *file)
{
	bool found;

	assert_true(kgr_record_mentions(path, file, &found));
	return found;
}

static void mentions_its_sources(void **state)
{
	char *path = pack(HEAD REST "end\n", strlen(HEAD REST "end\n"));
	bool found;

	(void)state;
	assert_true(mentions(path, "/build/kernel/x.c"));
	assert_true(mentions(path, "/build/kernel/part.c"));
	assert_false(mentions(path, "/build/other/x.c"));
	assert_false(mentions(path, "/build/x.o"));
	assert_false(kgr_record_mentions("/no/such.kgr", "/build/kernel/x.c", &found));
	g_free(path);
}

static bool includes(const char *path, const char *file)
{
	GPtrArray *files = g_ptr_array_new();
	bool found;

	g_ptr_array_add(files, (void *)"/build/include/other.h");
	g_ptr_array_add(files, (void *)file);
	assert_true(kgr_record_includes(path, files, &found, NULL));
	g_ptr_array_unref(files);
	return found;
}

static void knows_its_inputs(void **state)
{
	const char *text = HEAD REST "input\t0000000000000002\t./include/../include/x.h\nend\n";
	char *path = pack(text, strlen(text));
	GPtrArray *files = g_ptr_array_new();
	GError *error = NULL;
	bool found;

	(void)state;
	assert_true(includes(path, "/build/include/x.h"));
	assert_false(includes(path, "/build/x.h"));
	assert_false(includes(path, "/build/include/y.h"));
	/* One that cannot be read might be one. */
	g_ptr_array_add(files, (void *)"/build/include/x.h");
	g_free(unit_write(".x.o.kgr", text));
	assert_false(kgr_record_includes(path, files, &found, &error));
	unit_failed(&error, KGR_TROUBLE, "damaged");
	g_ptr_array_unref(files);
	g_free(path);
}

static void reads_facts(void **state)
{
	char *path = unit_write("facts", "G\t12.2.0\nI\ta\\tb.h\nF\tf\tf\tx.c\t1\n");
	GError *error = NULL;
	struct kgr_record *r = kgr_facts_read(path, &error);

	(void)state;
	assert_non_null(r);
	assert_string_equal(g_array_index(r->inputs, struct kgr_input, 0).path, "a\tb.h");
	assert_int_equal(r->facts->len, 1);
	kgr_record_free(r);
	g_free(unit_write("facts", "G\t12.2.0\nF\tcut"));
	assert_null(kgr_facts_read(path, &error));
	unit_failed(&error, KGR_TROUBLE, "cut short");
	g_free(unit_write("facts", "F\tf\tf\n"));
	assert_null(kgr_facts_read(path, &error));
	unit_failed(&error, KGR_TROUBLE, "cut short");
	g_free(path);
}

UNIT_MAIN("record", cmocka_unit_test(reads_every_field), cmocka_unit_test(knows_modules),
	  cmocka_unit_test(undoes_escapes), cmocka_unit_test(refuses_what_no_writer_writes),
	  cmocka_unit_test(refuses_damaged_files), cmocka_unit_test(mentions_its_sources),
	  cmocka_unit_test(knows_its_inputs), cmocka_unit_test(reads_facts))
