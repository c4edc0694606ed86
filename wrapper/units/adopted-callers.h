/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who calls a function of an adopted kernel from other files. */
#ifndef KGR_ADOPTED_CALLERS_H
#define KGR_ADOPTED_CALLERS_H

#include "units/session.h"

/* kgr_adopted_references() - have the records of all units that refer to a global function
 * @image: what the function is part of
 * @records: of char *, with a free function; gets the records' names, that of the function's own unit among them
 *
 * False with @error set, a refusal if something refers to it that is no unit in C, or may do.
 */
bool kgr_adopted_references(struct kgr_session *session, struct kgr_image *image, const char *name,
			    GPtrArray *records, GError **error);

#endif
