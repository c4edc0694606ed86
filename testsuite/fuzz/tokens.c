// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Two texts, divided by the first NUL: each means what itself means, and both or neither the other's. And
 * where no function makes the difference, nothing does.
 */
#include <stdlib.h>
#include <string.h>
#include <glib.h>

#include "source/header-change.h"
#include "input.h"
#include "source/pp-compare.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t first = strnlen((const char *)data, size);
	char *a = g_strndup((const char *)data, first);
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	bool known;
	char *b = first < size ? g_strndup((const char *)data + first + 1, size - first - 1) :
				 g_strdup(a);

	if (!kgr_pp_same(a, a) || !kgr_pp_same(b, b))
		abort();
	if (kgr_pp_same(a, b) != kgr_pp_same(b, a))
		abort();
	if (kgr_changed_inlines(a, b, names) && !kgr_pp_same_without(b, names, &known) && known &&
	    !names->len)
		abort();
	g_ptr_array_unref(names);
	g_free(a);
	g_free(b);
	return 0;
}
