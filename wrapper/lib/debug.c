// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "lib/debug.h"
#include "lib/error.h"

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
	GString *known = g_string_new(NULL);
	size_t i;

	for (i = 0; i < KGR_DEBUG_COUNT; i++)
		g_string_append_printf(known, "%s, ", names[i]);
	kgr_fail(error, KGR_TROUBLE, "--debug knows no \"%s\"; there are %sand all", name,
		 known->str);
	g_string_free(known, TRUE);
	return false;
}

bool kgr_debug_enable(const char *list, GError **error)
{
	char **each = g_strsplit(list, ",", -1);
	unsigned int mask = 0, bits;
	bool ok = *each || unknown("", error);
	int i;

	for (i = 0; ok && each[i]; i++) {
		bits = bits_of(each[i]);
		mask |= bits;
		ok = bits || unknown(each[i], error);
	}
	if (ok)
		kgr_debug_mask |= mask;
	g_strfreev(each);
	return ok;
}

void kgr_debug_print(enum kgr_debug category, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	g_printerr("%s: %s\n", names[category], text);
	g_free(text);
}
