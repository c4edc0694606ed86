/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The compiler at hand, and the one that compiled a kernel. */
#ifndef KGR_COMPILER_H
#define KGR_COMPILER_H

#include "kernel/linked-image.h"

/* kgr_compiler_of_image() - "GCC: (Debian 12.2.0-14+deb12u1) 12.2.0", as an image's .comment has it; g_free() it, NULL
 * if it has none
 */
char *kgr_compiler_of_image(const struct kgr_image *image);

/* kgr_compiler_at_hand() - the same of a compiler that is installed, as it would write it; g_free() it
 *
 * NULL with @error set if it cannot be run.
 */
char *kgr_compiler_at_hand(const char *compiler, GError **error);

/* kgr_compiler_find() - the compiler to use for a kernel: KGR_CC, or the one that its configuration names
 * @config: the text of the configuration
 * @compiled_by: from kgr_compiler_of_image()
 * @note: gets what is to be said of it, if it is another revision; or NULL
 *
 * Its full name; g_free() it. NULL with @error set, which says what to install, if there is none of that version.
 */
char *kgr_compiler_find(const char *config, const char *compiled_by, char **note, GError **error);

#endif
