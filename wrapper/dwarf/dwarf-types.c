// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Walks all DIEs of an object once, writes into each symbol what DWARF says of it, and collects the
 * layouts of types:
 *
 *	static int limit = 3;		the symbol at the variable's address gets source name, file,
 *					line and type
 *	int f(struct s *p)		the symbols f, f.isra.0 and f.cold, which all come from this
 *					one DIE, are found by name
 *	{				and get source name, file, line; a global one the signature
 *					"int (struct s *)", too
 *		static bool done;	the symbol done.1 gets the same as limit, and its scope: f,
 *					and the block in it
 *	}
 *	struct s { int a, b; };		the type "struct s": its size, members a at 0 and b at 4,
 *					and f as a user of it
 *	typedef struct { ... } t;	the type "typedef t"; one of a structure with a name is not
 *					listed
 *
 * A mere declaration of a type has no size, and is passed over. Where several symbols are at one
 * address, as those of objects without a byte, the one of the variable's name and line is taken.
 */
#include <string.h>

#include "dwarf/dwarf-reader.h"
#include "dwarf/dwarf-types.h"
#include "dwarf/static-blocks.h"
#include "dwarf/type-links.h"
#include "elf/reloc.h"
#include "elf/symbol-name.h"
#include "lib/error.h"

#define MAX_DEPTH 256
#define MAX_MEMBERS 100000 /* of one type; enumerations of drivers have thousands */

struct view {
	struct kgr_dwarf_reader *reader;
	struct kgr_dwarf_types *out;
	struct kgr_static_blocks *blocks;
	GHashTable *funcs; /* base name -> list of symbols */
	char **files; /* of the CU at hand */
	Dwarf_Signed nfiles;
	unsigned int first_file; /* the number of files[0]: 0 since DWARF 5, 1 before */
	const char *source; /* of the CU at hand; NULL: not known */
	bool damaged, split;
};

/* What a DIE is in. */
struct surroundings {
	const char *scope; /* the function's name, or NULL */
	Dwarf_Off block; /* the innermost block, as static-blocks.h has it */
	bool in_inner_block;
};

/*
 * Objects without a byte, as lockdep's keys are without lockdep, share their place with others. What is inlined
 * somewhere else may be described twice.
 */
static struct kgr_sym *symbol_in(const struct kgr_sec *sec, uint64_t pos, const char *name,
				 uint64_t line)
{
	struct kgr_sym *nameless = NULL;
	guint i;

	for (i = 0; name && i < sec->syms->len; i++) {
		struct kgr_sym *sym = sec->syms->pdata[i];

		if (sym->value != pos || !kgr_name_is_of(sym->name, name))
			continue;
		if (sym->source_name && sym->decl_line == line)
			return sym;
		if (!sym->source_name && !nameless)
			nameless = sym;
	}
	return nameless ?: kgr_sec_sym_at(sec, pos);
}

static struct kgr_sym *symbol_at(const struct view *view, uint64_t address, const char *name,
				 uint64_t line)
{
	/* At its end, too, may be an object without a byte. */
	const struct kgr_sec *sec = kgr_sec_at(view->reader->obj, address);

	return sec ? symbol_in(sec, address - sec->address, name, line) : NULL;
}

static const char *get_file(struct view *view, Dwarf_Die die)
{
	uint64_t n;

	if (!kgr_die_unsigned(die, DW_AT_decl_file, &n) || n < view->first_file ||
	    n - view->first_file >= (uint64_t)view->nfiles)
		return NULL;
	return view->files[n - view->first_file];
}

static void describe_symbol(struct view *view, struct kgr_sym *sym, Dwarf_Die named,
			    const char *scope)
{
	const char *name = kgr_die_name(named), *file = get_file(view, named);
	uint64_t line = 0;

	if (!name || sym->source_name)
		return;
	kgr_die_unsigned(named, DW_AT_decl_line, &line);
	sym->source_name = g_string_chunk_insert_const(view->out->strings, name);
	sym->decl_file = file ? g_string_chunk_insert_const(view->out->strings, file) : NULL;
	sym->decl_line = (unsigned int)line;
	sym->in_source = file && view->source && kgr_same_file(file, view->source);
	sym->scope = scope ? g_string_chunk_insert_const(view->out->strings, scope) : NULL;
}

static void add_type(struct view *view, char *name, Dwarf_Die die, Dwarf_Die body, uint64_t size);

/* A structure without a name, of which an object is that can be written: it is known by the object. */
static void on_type_of_object(struct view *view, const struct kgr_sym *sym, Dwarf_Die type)
{
	uint64_t size;

	if (!kgr_die_is_compound(type) || kgr_die_name(type) || kgr_sym_is_constant(sym) ||
	    !(sym->sec->sh.sh_flags & SHF_WRITE) || !kgr_die_unsigned(type, DW_AT_byte_size, &size))
		return;
	add_type(view,
		 sym->scope ? g_strdup_printf("the type of %s, static in %s()", sym->source_name,
					      sym->scope) :
			      g_strdup_printf("the type of %s", sym->source_name),
		 type, type, size);
}

static void on_variable(struct view *view, Dwarf_Die die, const struct surroundings *in)
{
	uint64_t address, line = 0;
	struct kgr_sym *sym;
	Dwarf_Die named, type;

	if (!kgr_die_address(view->reader, die, &address))
		return;
	named = kgr_die_naming(view->reader, die);
	kgr_die_unsigned(named, DW_AT_decl_line, &line);
	sym = symbol_at(view, address, kgr_die_name(named), line);
	if (!sym)
		return;
	describe_symbol(view, sym, named, in->scope);
	if (!sym->type_name && kgr_die_ref(view->reader, named, DW_AT_type, &type)) {
		g_autofree char *name = kgr_die_type_name(view->reader, type);

		sym->type_name = g_string_chunk_insert_const(view->out->strings, name);
		sym->links = kgr_type_links(view->reader, type);
		sym->points = kgr_type_points(view->reader, type);
		on_type_of_object(view, sym, type);
	}
	if (sym->scope)
		kgr_static_blocks_declare(view->blocks, sym, in->block);
	sym->in_inner_block = in->in_inner_block;
}

/* "int (struct file *, ...)" */
static const char *signature(struct view *view, Dwarf_Die func)
{
	g_autoptr(GString) out = g_string_new(NULL);
	g_autofree char *result = NULL;
	Dwarf_Die child, next, type;
	Dwarf_Half tag;

	result = kgr_die_ref(view->reader, func, DW_AT_type, &type) ?
			 kgr_die_type_name(view->reader, type) :
			 g_strdup("void");
	g_string_append_printf(out, "%s (", result);
	if (dwarf_child(func, &child, NULL) == DW_DLV_OK) {
		do {
			g_autofree char *one = NULL;

			if (dwarf_tag(child, &tag, NULL) != DW_DLV_OK ||
			    (tag != DW_TAG_formal_parameter &&
			     tag != DW_TAG_unspecified_parameters))
				continue;
			one = tag != DW_TAG_formal_parameter ?
				      g_strdup("...") :
			      kgr_die_ref(view->reader, child, DW_AT_type, &type) ?
				      kgr_die_type_name(view->reader, type) :
				      g_strdup("?");
			g_string_append_printf(out, "%s%s",
					       g_str_has_suffix(out->str, "(") ? "" : ", ", one);
		} while (kgr_die_sibling(view->reader, child, &next) == DW_DLV_OK &&
			 (child = next));
	}
	g_string_append_c(out, ')');
	return g_string_chunk_insert_const(view->out->strings, out->str);
}

/* Function names are unique in a unit, but for clones; those carry their origin's name first. */
static void on_function(struct view *view, Dwarf_Die named)
{
	const char *name = kgr_die_name(named);
	GSList *list;

	if (!name)
		return;
	for (list = g_hash_table_lookup(view->funcs, name); list; list = list->next) {
		struct kgr_sym *sym = list->data;

		describe_symbol(view, sym, named, NULL);
		/* No other unit calls a local one. */
		if (sym->bind != STB_LOCAL && !sym->signature)
			sym->signature = signature(view, named);
	}
}

static void add_members(struct view *view, struct kgr_type *type, Dwarf_Die die, uint64_t base,
			int depth)
{
	Dwarf_Die member, next, target;
	Dwarf_Half tag;

	if (depth > 16 || dwarf_child(die, &member, NULL) != DW_DLV_OK)
		return;
	for (;; member = next) {
		struct kgr_member m = { 0 };

		/* Types that are part of each other have no end. */
		if (type->members->len > MAX_MEMBERS) {
			view->damaged = true;
			return;
		}

		if (dwarf_tag(member, &tag, NULL) == DW_DLV_OK &&
		    (tag == DW_TAG_member || tag == DW_TAG_enumerator)) {
			m.name = g_strdup(kgr_die_name(member) ?: "");
			kgr_die_unsigned(member,
					 tag == DW_TAG_member ? DW_AT_data_member_location :
								DW_AT_const_value,
					 &m.offset);
			m.offset += base;
			kgr_die_unsigned(member, DW_AT_data_bit_offset, &m.bit_offset);
			kgr_die_unsigned(member, DW_AT_bit_size, &m.bit_size);
			if (tag == DW_TAG_member &&
			    kgr_die_ref(view->reader, member, DW_AT_type, &target)) {
				m.type = kgr_die_type_name(view->reader, target);
				g_array_append_val(type->members, m);
				/* What has no name of its own is part of this type's layout. */
				if (!kgr_die_name(target))
					add_members(view, type, target, m.offset, depth + 1);
			} else {
				m.type = g_strdup("");
				g_array_append_val(type->members, m);
			}
		}
		if (kgr_die_sibling(view->reader, member, &next) != DW_DLV_OK)
			break;
	}
}

static void clear_member(gpointer data)
{
	struct kgr_member *m = data;

	g_free(m->name);
	g_free(m->type);
}

static void free_type(gpointer data)
{
	struct kgr_type *type = data;

	g_free(type->name);
	g_free(type->file);
	g_ptr_array_free(type->users, TRUE);
	g_array_free(type->members, TRUE);
	g_free(type);
}

/* @name: taken over. @die: where it is declared; @body: what it is */
static void add_type(struct view *view, char *name, Dwarf_Die die, Dwarf_Die body, uint64_t size)
{
	struct kgr_type *type = g_new0(struct kgr_type, 1);
	uint64_t line = 0;

	type->name = name;
	type->file = g_strdup(get_file(view, die));
	kgr_die_unsigned(die, DW_AT_decl_line, &line);
	type->line = (unsigned int)line;
	type->size = size;
	type->is_enum = kgr_die_is(body, DW_TAG_enumeration_type);
	type->users = g_ptr_array_new();
	type->members = g_array_new(FALSE, FALSE, sizeof(struct kgr_member));
	g_array_set_clear_func(type->members, clear_member);
	if (kgr_die_is_compound(body))
		add_members(view, type, body, 0, 0);
	g_hash_table_replace(view->out->types, type->name, type);
}

static void on_type(struct view *view, Dwarf_Die die)
{
	uint64_t size;

	/* A mere declaration has no size. */
	if (kgr_die_name(die) && kgr_die_unsigned(die, DW_AT_byte_size, &size))
		add_type(view, kgr_die_type_name(view->reader, die), die, die, size);
}

/* Of a structure without a name of its own its layout counts, of a number how long it is. */
static void on_typedef(struct view *view, Dwarf_Die die)
{
	const char *name = kgr_die_name(die);
	Dwarf_Die target, from = die;
	uint64_t size;
	int hops;

	for (hops = 0;
	     name && hops < MAX_DEPTH && kgr_die_ref(view->reader, from, DW_AT_type, &target);
	     hops++, from = target) {
		if (kgr_die_is_compound(target) && kgr_die_name(target))
			return;
		if (!kgr_die_unsigned(target, DW_AT_byte_size, &size))
			continue;
		add_type(view, g_strconcat("typedef ", name, NULL), die, target, size);
		return;
	}
}

/* A variable or a parameter: its function uses the type, directly or through pointers. */
static void note_user(struct view *view, Dwarf_Die die, const char *scope)
{
	Dwarf_Die target, from = kgr_die_naming(view->reader, die);
	struct kgr_type *type;
	int hops;

	for (hops = 0;
	     scope && hops < MAX_DEPTH && kgr_die_ref(view->reader, from, DW_AT_type, &target);
	     hops++, from = target) {
		g_autofree char *name = NULL;
		guint i;

		if (!kgr_die_is_compound(target))
			continue;
		name = kgr_die_type_name(view->reader, target);
		type = g_hash_table_lookup(view->out->types, name);
		scope = g_string_chunk_insert_const(view->out->strings, scope);
		for (i = 0; type && i < type->users->len; i++) {
			if (type->users->pdata[i] == scope)
				return;
		}
		if (type)
			g_ptr_array_add(type->users, (gpointer)scope);
		return;
	}
}

static bool on_die(void *arg, Dwarf_Die die, Dwarf_Half tag, const void *outer, void *inner)
{
	const struct surroundings *in = outer;
	struct surroundings *below = inner;
	struct view *view = arg;
	Dwarf_Die named;

	switch (tag) {
	case DW_TAG_subprogram:
		named = kgr_die_naming(view->reader, die);
		below->scope = kgr_die_name(named);
		below->block = kgr_static_blocks_enter(view->blocks, die, 0);
		below->in_inner_block = false;
		on_function(view, named);
		return true;
	case DW_TAG_inlined_subroutine:
		below->scope = kgr_die_name(kgr_die_naming(view->reader, die));
		below->block = kgr_static_blocks_enter(view->blocks, die, 0);
		below->in_inner_block = false;
		return true;
	case DW_TAG_lexical_block:
		below->block = kgr_static_blocks_enter(view->blocks, die,
						       in->in_inner_block ? in->block : 0);
		below->in_inner_block = true;
		return true;
	case DW_TAG_compile_unit:
		return true;
	case DW_TAG_variable:
		on_variable(view, die, in);
		note_user(view, die, in->scope);
		return false;
	case DW_TAG_formal_parameter:
		note_user(view, die, in->scope);
		return false;
	case DW_TAG_typedef:
		on_typedef(view, die);
		return false;
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
	case DW_TAG_enumeration_type:
		on_type(view, die);
		return false;
	default:
		return false;
	}
}

static void on_unit(void *arg, Dwarf_Die cu, unsigned int version)
{
	const struct surroundings none = { 0 };
	struct view *view = arg;

	view->split |= kgr_die_has(cu, DW_AT_dwo_name) || kgr_die_has(cu, DW_AT_GNU_dwo_name);
	view->source = kgr_die_name(cu);
	view->nfiles = kgr_die_files(view->reader, cu, &view->files);
	view->first_file = version >= 5 ? 0 : 1;
	view->damaged |= !kgr_die_walk(view->reader, cu, on_die, view, &none, sizeof(none));
	kgr_static_blocks_end(view->blocks, cu, view->out->blocks);
}

static void free_list(gpointer list)
{
	g_slist_free(list);
}

/* Of every name without the compiler's parts ("foo" of "foo.isra.0"): the functions. */
static GHashTable *collect_functions(const struct kgr_obj *obj)
{
	GHashTable *out = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_list);
	size_t i;

	for (i = 0; i < obj->nsyms; i++) {
		struct kgr_sym *sym = &obj->syms[i];
		GSList *list;
		char *base;

		if (!kgr_sym_is_func(sym))
			continue;
		base = g_strndup(sym->name, kgr_name_source_length(sym->name));
		list = g_slist_copy(g_hash_table_lookup(out, base));
		g_hash_table_replace(out, base, g_slist_prepend(list, sym));
	}
	return out;
}

static void free_ranges(gpointer ranges)
{
	g_array_free(ranges, TRUE);
}

static struct kgr_dwarf_types *dwarf_types_new(void)
{
	struct kgr_dwarf_types *out = g_new0(struct kgr_dwarf_types, 1);

	out->types = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_type);
	out->strings = g_string_chunk_new(4096);
	out->blocks = g_ptr_array_new_with_free_func(free_ranges);
	return out;
}

struct kgr_dwarf_types *kgr_dwarf_types_read(struct kgr_obj *obj, const char **missing,
					     GError **error)
{
	g_autoptr(kgr_dwarf_types) out = NULL;
	g_auto(kgr_dwarf_reader) reader = { 0 };
	g_autoptr(kgr_static_blocks) blocks = NULL;
	g_autoptr(GHashTable) funcs = NULL;
	struct view view;

	*missing = "no DWARF";
	if (!kgr_sec_named(obj, ".debug_info"))
		return NULL;
	out = dwarf_types_new();
	funcs = collect_functions(obj);
	blocks = kgr_static_blocks_new(&reader);
	view = (struct view){ .reader = &reader, .out = out, .blocks = blocks, .funcs = funcs };
	if (!kgr_dwarf_open(&reader, obj) || !kgr_dwarf_each_cu(reader.dbg, on_unit, &view) ||
	    view.damaged) {
		kgr_fail(error, KGR_TROUBLE, "%s: its DWARF is damaged; compile it again",
			 obj->path);
		return NULL;
	}
	*missing = "its DWARF in a file of its own (-gsplit-dwarf)";
	return view.split ? NULL : g_steal_pointer(&out);
}

void kgr_dwarf_types_free(struct kgr_dwarf_types *dwarf)
{
	if (!dwarf)
		return;
	g_hash_table_destroy(dwarf->types);
	g_string_chunk_free(dwarf->strings);
	g_ptr_array_free(dwarf->blocks, TRUE);
	g_free(dwarf);
}
