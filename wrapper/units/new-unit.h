/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that the diff brings: no record says how they are compiled, but their neighbours' do. */
#ifndef KGR_NEW_UNIT_H
#define KGR_NEW_UNIT_H

#include "units/session.h"
#include "units/unit.h"

/* kgr_new_unit() - the unit of @file, which the overlay's diffs bring
 *
 * The session's notes get a line if the file is not compiled, and why.
 * Its command is that of another file of the same list in a Makefile, and what it was before is an empty
 * file; or, if it takes the place of a file that the diffs take away, the command and the object of that.
 * In @unit is NULL if this configuration does not compile it, else it is the caller's (kgr_unit_free()). Returns
 * false with @error set if it is not known how it is compiled.
 */
bool kgr_new_unit(struct kgr_session *session, const char *file, struct kgr_unit **unit,
		  GError **error);

/* kgr_check_new_inputs() - are the files that a new unit includes what the kernel was built from?
 * @facts: of its compilation in @cwd
 *
 * Its neighbour's inputs are checked as any unit's; of the others another unit's record knows what they were.
 * False with @error set, a refusal, if one has changed. One that no record knows is not checked.
 */
bool kgr_check_new_inputs(struct kgr_session *session, const struct kgr_unit *unit,
			  const struct kgr_record *facts, const char *cwd, GError **error);

#endif
