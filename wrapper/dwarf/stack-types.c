// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Decides whether every object of a type is on a stack, in the frame of a function that knows the
 * type. It is not so, and the first of these that is met is the reason:
 *
 *	1. The type is declared in another file than the unit's own .c file: other units may include
 *	   that.
 *	2. DWARF has another place for one than a local variable, or a pointer to one that may point
 *	   anywhere: an object, a member of another structure, a result, a parameter of a global
 *	   function (type-escape.c).
 *	3. A function that is given a pointer to one is referred to by data, or by a function that
 *	   has none to give: unknown code may call it. Relocations say that.
 *	4. The source makes a pointer to one of something else, by a cast or container_of()
 *	   (source/container-use.c). Where the source is not known, a member that is a structure is
 *	   enough.
 *
 *	struct walk { int depth; };			in the .c file
 *	static int step(struct walk *w) { ... }		is given one
 *	int walk(void) { struct walk w; step(&w); }	has one on its stack, may call step()
 *	int (*hook)(struct walk *) = step;		with this line 2 refuses, without it the
 *							type is on stacks alone
 */
#include <string.h>

#include "dwarf/dwarf-reader.h"
#include "elf/local-relocs.h"
#include "elf/xref.h"
#include "elf/special-sections.h"
#include "dwarf/stack-types.h"
#include "dwarf/type-escape.h"

static bool has(const GPtrArray *names, const char *name)
{
	return name &&
	       g_ptr_array_find_with_equal_func((GPtrArray *)names, name, g_str_equal, NULL);
}

/* Is it from a function that has none to give, or from data, so that unknown code may call it? */
static bool is_stranger(const struct kgr_sym *callee, const struct kgr_xref *ref, const void *users)
{
	const struct kgr_sym *from = ref->from;

	if (ref->sec->special || !strcmp(ref->sec->name, ".eh_frame") || from == callee ||
	    (from && from->parent == callee) || (!from && kgr_sec_is_text(ref->sec)))
		return false;
	if (from && from->parent)
		from = from->parent;
	return !from || !kgr_sym_is_func(from) || !has(users, from->source_name);
}

/* Is every function that is given one called by such only as have one? */
static char *find_stranger(struct kgr_obj *built, const struct kgr_type_escape *uses)
{
	struct kgr_xref ref;
	size_t i;

	if (!kgr_add_local_relocs(built, NULL))
		return g_strdup("its code is not understood");
	for (i = 0; i < built->nsyms; i++) {
		const struct kgr_sym *sym = &built->syms[i];

		if (kgr_sym_is_func(sym) && has(uses->given, sym->source_name) &&
		    kgr_find_xref(built, sym, is_stranger, uses->users, &ref))
			return g_strdup_printf("%s() is given one, and %s refers to it", sym->name,
					       ref.from ? ref.from->name : ref.sec->name);
	}
	return NULL;
}

static bool is_structure(const struct kgr_type *type)
{
	return g_str_has_prefix(type->name, "struct ") || g_str_has_prefix(type->name, "union ");
}

/* Who is given a member, or bytes that one lies in, may know where the whole is: DWARF says nothing of casts. */
static char *find_way_back(const struct kgr_type *type, kgr_container_use_fn container_use,
			   void *arg, const struct kgr_type_escape *uses)
{
	if (container_use ? !container_use(arg, type, uses->names) : !uses->nested)
		return NULL;
	return uses->nested ? g_strdup_printf("from its %s one may come back to it (container_of)",
					      uses->nested) :
			      g_strdup("something else is cast to a pointer to one");
}

/* Why it may live elsewhere; NULL: it does not. */
static char *find_objection(struct kgr_obj *built, const struct kgr_type *type,
			    kgr_container_use_fn container_use, void *arg,
			    struct kgr_type_escape *uses)
{
	char *objection;

	if (!kgr_find_type_escape(built, type->name, uses))
		return g_strdup("its DWARF is damaged");
	if (!uses->source || !kgr_same_file(type->file, uses->source))
		return g_strdup_printf("others may include %s", type->file);
	objection = uses->escape ? g_strdup(uses->escape) : find_stranger(built, uses);
	return objection ?: find_way_back(type, container_use, arg, uses);
}

bool kgr_is_on_stacks(struct kgr_obj *built, const struct kgr_type *type,
		      kgr_container_use_fn container_use, void *arg, GPtrArray *users, char **why)
{
	g_auto(kgr_type_escape) uses = { 0 };
	guint i;

	*why = NULL;
	if (!is_structure(type) || !type->file || !g_str_has_suffix(type->file, ".c"))
		return false;
	*why = find_objection(built, type, container_use, arg, &uses);
	for (i = 0; !*why && i < uses.users->len; i++)
		g_ptr_array_add(users, g_strdup(uses.users->pdata[i]));
	return !*why;
}
