// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What a diff takes away must not be wanted any more.
 *
 * arch/x86/kernel/process.c has arch_dup_task_struct(), and so has kernel/fork.c, where it is weak.
 * A diff that removes the first one makes a kernel that calls the second: other code runs, though
 * no function has another body. If there is no second one, such a kernel does not link. In both
 * cases somebody still refers to the name. So each global name that is gone, and has not moved to
 * another file, is looked for in what the patched objects need and in what the objects of the other
 * units need. Whoever refers to it in the kernel and not in the patched source is one of the
 * compared units.
 */
#include "lib/error.h"
#include "select/callers-in-build.h"
#include "select/removed.h"
#include "units/aside.h"

/* Has the function a new place in the patch? */
static bool has_moved(const struct kgr_selection *selection, const struct kgr_moved *gone)
{
	GHashTableIter it;
	gpointer moved;

	g_hash_table_iter_init(&it, selection->moved);
	while (g_hash_table_iter_next(&it, NULL, &moved)) {
		if (moved == gone)
			return true;
	}
	return false;
}

static const char *source_of(const struct kgr_moved *gone)
{
	const struct kgr_unit *unit = gone->from->unit;

	return unit->source ?: unit->old_source;
}

static bool refuse(const struct kgr_moved *gone, const char *who, GError **error)
{
	return kgr_fail(error, KGR_REFUSED,
			"%s is gone from %s, and %s still refers to it: a kernel of the patched "
			"source has a weak one of another file in its place, or does not link; "
			"keep it, and let it do what the other one does",
			gone->sym->name, source_of(gone), who);
}

static bool check_patched(const struct kgr_moved *gone, const GPtrArray *compared, GError **error)
{
	guint i;

	for (i = 0; i < compared->len; i++) {
		const struct kgr_compared *of = compared->pdata[i];

		if (of->image == gone->from->image && kgr_obj_needed(of->patched, gone->sym->name))
			return refuse(gone, of->unit->source, error);
	}
	return true;
}

static bool check_one(struct kgr_session *session, const struct kgr_moved *gone,
		      const GPtrArray *compared, const GPtrArray *known, GError **error)
{
	g_autoptr(GPtrArray) found = kgr_units_new();
	g_autoptr(GError) why = NULL;

	if (!check_patched(gone, compared, error))
		return false;
	if (!kgr_find_references(session, gone->from->image, gone->sym->name, known, found, &why))
		return kgr_fail(error, why->code, "%s is gone from %s, and may still be in use: %s",
				gone->sym->name, source_of(gone), why->message);
	return !found->len ||
	       refuse(gone, ((const struct kgr_unit *)found->pdata[0])->source, error);
}

static bool check(struct kgr_session *session, const struct kgr_moved *gone,
		  const GPtrArray *compared, const GPtrArray *known, GError **error)
{
	g_autoptr(GError) why = NULL;

	if (check_one(session, gone, compared, known, &why) ||
	    kgr_set_aside_unit(session, gone->from->unit, &why))
		return true;
	g_propagate_error(error, g_steal_pointer(&why));
	return false;
}

bool kgr_check_removed(const struct kgr_plan_input *from, const struct kgr_plan *plan,
		       GError **error)
{
	g_autoptr(GPtrArray) known = g_ptr_array_new();
	GHashTableIter it;
	gpointer list;
	guint i;

	g_ptr_array_extend(known, from->units, NULL, NULL);
	g_ptr_array_extend(known, from->removed, NULL, NULL);
	g_hash_table_iter_init(&it, plan->gone);
	while (g_hash_table_iter_next(&it, NULL, &list)) {
		for (i = 0; i < ((GPtrArray *)list)->len; i++) {
			const struct kgr_moved *one = ((GPtrArray *)list)->pdata[i];

			if (one->sym->bind != STB_LOCAL &&
			    !kgr_image_overrides(one->from->image, one->sym) &&
			    !has_moved(plan->selection, one) &&
			    !check(from->session, one, plan->compared, known, error))
				return false;
		}
	}
	return true;
}
