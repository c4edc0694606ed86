/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of Debian packages: what they say, what they hold, and the room for that. */
#ifndef KGR_DEB_H
#define KGR_DEB_H

#include "lib/subprocess.h"

/* kgr_deb_field() - a field of a package's control file, "" if it has none of that name; g_free() it
 *
 * NULL with @error set if it is no package.
 */
char *kgr_deb_field(const char *file, const char *name, GError **error);

/* kgr_deb_unpack() - unpack one into the directory @to, which need not be there
 *
 * False with @error set, which names the file.
 */
bool kgr_deb_unpack(const char *file, const char *to, GError **error);

/* kgr_deb_unpack_add() - the command that does it, for kgr_deb_run() */
void kgr_deb_unpack_add(struct kgr_subprocess *run, const char *file, const char *to);

/* kgr_deb_run() - run programs that unpack packages, and wait for all of them
 * @runs: of struct kgr_subprocess, from kgr_deb_unpack_add() or another program's; they stay the
 *	caller's
 * @files: for each of @runs the package that it unpacks, for messages
 * @dir: a directory of the file system that they write to; if that is full, the message says so
 * @jobs: how many programs may run at a time
 *
 * False with @error set if a program cannot be started, or fails; then the message names the first
 * package that cannot be unpacked. What was unpacked stays.
 */
bool kgr_deb_run(const GArray *runs, const char *const *files, const char *dir, guint jobs,
		 GError **error);

/* kgr_check_room() - are @needed MB free in a directory? False with @error set if not
 * @what_for: in words: "to adopt this kernel"
 */
bool kgr_check_room(const char *dir, guint64 needed, const char *what_for, GError **error);

#endif
