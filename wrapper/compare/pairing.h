/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two symbols that are each other's counterpart, and groups of those that may be. */
#ifndef KGR_PAIRING_H
#define KGR_PAIRING_H

#include "lib/debug.h"
#include "elf/object.h"

/* kgr_pair() - say so of @a of orig and @b of patched, by that rule */
static inline void kgr_pair(struct kgr_sym *a, struct kgr_sym *b, const char *rule)
{
	kgr_debug(KGR_DEBUG_MATCH, "%s is %s: %s", a->name, b->name, rule);
	a->twin = b;
	b->twin = a;
}

/* kgr_groups_new() - no groups yet: key -> GPtrArray of struct kgr_sym *; g_hash_table_unref() it */
static inline GHashTable *kgr_groups_new(void)
{
	return g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
				     (GDestroyNotify)g_ptr_array_unref);
}

/* kgr_groups_add() - add @sym at the end of the group @key */
static inline void kgr_groups_add(GHashTable *groups, const char *key, struct kgr_sym *sym)
{
	GPtrArray *group = g_hash_table_lookup(groups, key);

	if (!group) {
		group = g_ptr_array_new();
		g_hash_table_insert(groups, g_strdup(key), group);
	}
	g_ptr_array_add(group, sym);
}

#endif
