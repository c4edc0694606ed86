/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compiling a recorded unit again, with the diff applied. */
#ifndef KGR_REPLAY_H
#define KGR_REPLAY_H

#include "units/session.h"
#include "units/unit.h"

/* kgr_replay() - make patched of all units, with one section per function and object, and through objtool
 * as the kernel's own build does
 *
 * What the unit was before is @built: the recorded build's own object, not another compilation.
 * Refuses if an input or the compiler is not what was recorded. Returns false with @error set; a
 * patched source that does not compile is KGR_COMPILE with the compiler's words in the message. A
 * unit that was set aside instead (aside.h) has no @patched.
 */
bool kgr_replay(struct kgr_session *session, GPtrArray *units, GError **error);

/* kgr_compile_normally() - make normal of all units: the recorded command, with nothing of ours
 *
 * Parameters and errors as above.
 */
bool kgr_compile_normally(struct kgr_session *session, GPtrArray *units, GError **error);

#endif
