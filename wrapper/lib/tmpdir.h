/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A directory for temporary files that is gone when the program is, however that ends. */
#ifndef KGR_TMPDIR_H
#define KGR_TMPDIR_H

#include <stdbool.h>
#include <glib.h>

/* kgr_temp_dir() - make a private directory that is removed when the program ends, by exit or by a
 * signal that can be caught; after SIGKILL the next program that calls this removes it
 *
 * It is made in TMPDIR, or /tmp, and becomes TMPDIR of what is run from then on. To be called once by a
 * program. Returns its name, which must not be freed; NULL with @error set if it cannot be made.
 */
char *kgr_temp_dir(GError **error);

/* kgr_temp_dir_in() - the same in a directory that somebody chose
 * @way_out: how to choose another one, for the error
 */
char *kgr_temp_dir_in(const char *dir, const char *way_out, GError **error);

/* kgr_fit_for_kbuild() - could Kbuild work in a directory of that name?
 * @dir: its full name; it need not be there
 *
 * False with @error set, which ends with @way_out.
 */
bool kgr_fit_for_kbuild(const char *dir, const char *way_out, GError **error);

/* kgr_remove_tree() - remove a directory and all in it; links are not followed */
void kgr_remove_tree(const char *path);

#endif
