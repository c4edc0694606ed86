/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A patch as a module: into the running kernel and out of it. */
#ifndef KGR_LIVE_MODULE_H
#define KGR_LIVE_MODULE_H

#include <stdbool.h>
#include <glib.h>

/* kgr_module_insert() - load a patch module, which may be compressed, if it is one for this kernel
 * @params: the module's parameters, as in "stragglers=wait replace=1"
 * @patch: out: the patch's name, to g_free()
 *
 * False with @error set: KGR_TROUBLE if the file cannot be read or loading is not allowed, KGR_REFUSED if
 * the file is not for this kernel, or the kernel refuses it; the kernel's own reasons are in the error.
 */
bool kgr_module_insert(const char *file, const char *params, char **patch, GError **error);

/* kgr_module_remove() - remove the module of a patch that is disabled and in no transition
 * @timeout: seconds in which the kernel may say that it is not ready yet
 *
 * False with @error set (KGR_REFUSED) if the kernel keeps it; what uses it is named.
 */
bool kgr_module_remove(const char *patch, int timeout, GError **error);

#endif
