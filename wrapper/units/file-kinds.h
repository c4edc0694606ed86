/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What becomes of a file that a diff touches, by where it is and what it is called. */
#ifndef KGR_FILE_KINDS_H
#define KGR_FILE_KINDS_H

#include "units/session.h"

enum kgr_fate {
	KGR_FATE_SOURCE, /* C: its units, if it was compiled */
	KGR_FATE_HEADER,
	KGR_FATE_LIST, /* a Makefile that lists files which the diff brings or takes away */
	KGR_FATE_LEFT_OUT, /* it does not concern this kernel */
	KGR_FATE_REFUSED
};

/* kgr_judge_file() - what becomes of @file, relative to the source
 *
 * Of one that is refused @error says why.
 */
enum kgr_fate kgr_judge_file(struct kgr_session *session, const char *file, GError **error);

/* kgr_unpatchable_place() - why nothing can be patched of what is compiled there; NULL if it can
 * @file: relative to the source, or to the build directory
 */
const char *kgr_unpatchable_place(const char *file);

#endif
