/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The programs that were run, to be run again by hand. */
#ifndef KGR_COMMAND_LOG_H
#define KGR_COMMAND_LOG_H

#include "lib/subprocess.h"

/* Where something is now that was elsewhere when a program ran: @to instead of every @from. */
struct kgr_moved_name {
	char *from, *to;
};

/* kgr_command_log_start() - from now on remember what is run; forgets nothing if it is on already */
void kgr_command_log_start(void);

/* kgr_command_log_add() - remember one, if that is wanted; kgr_subprocess_run_all() does it */
void kgr_command_log_add(const struct kgr_subprocess *run);

/* kgr_command_log_write() - make a shell script of each, "001-gcc" and so on in the order of their starting
 * @dir: an empty directory
 * @moved: of struct kgr_moved_name; the first that fits is taken
 *
 * Writes nothing if nothing was remembered. False with @error set if a script cannot be written.
 */
bool kgr_command_log_write(const char *dir, const GArray *moved, GError **error);

/* kgr_command_log_clear() - forget all, and stop remembering */
void kgr_command_log_clear(void);

#endif
