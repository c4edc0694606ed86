/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Programs of kgraft's that this one runs. */
#ifndef KGR_OWN_PROGRAM_H
#define KGR_OWN_PROGRAM_H

#include <glib.h>

/* kgr_own_program() - the full name of a program of kgraft's: beside this one, or in PATH; g_free()
 * it, NULL with @error set if it is in neither place
 */
char *kgr_own_program(const char *name, GError **error);

#endif
