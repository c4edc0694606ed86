/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which files of a source may include which, without a preprocessor: more than do, and never less. */
#ifndef KGR_INCLUDES_H
#define KGR_INCLUDES_H

#include <stdbool.h>
#include <glib.h>

#include "kernel/adopted.h"

#define KGR_INCLUDES ".kgr-includes" /* in an adopted build directory */
#define KGR_INCLUDES_MADE                                                                          \
	"\t." /* behind the name of a file that is not there, as the build makes it */

/* kgr_includes_write() - read all of a source once, and write what includes what to @build/KGR_INCLUDES
 * @source: the directory of the kernel's source; all C files and headers below it are read
 * @build: the build directory; what was generated in include/generated and @arch/include/generated
 *	is read as well
 * @arch: the architecture's directory in both, with a slash at its end: "arch/x86/"
 * @adopted: the kernel, with the list of its units; those whose source was generated are in the
 *	graph by their names
 *
 * kgr_includes_reach() reads that file. False with @error set if a file cannot be read, or
 * KGR_INCLUDES not be written.
 */
bool kgr_includes_write(const char *source, const char *build, const char *arch,
			const struct kgr_adopted *adopted, GError **error);

/* kgr_includes_reach() - the files that may include one of @files, directly or by way of others, and these themselves
 * @build: an adopted build directory
 * @files: of char *, relative to the source
 *
 * Relative to the source, or to the build directory for what was generated. NULL with @error set;
 * g_hash_table_unref() it.
 */
GHashTable *kgr_includes_reach(const char *build, const GPtrArray *files, GError **error);

#endif
