/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compiling a recorded unit again, with the diff applied. */
#ifndef KGR_REPLAY_H
#define KGR_REPLAY_H

#include "kernel.h"
#include "record.h"
#include "shadow.h"

struct kgr_unit {
	struct kgr_record *record;
	unsigned int number; /* of all that are compiled: its files' names begin with it */
	char *source; /* relative to the source tree: "kernel/sys.c" */
	bool by_header; /* the diff touches only headers of it */
	const char *unpatchable; /* why nothing of it can be replaced, or NULL */
	char *built; /* what the kernel has of it: the object in the build directory, or one of an empty file */
	char *place; /* the object in the build directory that Kbuild's files speak of: built, or of a file that is
		      * compiled just as this one
		      */
	char *old_source; /* what built was compiled from, as the compiler named it; NULL: the diff brings it */
	char *finished; /* the same as objtool leaves it, if the build did that later; or NULL */
	char *patched; /* the replay's object */
	char *normal; /* patched, as the kernel's own build would compile it */
};

/* kgr_unit_free() - forget a unit; its files belong to whoever made the directory */
void kgr_unit_free(struct kgr_unit *unit);

/* kgr_replay() - make patched of all units, with one section per function and object, and through objtool
 * as the kernel's own build does
 * @dir: where to put them
 * @jobs: how many programs may run at a time
 *
 * What the unit was before is @built: the recorded build's own object, not another compilation. Refuses if
 * an input or the compiler is not what was recorded. Returns false with @error set; a patched source that
 * does not compile is KGR_COMPILE with the compiler's words in the message.
 */
bool kgr_replay(GPtrArray *units, struct kgr_shadow *shadow, const struct kgr_kernel *kernel,
		const char *dir, guint jobs, GError **error);

/* kgr_compile_normally() - make normal of all units: the recorded command, with nothing of ours
 *
 * Parameters and errors as above.
 */
bool kgr_compile_normally(GPtrArray *units, struct kgr_shadow *shadow,
			  const struct kgr_kernel *kernel, const char *dir, guint jobs,
			  GError **error);

#endif
