// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Goes through a type's members, theirs, and elements of arrays, but not through pointers:
 *
 *	struct timer_list {
 *		struct hlist_node entry;		{ struct hlist_node *next, ... }: its own kind
 *		void (*function)(struct timer_list *);	a pointer to a function
 */
#include "dwarf/type-links.h"

#define MAX_DEPTH 16
#define MAX_MEMBERS 20000 /* looked at; beyond that it is taken to have one */

struct looking {
	const struct kgr_dwarf_reader *reader;
	bool any; /* any pointer counts, and locks do */
	int members;
};

/* Nothing but tasks that sleep on them, or lockdep, has pointers to these (include/linux/mutex.h,
 * rwsem.h, ...). Not so a wait_queue_head: epoll stays in it.
 */
static bool is_lock(const char *name)
{
	static const char *const locks[] = { "mutex",		"rw_semaphore",
					     "semaphore",	"swait_queue_head",
					     "completion",	"spinlock",
					     "raw_spinlock",	"static_key",
					     "ratelimit_state", "lockdep_map",
					     "lock_class_key",	"percpu_rw_semaphore",
					     "rt_mutex_base",	NULL };

	return name && g_strv_contains(locks, name);
}

/* Those whose first entry points back, which their types do not show, and what sysfs keeps. */
static bool is_pointed_to(const char *name)
{
	static const char *const names[] = { "hlist_head",   "hlist_bl_head", "hlist_nulls_head",
					     "sk_buff_head", "attribute",     NULL };

	return name && g_strv_contains(names, name);
}

static bool links(struct looking *l, Dwarf_Die type, int depth);

/* To what a pointer points, or an array consists of, without const, volatile and typedefs. */
static bool base_type(const struct kgr_dwarf_reader *reader, Dwarf_Die from, Dwarf_Die *out)
{
	Dwarf_Die next = from;
	Dwarf_Half tag;
	int hops;

	for (hops = 0; hops < MAX_DEPTH; hops++) {
		*out = next;
		if (dwarf_tag(next, &tag, NULL) != DW_DLV_OK)
			return false;
		if (tag != DW_TAG_typedef && tag != DW_TAG_const_type &&
		    tag != DW_TAG_volatile_type)
			return true;
		if (!kgr_die_ref(reader, *out, DW_AT_type, &next))
			return false;
	}
	return false;
}

/* @owner: the structure that the pointer is a member of */
static bool pointer_links(const struct kgr_dwarf_reader *reader, Dwarf_Die pointer, Dwarf_Die owner)
{
	Dwarf_Die target, to;
	Dwarf_Off a, b;

	if (!kgr_die_ref(reader, pointer, DW_AT_type, &target) || !base_type(reader, target, &to))
		return false;
	return kgr_die_is(to, DW_TAG_subroutine_type) ||
	       (dwarf_dieoffset(to, &a, NULL) == DW_DLV_OK &&
		dwarf_dieoffset(owner, &b, NULL) == DW_DLV_OK && a == b);
}

static bool member_links(struct looking *l, Dwarf_Die member, Dwarf_Die owner, int depth)
{
	Dwarf_Die type, base;

	if (++l->members > MAX_MEMBERS)
		return true;
	if (!kgr_die_ref(l->reader, member, DW_AT_type, &type) ||
	    !base_type(l->reader, type, &base))
		return false;
	if (kgr_die_is(base, DW_TAG_pointer_type))
		return l->any || pointer_links(l->reader, base, owner);
	return links(l, base, depth + 1);
}

static bool links(struct looking *l, Dwarf_Die type, int depth)
{
	Dwarf_Die base, member, next;

	if (depth > MAX_DEPTH || !base_type(l->reader, type, &base))
		return false;
	if (kgr_die_is(base, DW_TAG_array_type))
		return member_links(l, base, base, depth);
	if (l->any && kgr_die_is(base, DW_TAG_pointer_type))
		return true;
	if (!kgr_die_is_compound(base))
		return false;
	if (is_lock(kgr_die_name(base)))
		return l->any;
	if (is_pointed_to(kgr_die_name(base)))
		return true;
	if (dwarf_child(base, &member, NULL) != DW_DLV_OK)
		return false;
	for (;; member = next) {
		if (kgr_die_is(member, DW_TAG_member) && member_links(l, member, base, depth))
			return true;
		if (kgr_die_sibling(l->reader, member, &next) != DW_DLV_OK)
			return false;
	}
}

bool kgr_type_links(const struct kgr_dwarf_reader *reader, Dwarf_Die type)
{
	struct looking l = { reader, false, 0 };

	return links(&l, type, 0);
}

bool kgr_type_points(const struct kgr_dwarf_reader *reader, Dwarf_Die type)
{
	struct looking l = { reader, true, 0 };

	return links(&l, type, 0);
}
