// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit.h"
#include "record/cc-args.h"

/* What is found in a command, its words separated by spaces. */
static bool records(const char *command, const char *source, const char *object)
{
	char **argv = g_strsplit(command, " ", -1);
	struct kgr_cc_args args;
	bool same;

	kgr_cc_args_scan((int)g_strv_length(argv), argv, &args);
	same = !g_strcmp0(args.source, source) && !g_strcmp0(args.object, object);
	if (args.records && !same)
		fail_msg("%s: %s to %s", command, args.source, args.object);
	g_strfreev(argv);
	return args.records;
}

static void finds_source_and_object(void **state)
{
	(void)state;
	assert_true(records("gcc -O2 -c -o x.o x.c", "x.c", "x.o"));
	assert_true(records("gcc -ox.o x.c -c", "x.c", "x.o"));
	assert_true(records("gcc -c -x c y.i -o y.o", "y.i", "y.o"));
}

/* Their values look like files, and are none. */
static void knows_options_with_a_value(void **state)
{
	(void)state;
	assert_true(records("gcc -include other.c -D x.c -MF x.d -c -o x.o x.c", "x.c", "x.o"));
	assert_true(records("gcc --param a.c -isystem b.c -c -o x.o x.c", "x.c", "x.o"));
}

static void leaves_other_commands_alone(void **state)
{
	(void)state;
	assert_false(records("gcc -o x x.c", NULL, NULL));
	assert_false(records("gcc -E -c -o x.o x.c", NULL, NULL));
	assert_false(records("gcc -S -o x.s x.c", NULL, NULL));
	assert_false(records("gcc -c -o x.o x.c y.c", NULL, NULL));
	assert_false(records("gcc -c x.c", NULL, NULL));
	assert_false(records("gcc -c -o x.o x.S", NULL, NULL));
	assert_false(records("gcc -c -x assembler x.c -o x.o", NULL, NULL));
	assert_false(records("gcc -c -o", NULL, NULL));
	assert_false(records("gcc -c -x", NULL, NULL));
}

/* So Kbuild asks what a compiler can do. */
static void leaves_probes_alone(void **state)
{
	(void)state;
	assert_false(records("gcc -c -x c /dev/null -o x.o", NULL, NULL));
	assert_false(records("gcc -c x.c -o /dev/null", NULL, NULL));
}

UNIT_MAIN("cc-args", cmocka_unit_test(finds_source_and_object),
	  cmocka_unit_test(knows_options_with_a_value),
	  cmocka_unit_test(leaves_other_commands_alone), cmocka_unit_test(leaves_probes_alone))
