/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command that a unit was compiled with, to be run once more. */
#ifndef KGR_COMPILE_COMMAND_H
#define KGR_COMPILE_COMMAND_H

#include "record/record.h"
#include "lib/subprocess.h"
#include "source/source-overlay.h"

/* kgr_compile_command() - prepare running it, with the output going elsewhere
 * @run: all zero; filled in, even if this fails. The caller may add arguments, and clears it
 * @overlay: compile from there, or NULL: from the source as it is
 * @output: the file to make; dependencies, if any, go to @output.d
 *
 * False with @error set if the directory to run it in cannot be made.
 */
bool kgr_compile_command(struct kgr_subprocess *run, const struct kgr_record *record,
			 struct kgr_overlay *overlay, const char *output, GError **error);

#endif
