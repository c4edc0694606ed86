/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kernel's build read beside the sources of recorded objects. */
#ifndef KGR_BUILD_INPUTS_H
#define KGR_BUILD_INPUTS_H

#include "kernel/build-index.h"

/* kgr_build_reads() - the .cmd file, of what has no record, that names a file of the source; NULL if none does
 * @index: of @build, read; keeps what it finds out, so that it costs something once
 * @file: relative to the source
 *
 * Host programs, generated sources, assembly, linker scripts. The result stays the index's.
 */
const char *kgr_build_reads(struct kgr_build_index *index, const char *build, const char *file);

/* kgr_command_inputs() - the files that a .cmd file names: canonical name -> @command; g_hash_table_unref() it
 * @command: its name, which has to live as long; empty if it cannot be read
 * @build: what relative names are relative to
 */
GHashTable *kgr_command_inputs(const char *command, const char *build);

/* kgr_inputs_find() - the .cmd file by which a file, relative to the source, is among such inputs; NULL if it is not
 *
 * By the end of its name, as the source may have been reached through a link. It is one of the values.
 */
const char *kgr_inputs_find(GHashTable *inputs, const char *file);

#endif
