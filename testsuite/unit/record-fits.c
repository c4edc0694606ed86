// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit.h"
#include "lib/error.h"
#include "lib/hash.h"
#include "units/record-fits.h"

#define OBJTOOL " ; ./tools/objtool/objtool --orc x.o\n"

static struct kgr_record *record_of(const char *object)
{
	static char *const args[] = {
		"-O2", "-DNAME=\"x#$y\"", "-Wall", "-fdiagnostics-color", "-c", "-o", "x.o", "x.c",
		NULL
	};
	struct kgr_record *r = kgr_record_of_command("/", object, "gcc", args);

	assert_int_equal(kgr_hash_file(object, &r->object_hash), 0);
	g_free(r->path);
	r->path = g_strdup("/build/.x.o.kgr");
	return r;
}

/* The object is one that objtool, or a cache, has changed since: what the .cmd file says decides. */
static void changed(const char *cmd, const char *refusal)
{
	g_autofree char *object = unit_write("x.o", "as recorded");
	g_autofree char *command = unit_write(".x.o.cmd", cmd);
	g_autoptr(kgr_record) r = record_of(object);
	GError *error = NULL;
	bool fits;

	assert_true(kgr_record_check_object(r, object, "/no/such/file", &error));
	g_free(unit_write("x.o", "another"));
	fits = kgr_record_check_object(r, object, command, &error);
	assert_int_equal(fits, !refusal);
	if (refusal)
		unit_failed(&error, KGR_REFUSED, refusal);
}

static void knows_another_object(void **state)
{
	(void)state;
	changed("cmd_x.o := kgr-gcc -O2 '-DNAME=\"x$(pound)$$y\"' -c -o x.o x.c\n",
		"/build/.x.o.kgr is the record of another object");
}

static void knows_another_compilation(void **state)
{
	(void)state;
	changed("savedcmd_x.o := ccache kgr-gcc -O2 '-DNAME=\"x$(pound)$$y\"' -Wextra -c -o x.o "
		"x.c" OBJTOOL,
		NULL);
	changed("savedcmd_x.o := kgr-gcc -O3 '-DNAME=\"x$(pound)$$y\"' -c -o x.o x.c" OBJTOOL,
		"for only one of them has -O3");
	changed("cmd_x.o := kgr-gcc -O2 -c -o x.o x.c" OBJTOOL, "for only one of them has -DNAME");
}

UNIT_MAIN("record-fits", cmocka_unit_test(knows_another_object),
	  cmocka_unit_test(knows_another_compilation))
