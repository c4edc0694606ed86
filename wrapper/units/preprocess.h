/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the compiler makes of a unit's source before it compiles it. */
#ifndef KGR_PREPROCESS_H
#define KGR_PREPROCESS_H

#include "units/session.h"
#include "units/unit.h"

/* kgr_preprocess() - a unit's source with all that it includes, macros expanded, without line markers
 * @patched: with the diff, or as it was built
 *
 * g_free() it. NULL if the command fails.
 */
char *kgr_preprocess(const struct kgr_session *session, const struct kgr_unit *unit, bool patched);

#endif
