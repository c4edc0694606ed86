/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kgr-build --keep: what a build made on its way, put where it can be looked at (doc/debugging.md). */
#ifndef KGR_KEEP_H
#define KGR_KEEP_H

#include "units/session.h"

/* kgr_keep_prepare() - make the directory, or see that it is empty, and remember commands from now on
 * @dir: as the user names it
 *
 * Returns its full name (g_free it), or NULL with @error set.
 */
char *kgr_keep_prepare(const char *dir, GError **error);

/* kgr_keep_all() - copy what there is, which after a failure is not all
 * @dir: from kgr_keep_prepare()
 * @units: of struct kgr_unit; or NULL
 *
 * DIR/source is the overlay, DIR/objects/SOURCE.orig.o and .patched.o what was compared, DIR/commands a script
 * each for the programs that were run, DIR/module what the module is made of, and DIR/graft.o the graft. Commands
 * are remembered no more. False with @error set if something cannot be copied.
 */
bool kgr_keep_all(const char *dir, const struct kgr_session *session, const GPtrArray *units,
		  GError **error);

#endif
