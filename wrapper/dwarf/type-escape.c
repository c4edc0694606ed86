// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Goes through a unit's DWARF for every variable, parameter, member and result whose type is a given structure or leads
 * to it by pointers, and notes who deals with one, and the first that may keep one alive when its function is over:
 *
 *	static int sum(struct shape *s)		a pointer: sum() is given one, its callers must have it
 *	int square(void) { struct shape s; ...	on square()'s stack
 *	struct drawing { struct shape *first; }	escapes: anything of this type may lead to one
 */
#include <string.h>

#include "dwarf/dwarf-reader.h"
#include "dwarf/type-escape.h"

#define MAX_DEPTH 256

struct looking {
	struct kgr_dwarf_reader reader;
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

static void keep(struct looking *l, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void keep(struct looking *l, const char *format, ...)
{
	va_list args;

	if (l->uses->escape)
		return;
	va_start(args, format);
	l->uses->escape = g_strdup_vprintf(format, args);
	va_end(args);
}

/* Is it one, or by how many pointers does it lead to one? -1: not at all. */
static int distance(const struct looking *l, Dwarf_Die named)
{
	Dwarf_Die target, from = named;
	int hops, pointers = 0;

	for (hops = 0; hops < MAX_DEPTH && kgr_die_ref(&l->reader, from, DW_AT_type, &target);
	     hops++, from = target) {
		g_autofree char *name = NULL;

		pointers += kgr_die_is(target, DW_TAG_pointer_type);
		if (kgr_die_is(target, DW_TAG_subroutine_type))
			return -1;
		if (!kgr_die_is_compound(target))
			continue;
		name = kgr_die_type_name(&l->reader, target);
		return strcmp(name, l->type) ? -1 : pointers;
	}
	return -1;
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
	Dwarf_Die named = kgr_die_naming(&l->reader, die);
	const char *name = kgr_die_name(named) ?: "?";
	int pointers = distance(l, named);
	uint64_t address;

	if (pointers < 0)
		return;
	if (!at->function || kgr_die_has(named, DW_AT_external) ||
	    kgr_die_address(&l->reader, die, &address))
		keep(l, "%s %s one", name, pointers ? "leads to" : "is");
	else if (pointers)
		keep(l, "%s in %s() may lead to one anywhere", name, at->function);
	add_use(l, at);
}

static void on_parameter(struct looking *l, Dwarf_Die die, const struct place *at)
{
	int pointers = distance(l, kgr_die_naming(&l->reader, die));

	if (pointers < 0)
		return;
	if (at->is_type || !at->function)
		keep(l, "functions that are called by pointers are given one");
	else if (at->is_external)
		keep(l, "%s() is given one, and other files may call it", at->function);
	else if (pointers > 1)
		keep(l, "%s() is given a pointer to a pointer to one", at->function);
	else if (pointers)
		add(l->uses->given, at->function);
	add_use(l, at);
}

static void on_member(struct looking *l, Dwarf_Die die, const struct place *at)
{
	const char *name = kgr_die_name(die) ?: "a member without a name";
	Dwarf_Die target, from = die;
	int hops;

	if (distance(l, die) >= 0)
		keep(l, "%s of %s is one, or leads to one", name, at->structure ?: "something");
	if (g_strcmp0(at->structure, l->type) != 0)
		return;
	for (hops = 0; hops < MAX_DEPTH && kgr_die_ref(&l->reader, from, DW_AT_type, &target);
	     hops++, from = target) {
		if (kgr_die_is(target, DW_TAG_pointer_type))
			break;
		if (kgr_die_is(target, DW_TAG_structure_type) ||
		    kgr_die_is(target, DW_TAG_union_type))
			keep(l, "from its %s one may come back to it (container_of)", name);
	}
}

static void on_function(struct looking *l, Dwarf_Die die, struct place *inner)
{
	Dwarf_Die named = kgr_die_naming(&l->reader, die);

	inner->function = kgr_die_name(named) ?: "?";
	inner->code = kgr_die_has(die, DW_AT_low_pc) || kgr_die_has(die, DW_AT_ranges) ?
			      inner->function :
			      NULL;
	inner->is_external = kgr_die_has(named, DW_AT_external);
	if (distance(l, named) >= 0)
		keep(l, "%s() returns one", inner->function);
}

/* What others may call is where it is written. */
static void on_inlined(struct looking *l, Dwarf_Die die, struct place *inner)
{
	const char *caller = inner->function;
	GPtrArray *callers;

	inner->function = kgr_die_name(kgr_die_naming(&l->reader, die)) ?: "?";
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
		structure = kgr_die_type_name(&l->reader, die);
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
	l->damaged |= !kgr_die_walk(&l->reader, cu, on_die, l, &at, sizeof(at));
}

/* Who gives one to a function that is inlined has it. */
static void check_inlined(struct looking *l)
{
	guint i, n;

	for (i = 0; i < l->uses->given->len; i++) {
		const char *callee = l->uses->given->pdata[i];
		GPtrArray *callers = g_hash_table_lookup(l->inlined, callee);

		for (n = 0; callers && n < callers->len; n++) {
			if (!has(l->owners, callers->pdata[n]))
				keep(l, "%s() gives one to %s(), and has none of its own",
				     (char *)callers->pdata[n], callee);
		}
	}
}

static void free_names(gpointer names)
{
	g_ptr_array_unref(names);
}

bool kgr_type_escape(struct kgr_obj *obj, const char *type, struct kgr_type_escape *uses)
{
	struct looking l = { .type = type, .uses = uses };
	bool ok;

	*uses = (struct kgr_type_escape){
		.users = g_ptr_array_new_with_free_func(g_free),
		.given = g_ptr_array_new_with_free_func(g_free),
	};
	l.names = g_string_chunk_new(1024);
	l.owners = g_ptr_array_new_with_free_func(g_free);
	l.inlined = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_names);
	ok = kgr_dwarf_open(&l.reader, obj) && kgr_dwarf_each_cu(&l.reader, on_unit, &l) &&
	     !l.damaged;
	kgr_dwarf_close(&l.reader);
	check_inlined(&l);
	g_string_chunk_free(l.names);
	g_ptr_array_unref(l.owners);
	g_hash_table_destroy(l.inlined);
	return ok;
}

void kgr_type_escape_clear(struct kgr_type_escape *uses)
{
	g_free(uses->source);
	g_free(uses->escape);
	g_ptr_array_unref(uses->users);
	g_ptr_array_unref(uses->given);
}
