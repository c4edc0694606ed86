// SPDX-License-Identifier: GPL-3.0-or-later
/* Which categories of --debug are on, and printing one line of them. */
#include <string.h>

#include "lib/debug.h"
#include "lib/error.h"

/* Not in a session: rooms that do not know one print, too. */
unsigned int kgr_debug_mask;

static const char *const names[KGR_DEBUG_COUNT] = {
	[KGR_DEBUG_UNITS] = "units",	 [KGR_DEBUG_MATCH] = "match",
	[KGR_DEBUG_COMPARE] = "compare", [KGR_DEBUG_SELECT] = "select",
	[KGR_DEBUG_EXTRACT] = "extract",
};

/* The bits of one name, or 0. */
static unsigned int bits_of(const char *name)
{
	unsigned int i;

	if (!strcmp(name, "all"))
		return (1u << KGR_DEBUG_COUNT) - 1;
	for (i = 0; i < KGR_DEBUG_COUNT; i++) {
		if (!strcmp(name, names[i]))
			return 1u << i;
	}
	return 0;
}

static bool unknown(const char *name, GError **error)
{
	g_autoptr(GString) known = g_string_new(NULL);
	size_t i;

	for (i = 0; i < KGR_DEBUG_COUNT; i++)
		g_string_append_printf(known, "%s, ", names[i]);
	return kgr_fail(error, KGR_TROUBLE, "--debug knows no \"%s\"; there are %sand all", name,
			known->str);
}

bool kgr_debug_enable(const char *list, GError **error)
{
	g_auto(GStrv) each = g_strsplit(list, ",", -1);
	unsigned int mask = 0, bits;
	int i;

	if (!*each)
		return unknown("", error);
	for (i = 0; each[i]; i++) {
		bits = bits_of(each[i]);
		if (!bits)
			return unknown(each[i], error);
		mask |= bits;
	}
	kgr_debug_mask |= mask;
	return true;
}

void kgr_debug_print(enum kgr_debug category, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list args;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	g_printerr("%s: %s\n", names[category], text);
}
