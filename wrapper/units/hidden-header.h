/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Headers that a diff brings, and that hide others. */
#ifndef KGR_HIDDEN_HEADER_H
#define KGR_HIDDEN_HEADER_H

#include "units/session.h"

/* kgr_hides_header() - is there a header in another directory that is included by the name of this one?
 * @file: the new one, relative to the source
 */
bool kgr_hides_header(struct kgr_session *session, const char *file);

#endif
