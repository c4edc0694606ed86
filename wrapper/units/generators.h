/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Headers that the build makes code of, in other ways than by a compiler that includes them. */
#ifndef KGR_GENERATORS_H
#define KGR_GENERATORS_H

#include "units/session.h"

/* kgr_generator_of() - what makes code of a header of the source, if its directory is compiled for this kernel
 * @header: relative to the source
 *
 * A Makefile or a program beside one, relative to the source, which stays the session's; NULL if there is none.
 */
const char *kgr_generator_of(struct kgr_session *session, const char *header);

#endif
