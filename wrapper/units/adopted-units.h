/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The units of an adopted kernel that a diff reaches: their records are made before anybody looks for them. */
#ifndef KGR_ADOPTED_UNITS_H
#define KGR_ADOPTED_UNITS_H

#include "units/session.h"

/* kgr_adopted_prepare() - make the records of all .c files of the diff at once, as far as that can
 * be done: what is wrong with one is said where it is asked for
 */
void kgr_adopted_prepare(struct kgr_session *session);

/* kgr_adopted_units() - have the records of all units that may be compiled from the .c file @file of the diff
 *
 * False with @error set, a refusal if one cannot be made.
 */
bool kgr_adopted_units(struct kgr_session *session, const char *file, GError **error);

/* kgr_adopted_not_compiled() - may a .c file that no record names be left out?
 *
 * True, with a note, if nothing of this kernel is made of it. False with @error set if that is not known.
 */
bool kgr_adopted_not_compiled(struct kgr_session *session, const char *file, GError **error);

/* kgr_adopted_includers() - have the records of all units that may include one of these headers
 * @headers: of char *, absolute paths in the source
 *
 * False with @error set, a refusal if that cannot be known or done.
 */
bool kgr_adopted_includers(struct kgr_session *session, const GPtrArray *headers, GError **error);

/* kgr_adopted_make_records() - see kgr_make_records(); the session's index is read again afterwards */
bool kgr_adopted_make_records(struct kgr_session *session, const GPtrArray *sources,
			      GError **error);

/* kgr_adopted_may_use() - may a unit of an adopted kernel be compiled from one of these, or include it?
 * @files: of char *, relative to the source
 */
bool kgr_adopted_may_use(struct kgr_session *session, const GPtrArray *files);

#endif
