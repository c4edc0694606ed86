/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel that this program runs on. */
#ifndef KGR_RUNNING_H
#define KGR_RUNNING_H

#include <stdbool.h>
#include <glib.h>

/* kgr_running_release() - what uname -r says; g_free() it */
char *kgr_running_release(void);

/* kgr_running_check() - is it the kernel with this build-id?
 * @build_id: hexadecimal
 *
 * False with @error set, a refusal if it is another one.
 */
bool kgr_running_check(const char *build_id, GError **error);

#endif
