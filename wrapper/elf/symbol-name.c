// SPDX-License-Identifier: GPL-3.0-or-later
/* Takes names of symbols apart at their dots; what has a dot and then a number is counted by the compiler. */
#include <string.h>
#include <glib.h>

#include "elf/symbol-name.h"

static bool is_number(const char *s, size_t len)
{
	return strspn(s, "0123456789") >= len;
}

/* How much of a name, or of its first part, is not what a macro counts by: __UNIQUE_ID_x123 has a counter at its end,
 * __BTF_ID__func__foo__4711 a counter and a line (include/linux/btf_ids.h).
 */
static size_t without_counter(const char *name, size_t len)
{
	if (!g_str_has_prefix(name, "__UNIQUE_ID_") && !g_str_has_prefix(name, "__BTF_ID__"))
		return len;
	while (len && g_ascii_isdigit(name[len - 1]))
		len--;
	return len;
}

char *kgr_name_without_numbers(const char *name)
{
	g_auto(GStrv) parts = g_strsplit(name, ".", -1);
	GString *out = g_string_new(NULL);
	int i;

	for (i = 0; parts[i]; i++) {
		if (!i || !is_number(parts[i], strlen(parts[i])))
			g_string_append_printf(out, "%s%s", i ? "." : "", parts[i]);
	}
	g_string_truncate(out, without_counter(out->str, out->len));
	return g_string_free(out, FALSE);
}

bool kgr_name_same_but_numbers(const char *a, const char *b)
{
	size_t x, y;

	for (;; a += x + 1, b += y + 1) {
		x = strcspn(a, ".");
		y = strcspn(b, ".");
		if ((without_counter(a, x) != without_counter(b, y) ||
		     memcmp(a, b, without_counter(a, x)) != 0) &&
		    !(x && y && is_number(a, x) && is_number(b, y)))
			return false;
		if (!a[x] || !b[y])
			return !a[x] && !b[y];
	}
}

size_t kgr_name_source_length(const char *name)
{
	return strcspn(name, ".");
}

bool kgr_name_is_of(const char *name, const char *source)
{
	size_t len = strlen(source);

	return !strncmp(name, source, len) && (!name[len] || name[len] == '.');
}

char *kgr_name_of_whole(const char *name)
{
	const char *cold = strstr(name, ".cold");

	return cold && (!cold[5] || cold[5] == '.') ? g_strndup(name, (gsize)(cold - name)) : NULL;
}
