/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a build directory says was compiled, and how. */
#ifndef KGR_BUILD_INDEX_H
#define KGR_BUILD_INDEX_H

#include <stdbool.h>
#include <glib.h>

struct kgr_build_index {
	GPtrArray *records; /* paths of records; NULL: not looked for yet */
	GPtrArray *commands; /* paths of Kbuild's .cmd files of objects and of generated assembly */
	GPtrArray *other_commands; /* paths of all other .cmd files */
	GHashTable *inputs; /* see kgr_build_reads(); NULL: not asked for yet */
	char *problem; /* a directory that could not be read, and why; or NULL */
	GPtrArray *unrecorded; /* see kgr_unrecorded(); NULL: not asked for yet */
};

/* kgr_build_index_read() - look for them below @build, unless that has been done
 * @files: all zero at first; filled in with full paths, sorted
 * @build: an absolute path; what of it cannot be read is left out, and named in problem
 */
void kgr_build_index_read(struct kgr_build_index *files, const char *build);

/* kgr_build_index_clear() - free the lists; reading again looks again */
void kgr_build_index_clear(struct kgr_build_index *files);

/* kgr_record_beside() - DIR/NAME.o to DIR/.NAME.o.kgr (g_free it), whether that is there or not */
char *kgr_record_beside(const char *object);

/* kgr_command_beside() - DIR/NAME.o to DIR/.NAME.o.cmd (g_free it), whether that is there or not */
char *kgr_command_beside(const char *object);

/* kgr_has_record() - of .foo.o.cmd: is there a .foo.o.kgr? */
bool kgr_has_record(const char *command);

/* kgr_made_by() - of DIR/.NAME.cmd or DIR/.NAME.kgr, which say how it was made: DIR/NAME (g_free it) */
char *kgr_made_by(const char *command);

#endif
