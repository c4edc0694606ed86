/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is refused of a diff and need not end everything: with kgr-build --split its part is left out instead. */
#ifndef KGR_ASIDE_H
#define KGR_ASIDE_H

#include "units/session.h"
#include "units/unit.h"

struct kgr_aside {
	char *file; /* of the diff, which is refused itself; NULL: something was found in a unit */
	/* The unit's source, relative to the tree; or what has no record, relative to the build. */
	char *unit;
	GPtrArray *reads; /* of char *: files of the diff that the unit is compiled from, sorted */
	GError *error; /* why; NULL: nothing of this kernel is made of the file */
};

/* kgr_aside_new() - an empty list; g_ptr_array_unref() it */
GPtrArray *kgr_aside_new(void);

/* kgr_set_aside_file() - may the build go on without a file of the diff?
 * @error: why it is refused
 *
 * If so (there is a list in @session, and @error is a refusal), it is in the list, and @error is clear.
 */
bool kgr_set_aside_file(struct kgr_session *session, const char *file, GError **error);

/* kgr_set_aside_unit() - the same, for what was found in a unit */
bool kgr_set_aside_unit(struct kgr_session *session, struct kgr_unit *unit, GError **error);

/* kgr_set_aside_command() - the same, for what was made without a unit's record, such as assembly */
bool kgr_set_aside_command(struct kgr_session *session, const struct kgr_record *command,
			   const GPtrArray *headers, GError **error);

/* kgr_is_any_refused() - is something in the list that is refused? Without a list: no */
bool kgr_is_any_refused(const struct kgr_session *session);

/* kgr_set_aside_absent() - note that nothing of this kernel is made of a file; without a list nothing happens */
void kgr_set_aside_absent(struct kgr_session *session, const char *file);

/* kgr_unit_reads() - the files of the diff that a unit is compiled from: char *, relative to the source, sorted
 *
 * They are looked for once, and stay the unit's. Its record names them, so of a file that the diff
 * brings they are those of another one.
 */
const GPtrArray *kgr_unit_reads(const struct kgr_session *session, struct kgr_unit *unit);

#endif
