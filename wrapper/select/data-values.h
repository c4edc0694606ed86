/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Another initial value of an object, number by number: what the runtime shall find there, and write. */
#ifndef KGR_DATA_VALUES_H
#define KGR_DATA_VALUES_H

#include "select/compared.h"

/* What a number or pointer is in one of the two objects. */
struct kgr_data_side {
	uint64_t number;
	const struct kgr_rel *to; /* of a pointer to a function or object; NULL: the number is all */
	char *words; /* for people: "-3", "tcp_sendmsg" */
};

struct kgr_data_value {
	char *name; /* "foo.bar[2]" */
	uint64_t offset; /* in the object, a multiple of the size */
	unsigned int size; /* 1, 2, 4 or 8 */
	struct kgr_data_side built, patched;
};

struct kgr_data_object {
	const struct kgr_compared *of;
	const struct kgr_sym *sym; /* the patched one */
	GPtrArray *values; /* of struct kgr_data_value: those that differ */
	char *why_not; /* they cannot be written; NULL: they can */
};

/* kgr_find_data_values() - of each changed object of one of these names, with the size that it had
 *
 * Returns an array of struct kgr_data_object, g_ptr_array_unref() it before the unit's objects are
 * closed. DWARF is read for it.
 */
GPtrArray *kgr_find_data_values(const struct kgr_compared *of, char **names);

#endif
