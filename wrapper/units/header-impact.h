/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a changed header to what it changes. */
#ifndef KGR_HEADER_IMPACT_H
#define KGR_HEADER_IMPACT_H

#include "units/session.h"
#include "units/unit.h"

/* kgr_header_impact() - take the units out that only include a changed header, and that it does not change
 * @headers: of char *, those that the diff touches, absolute paths in the source
 * @units: of struct kgr_unit; those taken out are freed
 * @commands: of struct kgr_record, what was made without a record: assembly, generated constants
 * @dropped: gets how many units were taken out
 *
 * Each is preprocessed as it was and patched, and what that gives is compared (pp-compare.h); patched only,
 * if it is known which functions make the difference (header-change.h). Refuses if it
 * differs where nothing can be replaced. False with @error set.
 */
bool kgr_header_impact(struct kgr_session *session, const GPtrArray *headers, GPtrArray *units,
		       GPtrArray *commands, guint *dropped, GError **error);

/* kgr_command_read() - what a .cmd file of Kbuild, without a record beside it, says was run
 * @commands: gets it as a struct kgr_record, if it is assembly or makes assembly and names a header
 *
 * @headers: of char *, absolute paths in the source
 *
 * Refuses a unit of the kernel's C that names one: without a record it is not known how it was compiled. False
 * with @error set, also if the file cannot be read.
 */
bool kgr_command_read(const struct kgr_kernel *kernel, const char *path, const GPtrArray *headers,
		      GPtrArray *commands, GError **error);

/* kgr_header_check_commands() - refuse if a header changes what has no record, and cannot be replaced
 * @headers: of char *, absolute paths in the source
 * @commands: of struct kgr_record
 *
 * What --split sets aside is no error. False with @error set.
 */
bool kgr_header_check_commands(struct kgr_session *session, const GPtrArray *headers,
			       const GPtrArray *commands, GError **error);

/* kgr_header_may_change() - which compilations may the headers change?
 * @headers: of char *, absolute paths in the source
 * @commands: of struct kgr_record
 * @may: gets that for each of @commands; false: it is the same
 */
bool kgr_header_may_change(struct kgr_session *session, const GPtrArray *headers,
			   const GPtrArray *commands, bool *may, GError **error);

#endif
