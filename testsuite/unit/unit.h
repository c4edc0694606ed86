/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the unit tests share. A test is a function of one module's file; a file is a program, which make
 * check-quick runs under ASan with leaks, and UBSan. They need gcc, and no kernel.
 */
#ifndef KGR_UNIT_TEST_H
#define KGR_UNIT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib.h>

#include "elf/object.h"

/* unit_path() - the full name of a file in a directory of this program's own, which is gone when it ends (g_free it);
 * directories on the way are made
 */
char *unit_path(const char *name);

/* unit_write() - make that file with the given text; returns its full name (g_free it) */
char *unit_write(const char *name, const char *text);

/* unit_compile() - compile C, as the patched kernel is, to an object; returns its full name (g_free it)
 * @name: of the object, without the .o
 * @flags: more arguments for gcc, separated by spaces; or NULL
 */
char *unit_compile(const char *name, const char *text, const char *flags);

/* unit_object() - the same, opened */
struct kgr_obj *unit_object(const char *name, const char *text, const char *flags);

/* unit_failed() - there must be an error of that code whose message contains @says; it is cleared */
void unit_failed(GError **error, int code, const char *says);

/* unit_run() - run @count tests as the group @name; returns what main() shall */
int unit_run(const char *name, const struct CMUnitTest *tests, size_t count);

#define UNIT_MAIN(name, ...)                                                                       \
	int main(void)                                                                             \
	{                                                                                          \
		const struct CMUnitTest tests[] = { __VA_ARGS__ };                                 \
		return unit_run(name, tests, sizeof(tests) / sizeof(tests[0]));                    \
	}

#endif
