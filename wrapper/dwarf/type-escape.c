// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Goes through a unit's DWARF for every variable, parameter, member and result whose type is a
 * given structure or points to it, and notes which functions use one, and the first place where one
 * may outlive its function:
 *
 *	static int sum(struct shape *s)		a pointer: sum() is given one, its callers must have it
 *	int square(void) { struct shape s; ...	on square()'s stack
 *	struct drawing { struct shape *first; }	escapes: anything of this type may point to one
 */
#include <string.h>

#include "dwarf/dwarf-reader.h"
#include "dwarf/type-escape.h"

#define MAX_DEPTH 256

struct looking {
	struct kgr_dwarf_reader *reader;
	const char *type;
	struct kgr_type_escape *uses;
	GPtrArray *owners; /* of char *: functions that are written with one or a pointer to one */
	GHashTable
		*inlined; /* callee -> GPtrArray of char *, the functions that it is inlined into */
	GStringChunk *names; /* of structures */
	bool damaged;
};

/* Where a DIE is. */
struct place {
	const char *function; /* that it is written in; NULL: in none */
	const char *code; /* that it is compiled into; NULL: this is not code */
	const char *structure; /* that it is a member of */
	bool is_external; /* may other files call the function? */
	bool is_type; /* of functions, by pointers to which anything may be called */
};

static void note_escape(struct looking *l, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void note_escape(struct looking *l, const char *format, ...)
{
	va_list args;

	if (l->uses->escape)
		return;
	va_start(args, format);
	l->uses->escape = g_strdup_vprintf(format, args);
	va_end(args);
}

/* Is it one, or does it point to one? Then @pointers is over how many pointers. */
static bool is_or_points_to(const struct looking *l, Dwarf_Die named, int *pointers)
{
	Dwarf_Die target, from = named;
	int hops;

	*pointers = 0;
	for (hops = 0; hops < MAX_DEPTH && kgr_die_ref(l->reader, from, DW_AT_type, &target);
	     hops++, from = target) {
		g_autofree char *name = NULL;

		*pointers += kgr_die_is(target, DW_TAG_pointer_type);
		if (kgr_die_is(target, DW_TAG_subroutine_type))
			return false;
		if (!kgr_die_is_compound(target))
			continue;
		name = kgr_die_type_name(l->reader, target);
		return !strcmp(name, l->type);
	}
	return false;
}

static bool has(const GPtrArray *names, const char *name)
{
	return g_ptr_array_find_with_equal_func((GPtrArray *)names, name, g_str_equal, NULL);
}

static void add(GPtrArray *names, const char *name)
{
	if (name && !has(names, name))
		g_ptr_array_add(names, g_strdup(name));
}

static void add_use(struct looking *l, const struct place *at)
{
	add(l->uses->users, at->code);
	add(l->owners, at->function);
}

static void on_variable(struct looking *l, Dwarf_Die die, const struct place *at)
{
	Dwarf_Die named = kgr_die_naming(l->reader, die);
	const char *name = kgr_die_name(named) ?: "?";
	uint64_t address;
	int pointers;

	if (!is_or_points_to(l, named, &pointers))
		return;
	add(l->uses->names, name);
	if (!at->function || kgr_die_has(named, DW_AT_external) ||
	    kgr_die_address(l->reader, die, &address))
		note_escape(l, "%s %s one", name, pointers ? "points to" : "is");
	else if (pointers)
		note_escape(l, "%s in %s() may point to one anywhere", name, at->function);
	add_use(l, at);
}

static void on_parameter(struct looking *l, Dwarf_Die die, const struct place *at)
{
	Dwarf_Die named = kgr_die_naming(l->reader, die);
	int pointers;

	if (!is_or_points_to(l, named, &pointers))
		return;
	add(l->uses->names, kgr_die_name(named));
	if (at->is_type || !at->function)
		note_escape(l, "functions that are called by pointers are given one");
	else if (at->is_external)
		note_escape(l, "%s() is given one, and other files may call it", at->function);
	else if (pointers > 1)
		note_escape(l, "%s() is given a pointer to a pointer to one", at->function);
	else if (pointers)
		add(l->uses->given, at->function);
	add_use(l, at);
}

static void on_member(struct looking *l, Dwarf_Die die, const struct place *at)
{
	const char *name = kgr_die_name(die) ?: "a member without a name";
	Dwarf_Die target, from = die;
	int hops, pointers;

	if (is_or_points_to(l, die, &pointers))
		note_escape(l, "%s of %s is one, or points to one", name,
			    at->structure ?: "something");
	if (g_strcmp0(at->structure, l->type) != 0)
		return;
	for (hops = 0; hops < MAX_DEPTH && kgr_die_ref(l->reader, from, DW_AT_type, &target);
	     hops++, from = target) {
		if (kgr_die_is(target, DW_TAG_pointer_type))
			break;
		if (!l->uses->nested && (kgr_die_is(target, DW_TAG_structure_type) ||
					 kgr_die_is(target, DW_TAG_union_type)))
			l->uses->nested = g_strdup(kgr_die_name(die) ?: "unnamed member");
	}
}

static void on_function(struct looking *l, Dwarf_Die die, struct place *inner)
{
	Dwarf_Die named = kgr_die_naming(l->reader, die);
	int pointers;

	inner->function = kgr_die_name(named) ?: "?";
	inner->code = kgr_die_has(die, DW_AT_low_pc) || kgr_die_has(die, DW_AT_ranges) ?
			      inner->function :
			      NULL;
	inner->is_external = kgr_die_has(named, DW_AT_external);
	if (is_or_points_to(l, named, &pointers))
		note_escape(l, "%s() returns one", inner->function);
}

/* What others may call is where it is written. */
static void on_inlined(struct looking *l, Dwarf_Die die, struct place *inner)
{
	const char *caller = inner->function;
	GPtrArray *callers;

	inner->function = kgr_die_name(kgr_die_naming(l->reader, die)) ?: "?";
	inner->is_external = false;
	callers = g_hash_table_lookup(l->inlined, inner->function);
	if (!callers) {
		callers = g_ptr_array_new_with_free_func(g_free);
		g_hash_table_insert(l->inlined, g_strdup(inner->function), callers);
	}
	add(callers, caller);
}

static bool on_die(void *arg, Dwarf_Die die, Dwarf_Half tag, const void *outer, void *below)
{
	g_autofree char *structure = NULL;
	const struct place *at = outer;
	struct place *inner = below;
	struct looking *l = arg;

	switch (tag) {
	case DW_TAG_subprogram:
		on_function(l, die, inner);
		break;
	case DW_TAG_inlined_subroutine:
		on_inlined(l, die, inner);
		break;
	case DW_TAG_subroutine_type:
		inner->is_type = true;
		break;
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
		structure = kgr_die_type_name(l->reader, die);
		inner->structure = g_string_chunk_insert_const(l->names, structure);
		break;
	case DW_TAG_variable:
		on_variable(l, die, at);
		break;
	case DW_TAG_formal_parameter:
		on_parameter(l, die, at);
		break;
	case DW_TAG_member:
		on_member(l, die, at);
		break;
	}
	return true;
}

static void on_unit(void *arg, Dwarf_Die cu, unsigned int version)
{
	const struct place at = { 0 };
	struct looking *l = arg;

	(void)version;
	g_free(l->uses->source);
	l->uses->source = g_strdup(kgr_die_name(cu));
	l->damaged |= !kgr_die_walk(l->reader, cu, on_die, l, &at, sizeof(at));
}

/* A function that gives one to an inlined function must have it. */
static void check_inlined(struct looking *l)
{
	guint i, n;

	for (i = 0; i < l->uses->given->len; i++) {
		const char *callee = l->uses->given->pdata[i];
		GPtrArray *callers = g_hash_table_lookup(l->inlined, callee);

		for (n = 0; callers && n < callers->len; n++) {
			if (!has(l->owners, callers->pdata[n]))
				note_escape(l, "%s() gives one to %s(), and has none of its own",
					    (char *)callers->pdata[n], callee);
		}
	}
}

static void free_names(gpointer names)
{
	g_ptr_array_unref(names);
}

bool kgr_find_type_escape(struct kgr_obj *obj, const char *type, struct kgr_type_escape *uses)
{
	g_autoptr(GHashTable) inlined =
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_names);
	g_autoptr(GPtrArray) owners = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GStringChunk) names = g_string_chunk_new(1024);
	g_auto(kgr_dwarf_reader) reader = { 0 };
	struct looking l = { &reader, type, uses, owners, inlined, names, false };

	*uses = (struct kgr_type_escape){
		.users = g_ptr_array_new_with_free_func(g_free),
		.names = g_ptr_array_new_with_free_func(g_free),
		.given = g_ptr_array_new_with_free_func(g_free),
	};
	if (!kgr_dwarf_open(&reader, obj) || !kgr_dwarf_each_cu(reader.dbg, on_unit, &l) ||
	    l.damaged)
		return false;
	check_inlined(&l);
	return true;
}

void kgr_type_escape_clear(struct kgr_type_escape *uses)
{
	g_clear_pointer(&uses->source, g_free);
	g_clear_pointer(&uses->escape, g_free);
	g_clear_pointer(&uses->nested, g_free);
	g_clear_pointer(&uses->names, g_ptr_array_unref);
	g_clear_pointer(&uses->users, g_ptr_array_unref);
	g_clear_pointer(&uses->given, g_ptr_array_unref);
}
