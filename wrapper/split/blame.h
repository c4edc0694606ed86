/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From what was refused in a round to the parts of the diff that are left out for it. */
#ifndef KGR_BLAME_H
#define KGR_BLAME_H

#include "split/split.h"

/* kgr_split_judge() - leave out what the session's list of refusals is about
 * @left_out: gets how many parts that are
 *
 * False with @error set, the refusal, if nothing of the diff is to blame.
 */
bool kgr_split_judge(struct kgr_split *split, const struct kgr_session *session, guint *left_out,
		     GError **error);

#endif
