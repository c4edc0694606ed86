// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Makes a patch of units: compiles and compares each once, and selects from all of them, until
 * nothing is missing.
 *
 * A diff changes foo() in a.c. a.c and, since the diff touches a header, 1,999 others are compiled and compared, some
 * at a time. foo() has no fentry, so what calls it has to be replaced as well: the selection is thrown away, the
 * files that call foo() are found by their objects' symbols, compiled and compared, and all is selected again. That
 * ends when no function without fentry is met whose callers have not been looked for.
 *
 * What stays in memory. Units without a difference, from which nothing is selected, are freed at
 * once: objects, DWARF, record and files, so that memory and open files do not grow with the number
 * of units. They are not needed again:
 *
 * - what moves (moved.h) is gone from one unit and new in another, and both differ;
 * - users of a type with another layout, callbacks, exports, signatures and grown linker sets are
 *   the unit's own, and are asked for before it goes, by selecting from it alone;
 * - if it calls a function without fentry that another unit has, it is found among the build's objects like
 *   any file that the diff does not touch, and compiled again. A file that the diff renames is not there under its
 *   new name, and stays.
 *
 * Of the others both objects stay, without the relocations of debug sections, and what DWARF says of their symbols,
 * not of types. Where the patch takes a function's local copy, a constant or a callee, it is of a unit that differs.
 */
#include <string.h>
#include <unistd.h>

#include "select/plan.h"
#include "select/removed.h"
#include "select/plan-memory.h"
#include "compare/compare.h"
#include "dwarf/dwarf-types.h"
#include "units/aside.h"
#include "lib/error.h"
#include "select/callers-in-build.h"
#include "select/data-values.h"
#include "select/escapes.h"
#include "units/unit-image.h"
#include "select/moved.h"
#include "source/container-use.h"
#include "units/preprocess.h"
#include "select/patched-func.h"
#include "units/replay.h"
#include "dwarf/stack-types.h"
#include "dwarf/type-escape.h"

#define BATCH                                                                                      \
	32 /* units a processor that are compiled before they are compared: their objects are on disk together */

/* Comparing. */

/* As the user knows the file, not as the overlay does. */
static void name_sources(struct kgr_dwarf_types *dwarf, const struct kgr_session *s)
{
	size_t length = strlen(s->overlay->root);
	GHashTableIter it;
	gpointer value;

	g_hash_table_iter_init(&it, dwarf->types);
	while (g_hash_table_iter_next(&it, NULL, &value)) {
		struct kgr_type *type = value;
		g_autofree char *file = NULL;

		if (!type->file || strncmp(type->file, s->overlay->root, length) != 0)
			continue;
		file = type->file;
		type->file = g_strconcat(kgr_kernel_tree(s->kernel), file + length, NULL);
	}
}

/* What an excuse for another layout is looked for with. */
struct excusing {
	const struct kgr_plan_input *from;
	struct kgr_compared *of;
};

/* "struct foo" may be called "foo". */
static bool is_allowed(const char *name, char **allowed)
{
	const char *space = strchr(name, ' ');

	return allowed && (g_strv_contains((const char *const *)allowed, name) ||
			   (space && g_strv_contains((const char *const *)allowed, space + 1)));
}

static bool text_has_container_use(const struct excusing *e, const char *type,
				   const GPtrArray *names, bool patched)
{
	g_autofree char *text = kgr_preprocess(e->from->session, e->of->unit, patched);

	return !text || kgr_has_container_use(text, type, names);
}

/* Of both, since each may meet what the other has made, by a member. What cannot be told is taken to be so. */
static bool container_use(void *arg, const struct kgr_type *type, const GPtrArray *names)
{
	const struct excusing *e = arg;
	g_auto(kgr_type_escape) uses = { 0 };

	return !kgr_find_type_escape(e->of->patched, type->name, &uses) || uses.escape ||
	       text_has_container_use(e, type->name, names, false) ||
	       text_has_container_use(e, type->name, uses.names, true);
}

static bool excuse(void *arg, const struct kgr_type *type, char **why)
{
	struct excusing *e = arg;

	if (is_allowed(type->name, e->from->allow_layout)) {
		*why = g_strdup("another layout, as was allowed");
		return true;
	}
	if (!kgr_is_on_stacks(e->of->built, type, container_use, e, e->of->users, why))
		return false;
	*why = g_strdup("another layout of what is on stacks alone; what uses it is replaced");
	return true;
}

static struct kgr_dwarf_types *read_dwarf(struct kgr_obj *obj, GError **error)
{
	const char *missing;
	g_autoptr(GError) problem = NULL;
	struct kgr_dwarf_types *dwarf = kgr_dwarf_types_read(obj, &missing, &problem);

	if (problem)
		g_propagate_error(error, g_steal_pointer(&problem));
	else if (!dwarf)
		kgr_fail(
			error, KGR_REFUSED,
			"%s has %s, so whether the layout of a type changes is not known; the kernel's "
			"debug information has to be whole and in its objects",
			obj->path, missing);
	return dwarf;
}

static bool compare_layouts(const struct kgr_plan_input *from, struct kgr_compared *of,
			    GError **error)
{
	struct excusing excusing = { from, of };
	g_autofree char *types = NULL;

	of->built_dwarf = read_dwarf(of->built, error);
	of->patched_dwarf = of->built_dwarf ? read_dwarf(of->patched, error) : NULL;
	if (!of->patched_dwarf)
		return false;
	name_sources(of->patched_dwarf, from->session);
	types = kgr_compare_types(of->built_dwarf, of->patched_dwarf, excuse, &excusing,
				  from->session->notes);
	/* Only the symbols' names, which are in the same place, are asked for from now on. */
	g_hash_table_remove_all(of->built_dwarf->types);
	g_hash_table_remove_all(of->patched_dwarf->types);
	return !types ||
	       kgr_fail(
		       error, KGR_REFUSED,
		       "the diff changes the layout of a type that code and data of the running "
		       "kernel share: %s; keep the layout (shadow the new member elsewhere), or see "
		       "--allow-layout",
		       types);
}

static bool has_difference(const struct kgr_obj *obj)
{
	size_t i;

	for (i = 0; i < obj->nsyms; i++) {
		if (obj->syms[i].verdict != KGR_SAME)
			return true;
	}
	return false;
}

/* What a changed header does to code of which nothing can be replaced has to be nothing. */
static bool compare_unpatchable(const struct kgr_compared *of, GError **error)
{
	return kgr_compare(of->built, of->patched, error) &&
	       ((!has_difference(of->built) && !has_difference(of->patched)) ||
		kgr_fail(error, KGR_REFUSED, "a changed header changes %s: %s", of->unit->built,
			 of->unit->unpatchable));
}

/* Where functions are counted, a type's other layout is no reason not to look at them. */
static bool compare_unit(const struct kgr_plan_input *from, struct kgr_compared *of, GError **error)
{
	struct kgr_unit *u = of->unit;
	bool same_layouts;

	of->built = kgr_obj_open(u->built_objtool ?: u->built, error);
	of->patched = of->built ? kgr_obj_open(u->patched, error) : NULL;
	if (!of->patched)
		return false;
	if (u->unpatchable)
		return compare_unpatchable(of, error);
	same_layouts = compare_layouts(from, of, error);
	if (!same_layouts && !from->memory)
		return false;
	of->image = kgr_unit_image(from->session->kernel, u, same_layouts ? error : NULL);
	if (!of->image || !kgr_compare(of->built, of->patched, same_layouts ? error : NULL))
		return false;
	/* DWARF is forgotten after this. */
	if (from->allow_data)
		of->data = kgr_find_data_values(of, from->allow_data);
	if (from->memory)
		kgr_plan_memory_count(from->memory, of, same_layouts);
	return same_layouts;
}

static void find_file(struct kgr_compared *of)
{
	const char *source = of->unit->old_source;

	if (source)
		kgr_image_file_idx(of->image, of->built, source, &of->file_idx, &of->no_file);
}

/* Can the unit be found by its record, should it turn out to be a caller? */
static bool can_be_found(const struct kgr_unit *u)
{
	return !g_strcmp0(u->old_source, u->record->source);
}

/* Does nothing become of it, whatever else is selected? */
static bool is_as_before(const struct kgr_plan *plan, const struct kgr_compared *of)
{
	g_autoptr(GPtrArray) no_fentry = kgr_no_fentry_new();
	struct kgr_select_input input = plan->select;
	g_autoptr(kgr_selection) alone = NULL;

	if (has_difference(of->built) || has_difference(of->patched) || of->users->len ||
	    !can_be_found(of->unit))
		return false;
	input.no_fentry = no_fentry;
	alone = kgr_selection_new(&input);
	return kgr_select(of, alone, NULL) && !g_hash_table_size(alone->selected) &&
	       !alone->notes->len && !alone->callbacks->len && !alone->exports->len;
}

static void let_go(const struct kgr_plan_input *from, struct kgr_unit *u)
{
	guint at;

	if (!g_ptr_array_find(from->units, u, &at))
		return;
	if (from->as_before) {
		g_ptr_array_add(from->as_before, g_ptr_array_steal_index(from->units, at));
		return;
	}
	if (u->patched)
		unlink(u->patched);
	if (u->built_objtool)
		unlink(u->built_objtool);
	g_ptr_array_remove_index(from->units, at);
}

static void note_init(struct kgr_plan *plan, const struct kgr_obj *patched)
{
	size_t i;

	for (i = 0; i < patched->nsyms; i++)
		plan->init_differs |= patched->syms[i].verdict != KGR_SAME &&
				      patched->syms[i].sec && kgr_sec_is_init(patched->syms[i].sec);
}

/* A round's refusal ends it at last: until then others are looked for. */
static bool go_on(const struct kgr_plan_input *from, struct kgr_unit *u, GError **why,
		  GError **error)
{
	if (kgr_set_aside_unit(from->session, u, why))
		return true;
	g_propagate_error(error, g_steal_pointer(why));
	return false;
}

static gpointer copy_text(gconstpointer text, gpointer unused)
{
	(void)unused;
	return g_strdup(text);
}

/* What is known of a unit's differences is put where all find it. */
static void keep_compared(struct kgr_plan *plan, struct kgr_compared *of)
{
	note_init(plan, of->patched);
	kgr_gone_add(plan->gone, of);
}

static void take_recalled(const struct kgr_plan_input *from, struct kgr_plan *plan,
			  struct kgr_unit *unit, const struct kgr_recalled *recalled)
{
	g_ptr_array_extend(from->session->notes, recalled->notes, copy_text, NULL);
	if (!recalled->of) {
		let_go(from, unit);
		return;
	}
	g_ptr_array_add(plan->compared, kgr_compared_share(recalled->of));
	keep_compared(plan, recalled->of);
}

/* @callers: they were asked for, and stay though nothing in them differs */
static bool compare_one(const struct kgr_plan_input *from, struct kgr_plan *plan,
			struct kgr_unit *unit, bool callers, GError **error)
{
	struct kgr_compared *of = kgr_compared_new(unit);
	guint first_note = from->session->notes->len;
	g_autoptr(GError) why = NULL;
	bool needed;

	g_ptr_array_add(plan->compared, of);
	if (!compare_unit(from, of, &why)) {
		if (!go_on(from, unit, &why, error))
			return false;
		g_ptr_array_set_size(plan->compared, (gint)plan->compared->len - 1);
		return true;
	}
	needed = !unit->unpatchable && (callers || !is_as_before(plan, of));
	if (needed) {
		kgr_obj_forget_debug(of->built);
		kgr_obj_forget_debug(of->patched);
		find_file(of);
		keep_compared(plan, of);
	}
	if (from->memory)
		kgr_plan_memory_add(from->memory, from->session, unit, callers, needed ? of : NULL,
				    first_note);
	if (!needed) {
		g_ptr_array_set_size(plan->compared, (gint)plan->compared->len - 1);
		let_go(from, unit);
	}
	return true;
}

/* The same unit from an earlier round takes the place of this round's, or NULL. */
static const struct kgr_recalled *recall(const struct kgr_plan_input *from, GPtrArray *todo,
					 guint at, bool callers)
{
	struct kgr_unit *unit = todo->pdata[at];
	const struct kgr_recalled *recalled =
		from->memory ? kgr_plan_memory_find(from->memory, from->session, unit, callers) :
			       NULL;
	guint place;

	if (recalled && recalled->of && g_ptr_array_find(from->units, unit, &place)) {
		todo->pdata[at] = from->units->pdata[place] = kgr_unit_share(recalled->of->unit);
		kgr_unit_free(unit);
	}
	return recalled;
}

static guint batch_of(const struct kgr_plan_input *from)
{
	return BATCH * from->session->jobs;
}

/* Those from number @first on, as many as a batch has: what is not known of earlier rounds is
 * compiled, and then all compared in order.
 */
static bool compare_batch(const struct kgr_plan_input *from, struct kgr_plan *plan, GPtrArray *todo,
			  guint first, bool callers, GError **error)
{
	guint end = MIN(first + batch_of(from), todo->len);
	struct kgr_progress *progress = &from->session->progress;
	g_autoptr(GPtrArray) fresh = g_ptr_array_new(), recalled = g_ptr_array_new();
	guint i;

	for (i = first; i < end; i++) {
		g_ptr_array_add(recalled, (gpointer)recall(from, todo, i, callers));
		if (!recalled->pdata[i - first])
			g_ptr_array_add(fresh, todo->pdata[i]);
	}
	kgr_progress_step(progress, "replay");
	kgr_progress_update(progress, first, todo->len);
	if (!kgr_replay(from->session, fresh, error))
		return false;
	kgr_progress_step(progress, "compare");
	kgr_progress_update(progress, first, todo->len);
	for (i = first; i < end; i++) {
		struct kgr_unit *unit = todo->pdata[i];

		if (recalled->pdata[i - first])
			take_recalled(from, plan, unit, recalled->pdata[i - first]);
		else if (unit->patched && !compare_one(from, plan, unit, callers, error))
			return false;
	}
	return true;
}

static bool compare_units(const struct kgr_plan_input *from, struct kgr_plan *plan,
			  const GPtrArray *units, bool callers, GError **error)
{
	g_autoptr(GPtrArray) todo = g_ptr_array_copy((GPtrArray *)units, NULL, NULL);
	guint first;

	g_ptr_array_set_free_func(todo, NULL);
	for (first = 0; first < todo->len; first += batch_of(from)) {
		if (!compare_batch(from, plan, todo, first, callers, error))
			return false;
	}
	return true;
}

/* All that the kernel has of the files that the diff takes away. */
static bool add_removed(const struct kgr_plan_input *from, struct kgr_plan *plan, GError **error)
{
	guint i;
	size_t n;

	for (i = 0; i < from->removed->len; i++) {
		struct kgr_compared *of = kgr_compared_new(from->removed->pdata[i]);

		g_ptr_array_add(plan->removed, of);
		of->image = kgr_unit_image(from->session->kernel, of->unit, error);
		of->built = of->image ? kgr_obj_open(of->unit->built, error) : NULL;
		of->built_dwarf = of->built ? read_dwarf(of->built, error) : NULL;
		if (!of->built_dwarf)
			return false;
		for (n = 0; n < of->built->nsyms; n++)
			of->built->syms[n].verdict = KGR_GONE;
		find_file(of);
		kgr_gone_add(plan->gone, of);
	}
	return true;
}

/* Selecting. */

/* What the kernel runs now instead of one of the functions. */
static bool add_patched_func(struct kgr_plan *plan, const struct kgr_compared *of,
			     const struct kgr_sym *sym, GError **error)
{
	const struct kgr_moved *moved = kgr_moved_from(plan->selection, sym);
	bool by_breakpoint = kgr_selected(plan->selection, sym)->by_breakpoint;
	struct kgr_patched_func *old =
		moved ? kgr_patched_func_new(moved->from, moved->sym, by_breakpoint, error) :
			kgr_patched_func_new(of, sym->twin, by_breakpoint, error);

	if (old)
		g_ptr_array_add(plan->old, old);
	return old;
}

static bool select_from(struct kgr_plan *plan, struct kgr_compared *of, GError **error)
{
	struct kgr_selection *s = plan->selection;
	guint redirected = s->redirected->len, selected = g_hash_table_size(s->selected);

	if (!kgr_find_moved(plan->gone, of, s->moved, error) || !kgr_select(of, s, error))
		return false;
	if (g_hash_table_size(s->selected) == selected)
		return true;
	if (of->no_file) {
		g_propagate_error(error, g_error_copy(of->no_file));
		return false;
	}
	g_ptr_array_add(plan->sources, of);
	for (; redirected < s->redirected->len; redirected++) {
		if (!add_patched_func(plan, of, s->redirected->pdata[redirected], error))
			return false;
	}
	return true;
}

/*
 * Callers of a function without fentry refuse because of it, so that the units that change it are
 * set aside. Returns how many.
 */
static guint set_aside_callees(const struct kgr_plan_input *from, struct kgr_plan *plan,
			       const GError *why)
{
	guint found = 0, i, n;

	for (n = 0; from->no_kprobe && n < plan->select.no_fentry->len; n++) {
		const struct kgr_no_fentry *no_fentry = plan->select.no_fentry->pdata[n];

		for (i = 0; no_fentry->impossible && i < plan->compared->len; i++) {
			const struct kgr_compared *of = plan->compared->pdata[i];
			const struct kgr_sym *sym = kgr_obj_defined(of->patched, no_fentry->name);
			g_autoptr(GError) copy = g_error_copy(why);

			if (sym && of->image == no_fentry->image &&
			    kgr_selected(plan->selection, sym))
				found += kgr_set_aside_unit(from->session, of->unit, &copy);
		}
	}
	return found;
}

static bool select_once(const struct kgr_plan_input *from, struct kgr_plan *plan, GError **error)
{
	guint i;

	g_ptr_array_set_size(plan->sources, 0);
	g_ptr_array_set_size(plan->old, 0);
	kgr_selection_free(plan->selection);
	plan->selection = kgr_selection_new(&plan->select);
	for (i = 0; i < plan->compared->len; i++) {
		struct kgr_compared *of = plan->compared->pdata[i];
		g_autoptr(GError) why = NULL;

		if (!select_from(plan, of, &why) && !set_aside_callees(from, plan, why) &&
		    !go_on(from, of->unit, &why, error))
			return false;
	}
	return true;
}

/* A new object can be in a file that was selected from before the one that refers to it. */
static bool select_all(const struct kgr_plan_input *from, struct kgr_plan *plan, GError **error)
{
	guint wanted;

	do {
		wanted = g_hash_table_size(plan->select.wanted);
		if (!select_once(from, plan, error))
			return false;
	} while (g_hash_table_size(plan->select.wanted) > wanted);
	return true;
}

/* The files that call what turned out to have no fentry since the last time are compiled, too. */
static bool add_callers(const struct kgr_plan_input *from, struct kgr_plan *plan, GError **error)
{
	guint known = from->units->len, i;
	g_autoptr(GPtrArray) found = kgr_units_new();
	g_autoptr(GPtrArray) fresh = g_ptr_array_new();

	kgr_progress_step(&from->session->progress, "callers");
	for (i = 0; i < plan->select.no_fentry->len; i++) {
		struct kgr_no_fentry *no_fentry = plan->select.no_fentry->pdata[i];
		g_autoptr(GError) problem = NULL;

		if (no_fentry->searched || no_fentry->impossible)
			continue;
		no_fentry->searched = true;
		if (!kgr_find_callers(from->session, no_fentry, from->units, found, &problem) &&
		    !(no_fentry->impossible && !plan->select.no_kprobe) &&
		    !set_aside_callees(from, plan, problem)) {
			g_propagate_error(error, g_steal_pointer(&problem));
			return false;
		}
	}
	g_ptr_array_extend_and_steal(from->units, g_steal_pointer(&found));
	for (i = known; i < from->units->len; i++)
		g_ptr_array_add(fresh, from->units->pdata[i]);
	return compare_units(from, plan, fresh, true, error);
}

/* Has it come out that other functions have to be dealt with, or in another way? */
static bool is_settled(const struct kgr_plan *plan)
{
	guint i;

	for (i = 0; i < plan->select.no_fentry->len; i++) {
		const struct kgr_no_fentry *no_fentry = plan->select.no_fentry->pdata[i];

		if (no_fentry->impossible ? !no_fentry->by_breakpoint : !no_fentry->searched)
			return false;
	}
	return true;
}

/* How much is known of functions without fentry; it only ever grows, up to four for each. */
static guint known_of_no_fentry(const struct kgr_plan *plan)
{
	guint known = plan->select.no_fentry->len, i;

	for (i = 0; i < plan->select.no_fentry->len; i++) {
		const struct kgr_no_fentry *no_fentry = plan->select.no_fentry->pdata[i];

		known += no_fentry->searched + no_fentry->impossible + no_fentry->by_breakpoint;
	}
	return known;
}

static void free_patched_func(gpointer old)
{
	kgr_patched_func_free(old);
}

void kgr_plan_init(struct kgr_plan *plan)
{
	*plan = (struct kgr_plan){
		.select = { .no_fentry = kgr_no_fentry_new(),
			    .wanted =
				    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL) },
		.compared = kgr_compareds_new(),
		.removed = kgr_compareds_new(),
		.gone = kgr_gone_new(),
		.sources = g_ptr_array_new(),
		.old = g_ptr_array_new_with_free_func(free_patched_func),
	};
	plan->selection = kgr_selection_new(&plan->select);
}

void kgr_plan_clear(struct kgr_plan *plan)
{
	kgr_selection_free(plan->selection);
	g_ptr_array_unref(plan->old);
	g_ptr_array_unref(plan->sources);
	g_hash_table_unref(plan->gone);
	g_ptr_array_unref(plan->removed);
	g_ptr_array_unref(plan->compared);
	g_ptr_array_unref(plan->select.no_fentry);
	g_hash_table_unref(plan->select.wanted);
}

bool kgr_plan_make(const struct kgr_plan_input *from, struct kgr_plan *plan, GError **error)
{
	guint known = 0;

	plan->select.kernel = from->session->kernel;
	plan->select.no_kprobe = from->no_kprobe;
	plan->select.allow_data = from->allow_data;
	if (!compare_units(from, plan, from->units, false, error) ||
	    !add_removed(from, plan, error) || !select_all(from, plan, error))
		return false;
	/*
	 * A round in which nothing came out would be followed by others like it: what is not
	 * settled then nobody asks for any more, such as a caller of what a breakpoint redirects
	 * now.
	 */
	while (!is_settled(plan) && known != known_of_no_fentry(plan) &&
	       !kgr_is_any_refused(from->session)) {
		known = known_of_no_fentry(plan);
		if (!add_callers(from, plan, error) || !select_all(from, plan, error))
			return false;
	}
	if (!kgr_check_removed(from, plan, error))
		return false;
	return kgr_find_escapes(plan->sources, plan->selection, error) &&
	       kgr_settle_escapes(plan->selection, from->allow_escape, error);
}
