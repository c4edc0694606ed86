/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a changed header to what it changes. */
#ifndef KGR_HEADER_IMPACT_H
#define KGR_HEADER_IMPACT_H

#include "units/session.h"
#include "units/unit.h"

/* kgr_header_impact() - of the units that only a header brought, keep those that it changes
 * @headers: those that the diff touches, absolute paths in the source
 * @commands: of struct kgr_record, what was made without a record: assembly, generated constants
 * @dropped: how many units it does not change
 *
 * Each is preprocessed as it was and patched, and what that gives is compared (pp-compare.h); patched only,
 * if it is known which functions make the difference (header-change.h). Refuses if it
 * differs where nothing can be replaced.
 */
bool kgr_header_impact(struct kgr_session *session, const GPtrArray *headers, GPtrArray *units,
		       GPtrArray *commands, guint *dropped, GError **error);

/* kgr_command_read() - what a .cmd file of Kbuild, without a record beside it, says was run
 * @commands: gets it as a struct kgr_record, if it is assembly or makes assembly and names a header
 *
 * Refuses a unit of the kernel's C that names one: without a record nobody can tell what becomes of it.
 */
bool kgr_command_read(const struct kgr_kernel *kernel, const char *path, const GPtrArray *headers,
		      GPtrArray *commands, GError **error);

#endif
