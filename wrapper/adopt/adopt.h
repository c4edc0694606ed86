/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a kernel's packages to a build directory that kgr-build takes. */
#ifndef KGR_ADOPT_H
#define KGR_ADOPT_H

#include "kernel/adopted.h"

struct kgr_adopt {
	const char *release; /* as uname -r says */
	bool running; /* it has to be the kernel that runs here */
	const char *packages; /* the directory of their files; NULL: from the archive */
	const char *build; /* the directory to make */
	bool again; /* out: it was there already */
	GPtrArray *notes; /* out: of char *, lines for people; its own */
};

/* kgr_adopt() - make the build directory, unless it is there, and have kgr-init prepare it
 *
 * It is there whole, or not at all. What is made on the way is beside it, in a kgr_temp_dir(); two
 * of these for directories beside each other run one after the other. False with @error set.
 */
bool kgr_adopt(struct kgr_adopt *adopt, GError **error);

#endif
