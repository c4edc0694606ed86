// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * One line of C, or of what writes C, that includes a file. Its name is kept with one character
 * before it, which says how:
 *
 *   #include <linux/fs.h>        <linux/fs.h
 *   #  include "internal.h"      "internal.h
 *   #include_next <asm/bug.h>    +asm/bug.h
 *   #include GENL_FILE           @GENL_FILE
 *   puts("#include \\"x.h\\"")   "x.h, from the '#' on
 */
#include <stdbool.h>
#include <string.h>

#include "adopt/include-line.h"

/* "@NAME"; a macro with arguments is none. */
static char *computed(const char *at, const char *end)
{
	const char *start = at;

	while (at < end && (g_ascii_isalnum(*at) || *at == '_'))
		at++;
	return at < end && *at == '(' ?
		       NULL :
		       g_strdup_printf("%c%.*s", KGR_INCLUDE_MACRO, (int)(at - start), start);
}

char *kgr_include_line(const char *line, const char *end)
{
	const char *at = line, *close;
	bool next;
	char *name;

	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	if (at == end || *at++ != '#')
		return NULL;
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	if (end - at < 9 || strncmp(at, "include", 7) != 0)
		return NULL;
	at += 7;
	next = end - at > 5 && !strncmp(at, "_next", 5);
	if (next)
		at += 5;
	while (at < end && (*at == ' ' || *at == '\t' || *at == '\\'))
		at++;
	if (at == end)
		return NULL;
	if (g_ascii_isalpha(*at) || *at == '_')
		return computed(at, end);
	if (*at != '<' && *at != '"')
		return NULL;
	close = memchr(at + 1, *at == '<' ? '>' : '"', (size_t)(end - at) - 1);
	if (!close)
		return NULL;
	name = g_strndup(at, (gsize)(close - at) - (close[-1] == '\\'));
	if (next)
		*name = KGR_INCLUDE_NEXT;
	return name;
}
