/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A translation unit that the diff reaches, and the objects that were made of it. */
#ifndef KGR_UNIT_H
#define KGR_UNIT_H

#include "record/record.h"

struct kgr_unit {
	struct kgr_record *record;
	unsigned int number; /* of all that are compiled: its files' names begin with it */
	char *source; /* relative to the source tree: "kernel/sys.c" */
	bool by_header; /* the diff touches only headers of it */
	const char *unpatchable; /* why nothing of it can be replaced, or NULL */
	/* What the kernel has of it: the object in the build directory, or one of an empty file. */
	char *built;
	/* What Kbuild's files name: built, or the object of a file that is compiled just as this one. */
	char *kbuild_object;
	char *old_source; /* what built was compiled from, as the compiler named it; NULL: the diff brings it */
	char *built_objtool; /* the same as objtool leaves it, if the build did that later; or NULL */
	char *patched; /* the replay's object */
	char *normal; /* patched, as the kernel's own build would compile it */
	GPtrArray *reads; /* see kgr_unit_reads(); NULL: not asked for yet */
};

/* kgr_unit_new() - an empty unit, which has one owner */
struct kgr_unit *kgr_unit_new(void);

/* kgr_unit_free() - an owner has done with it: the last one frees it. Its files stay until their directory is removed.
 * NULL is fine
 */
void kgr_unit_free(struct kgr_unit *unit);

/* kgr_unit_share() - the same unit, for one more owner */
struct kgr_unit *kgr_unit_share(struct kgr_unit *unit);

/* kgr_units_new() - an empty array of struct kgr_unit, which are freed with it (g_ptr_array_unref()) */
GPtrArray *kgr_units_new(void);

typedef struct kgr_unit kgr_unit;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kgr_unit, kgr_unit_free)

#endif
