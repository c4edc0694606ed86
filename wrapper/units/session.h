/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What all stages of one build share: the kernel, the patched source, and the means to compile. */
#ifndef KGR_SESSION_H
#define KGR_SESSION_H

#include "kernel/build-index.h"
#include "kernel/kernel-build.h"
#include "lib/progress.h"
#include "source/source-overlay.h"

/*
 * Rooms below units/ do not know it: they get what they need of it as parameters. What is not there yet
 * (kernel, overlay, dir) is NULL.
 */
struct kgr_session {
	struct kgr_kernel *kernel;
	struct kgr_overlay *overlay; /* the source with the diffs applied */
	const char *dir; /* for temporary files, from kgr_temp_dir() */
	guint jobs; /* how many programs may run at a time */
	guint numbered; /* compilations so far: the next one's number, see struct kgr_unit */
	GPtrArray *notes; /* of char *: lines for people about what was decided on the way */
	struct kgr_build_index
		index; /* of the kernel's build directory; read when it is first asked for */
	GHashTable *hashes; /* of input files, see kgr_record_check_inputs() */
	GHashTable *real_paths; /* of input files: path -> where links lead, "" if nowhere */
	bool tools_asked,
		tools_used; /* does any unit read a file of tools/ that the diff touches? */
	GHashTable *
		generators; /* headers -> what makes code of them, see generators.c; NULL: not read yet */
	GHashTable *seen_to_change; /* records, see kgr_adopted_includers(); NULL: none */
	/* With kgr-build --split, which builds in rounds; else NULL and 1: */
	GPtrArray *aside; /* of struct kgr_aside: what is refused of this round and does not end it */
	GHashTable *
		by_base; /* name of a .c file without directories -> GPtrArray of records that name it */
	GHashTable *unchanged; /* what header-impact.c found out, in earlier rounds too */
	guint includers; /* one in so many of those that include a changed header is looked at; 0: none */
	struct kgr_progress progress;
};

/* kgr_session_new() - a session without a kernel
 * @jobs: how many programs may run at a time; 0: one a processor
 *
 * Free it with kgr_session_free().
 */
struct kgr_session *kgr_session_new(guint jobs);

/* kgr_session_free() - free it, with its kernel and its overlay; the temporary directory goes when
 * the program ends. NULL is fine
 */
void kgr_session_free(struct kgr_session *session);

typedef struct kgr_session kgr_session;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kgr_session, kgr_session_free)

/* kgr_session_open_kernel() - its kernel, from the directory that it was built in
 * @build: NULL: the current directory
 * @external: as for kgr_kernel_open()
 *
 * False with @error set as by kgr_kernel_open().
 */
bool kgr_session_open_kernel(struct kgr_session *session, const char *build, const char *external,
			     GError **error);

/* kgr_session_apply() - its temporary directory, and in that its overlay: the kernel's source with @diffs applied
 * @diffs, @strip: as for kgr_overlay_create()
 *
 * After kgr_session_open_kernel(). Hunks that are not at the lines that they say are among the
 * notes. False with @error set as by kgr_temp_dir() or kgr_overlay_create().
 */
bool kgr_session_apply(struct kgr_session *session, char *const *diffs, int strip, GError **error);

/* kgr_session_all_recorded() - see kgr_all_recorded(); to be asked before any question about all units. It may run a
 * program, the first time; false with @error set.
 */
bool kgr_session_all_recorded(struct kgr_session *session, GError **error);

/* kgr_session_index() - what the kernel's build directory says was compiled; read once */
const struct kgr_build_index *kgr_session_index(struct kgr_session *session);

/* kgr_session_records_naming() - the records that may name a .c file as their source, or as one that it includes
 *
 * All of them; with --split, which asks for many files, those that have its name in any directory, or cannot be read.
 */
const GPtrArray *kgr_session_records_naming(struct kgr_session *session, const char *file);

#endif
