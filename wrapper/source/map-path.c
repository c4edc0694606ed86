// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A directory in a compiler's argument under another name: whole names only, from their beginning. Of /src, to be
 * called /tmp/s:
 *
 *   /src/kernel/sys.c            one name           /tmp/s/kernel/sys.c
 *   -I/src/include               one name           -I/tmp/s/include
 *   -fmacro-prefix-map=/src=.    a list of names    -fmacro-prefix-map=/tmp/s=.
 *   -I/usr/src/include           /src is not where the name begins, nor is it in ../src
 *   -I/src-2/include             /src is not where a part of the name ends
 *
 * In a list a name begins and ends at a separator. An argument that is one name has none: "=" and "," may be part of
 * what a directory is called.
 */
#include <stdbool.h>
#include <string.h>
#include <glib.h>

#include "source/map-path.h"

#define SEPARATORS "=,:;()<>\"' \t"

/* Options with a directory's or file's name right behind them (gcc(1), Directory Options). */
static const char *const attached[] = {
	"-I",	      "-L",	  "-B",	      "-o",	   "-isystem", "-iquote",
	"-idirafter", "-include", "-imacros", "-isysroot", "-iprefix", "--sysroot=",
};

/* If the argument is one name: where that begins; else NULL. */
static const char *only_name(const char *arg)
{
	size_t i;

	if (*arg == '/')
		return arg;
	for (i = 0; i < G_N_ELEMENTS(attached); i++) {
		size_t len = strlen(attached[i]);

		if (g_str_has_prefix(arg, attached[i]) && arg[len] == '/')
			return arg + len;
	}
	return NULL;
}

static bool is_separator(char c)
{
	return c && strchr(SEPARATORS, c);
}

static bool is_whole(const char *arg, const char *at, const char *end, const char *name)
{
	if (name)
		return at == name && (!*end || *end == '/');
	return (at == arg || is_separator(at[-1])) && (!*end || *end == '/' || is_separator(*end));
}

char *kgr_map_path(const char *arg, const char *from, const char *to)
{
	const char *name = only_name(arg), *rest = arg, *at;
	GString *out = g_string_new(NULL);
	size_t len = strlen(from);

	while ((at = strstr(rest, from))) {
		g_string_append_len(out, rest, at - rest);
		g_string_append(out, is_whole(arg, at, at + len, name) ? to : from);
		rest = at + len;
	}
	g_string_append(out, rest);
	return g_string_free(out, FALSE);
}
