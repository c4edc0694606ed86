/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command that a unit was compiled with, to be run once more. */
#ifndef KGR_RECORDED_COMMAND_H
#define KGR_RECORDED_COMMAND_H

#include "record.h"
#include "run.h"
#include "shadow.h"

/* kgr_recorded_command() - prepare running it, with the output going elsewhere
 * @run: filled in; the caller may add arguments, and clears it
 * @shadow: compile from there, or NULL: from the source as it is
 * @output: the file to make; dependencies, if any, go to @output.d
 */
bool kgr_recorded_command(struct kgr_run *run, const struct kgr_record *record,
			  struct kgr_shadow *shadow, const char *output, GError **error);

#endif
