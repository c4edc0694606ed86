/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Orders for g_ptr_array_sort() and bsearch(). */
#ifndef KGR_SORT_H
#define KGR_SORT_H

#include <string.h>
#include <glib.h>

/* kgr_by_name() - of two pointers to char *, in the order of strcmp() */
static inline gint kgr_by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

#endif
