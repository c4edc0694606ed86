/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The environment in which the kernel's Kbuild compiles its own units, found out once and kept. */
#ifndef KGR_KBUILD_ENV_H
#define KGR_KBUILD_ENV_H

#include <stdbool.h>
#include <glib.h>

#define KGR_KBUILD_ENV ".kgr-kbuild" /* in an adopted build directory */

/* kgr_kbuild_env_make() - ask the top Makefile of @build, and write its answers to KGR_KBUILD_ENV there
 * @source: where the source is now; the answers say neither its name nor that of @build, so both may move
 * @scratch: an empty directory
 */
bool kgr_kbuild_env_make(const char *build, const char *source, const char *scratch,
			 const char *compiler, GError **error);

/* kgr_kbuild_env_read() - the environment for a make in @objects, which has links to what @build has
 * @source: where the source is now
 * @cc: what make shall call as the compiler
 *
 * g_strfreev() it. NULL with @error set if the file cannot be read, or is of a place that the source has left.
 */
char **kgr_kbuild_env_read(const char *build, const char *source, const char *objects,
			   const char *cc, GError **error);

/* kgr_kbuild_env_make_args() - the words of a make that runs a script of the source's scripts/ for one directory
 * @env: from kgr_kbuild_env_read()
 * @argv: gets them
 * @dir: relative to the source
 */
void kgr_kbuild_env_make_args(char **env, GPtrArray *argv, const char *dir);

#endif
