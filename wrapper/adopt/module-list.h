/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The modules of a package. */
#ifndef KGR_MODULE_LIST_H
#define KGR_MODULE_LIST_H

#include <glib.h>

/* kgr_list_modules() - the names of all *.ko below @dir, relative to it, sorted; g_ptr_array_unref() it */
GPtrArray *kgr_list_modules(const char *dir);

#endif
