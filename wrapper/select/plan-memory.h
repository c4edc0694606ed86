/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a plan leaves for the next one of another part of the same diff (kgr-build --split). */
#ifndef KGR_PLAN_MEMORY_H
#define KGR_PLAN_MEMORY_H

#include "select/compared.h"
#include "units/session.h"

/* A unit that was compared before. */
struct kgr_recalled {
	struct kgr_compared *of; /* NULL: it was as before, and nothing of it is needed */
	GPtrArray *notes; /* of char *: what the session's notes got */
};

/* The functions of a unit that differed when it was compared for the first time, with most of the diff. */
struct kgr_counted {
	char *source; /* of the unit */
	bool by_header; /* the diff changed only headers of it */
	bool same_layouts; /* no type was refused for its layout, which may make functions differ, too */
	GPtrArray *functions; /* of struct kgr_counted_func */
	bool init_differs;
};

struct kgr_counted_func {
	char *name; /* in the object, without the compiler's numbers */
	char *source_name; /* in the source, or NULL */
};

struct kgr_plan_memory {
	GHashTable *units; /* record and files -> struct kgr_recalled */
	GHashTable *counted; /* source -> struct kgr_counted */
};

/* kgr_plan_memory_new() - a memory without any unit; kgr_plan_memory_free() it */
struct kgr_plan_memory *kgr_plan_memory_new(void);

/* kgr_plan_memory_free() - forget all; NULL is fine */
void kgr_plan_memory_free(struct kgr_plan_memory *memory);

/* kgr_plan_memory_find() - a unit as it was compared before, with the same files of the diff; NULL: it was not
 * @caller: it was asked for as a caller, and stays though nothing in it differs
 *
 * What is returned stays the memory's.
 */
const struct kgr_recalled *kgr_plan_memory_find(const struct kgr_plan_memory *memory,
						const struct kgr_session *session,
						struct kgr_unit *unit, bool caller);

/* kgr_plan_memory_add() - remember a unit
 * @of: gets one more owner; NULL: nothing of it is needed
 * @first_note: the session's notes from this one on are the unit's
 */
void kgr_plan_memory_add(struct kgr_plan_memory *memory, const struct kgr_session *session,
			 struct kgr_unit *unit, bool caller, struct kgr_compared *of,
			 guint first_note);

/* kgr_plan_memory_count() - count a unit's functions that differ, unless that was done before */
void kgr_plan_memory_count(struct kgr_plan_memory *memory, const struct kgr_compared *of,
			   bool same_layouts);

#endif
