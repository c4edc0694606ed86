/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kernel's build does to an object after the compiler: objtool adds tables to it. */
#ifndef KGR_OBJTOOL_H
#define KGR_OBJTOOL_H

#include "units/session.h"
#include "units/unit.h"

/* kgr_objtool_all() - run objtool on what was compiled of all units, as the build did on the original
 *
 * A build that waits with objtool for the linked vmlinux.o (IBT) leaves the built object as the
 * compiler made it; a copy in the session's directory goes through objtool, too, and becomes the unit's
 * @built_objtool. Returns false with @error set if objtool cannot be run, or warns of what it does not warn of in
 * the built object.
 */
bool kgr_objtool_all(struct kgr_session *session, GPtrArray *units, GError **error);

#endif
