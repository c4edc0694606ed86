// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * In a relocatable object compiled with one section per function every address in DWARF is 0
 * before relocation, and libdwarf does not say which section a relocation pointed into. So the
 * sections are laid out at distinct addresses, the debug sections are relocated accordingly in a
 * private copy, and libdwarf reads that.
 */
#include <string.h>
#include <libdwarf/dwarf.h>
#include <libdwarf/libdwarf.h>

#include "dwarf-info.h"
#include "error.h"

#define FIRST_ADDRESS 0x10000
#define MAX_DEPTH 256

struct view {
	struct kgr_obj *obj;
	GPtrArray *secs; /* debug sections */
	GPtrArray *copies; /* their relocated bytes */
	Dwarf_Debug dbg;
	struct kgr_dwarf *out;
	GHashTable *funcs; /* base name -> list of symbols */
	char **files; /* of the CU at hand */
	Dwarf_Signed nfiles;
	unsigned int first_file; /* the number of files[0]: 0 since DWARF 5, 1 before */
	const char *source; /* of the CU at hand; NULL: not known */
	bool damaged, split;
};

/* Errors come back as return codes; without a handler libdwarf would abort the program. */
static void ignore_error(Dwarf_Error error, Dwarf_Ptr arg)
{
	(void)error;
	(void)arg;
}

/* The object as libdwarf asks for it: entry 0 is ELF's null section. */

static int view_section_info(void *arg, Dwarf_Half index, Dwarf_Obj_Access_Section *out, int *err)
{
	struct view *view = arg;
	struct kgr_sec *sec;

	(void)err;
	memset(out, 0, sizeof(*out));
	out->name = "";
	if (index > view->secs->len)
		return DW_DLV_NO_ENTRY;
	if (index == 0)
		return DW_DLV_OK;
	sec = g_ptr_array_index(view->secs, index - 1);
	out->name = sec->name;
	out->size = sec->sh.sh_size;
	out->type = SHT_PROGBITS;
	return DW_DLV_OK;
}

static Dwarf_Endianness view_order(void *arg)
{
	(void)arg;
	return DW_OBJECT_LSB;
}

static Dwarf_Small view_length_size(void *arg)
{
	(void)arg;
	return 4;
}

static Dwarf_Small view_pointer_size(void *arg)
{
	(void)arg;
	return 8;
}

static Dwarf_Unsigned view_count(void *arg)
{
	return ((struct view *)arg)->secs->len + 1;
}

static int view_load(void *arg, Dwarf_Half index, Dwarf_Small **data, int *err)
{
	struct view *view = arg;

	(void)err;
	if (index == 0 || index > view->secs->len)
		return DW_DLV_NO_ENTRY;
	*data = g_ptr_array_index(view->copies, index - 1);
	return DW_DLV_OK;
}

static const Dwarf_Obj_Access_Methods view_methods = {
	.get_section_info = view_section_info,
	.get_byte_order = view_order,
	.get_length_size = view_length_size,
	.get_pointer_size = view_pointer_size,
	.get_section_count = view_count,
	.load_section = view_load,
};

static void *relocated_copy(const struct kgr_sec *sec)
{
	uint8_t *copy = g_memdup2(sec->data, sec->sh.sh_size);
	size_t i;

	for (i = 0; i < sec->nrels; i++) {
		const struct kgr_rel *rel = &sec->rels[i];
		uint64_t value = rel->sym->value + (uint64_t)rel->addend;
		size_t width = rel->type == R_X86_64_64 ? 8 : rel->type == R_X86_64_32 ? 4 : 0;

		if (rel->sym->sec)
			value += rel->sym->sec->address;
		if (width && rel->offset + width <= sec->sh.sh_size)
			memcpy(copy + rel->offset, &value, width);
	}
	return copy;
}

/* What functions, objects and types are told by. The rest stays out of libdwarf's sight: of a damaged
 * .debug_rnglists its version 0.5.0 frees twice (found by make fuzz), and nobody here asks for ranges.
 */
static bool is_wanted(const char *name)
{
	static const char *const wanted[] = {
		".debug_info", ".debug_abbrev",	  ".debug_str",
		".debug_line", ".debug_line_str", ".debug_str_offsets",
		".debug_addr", ".debug_types",	  NULL
	};

	return g_strv_contains(wanted, name);
}

static void lay_out(struct view *view)
{
	uint64_t next = FIRST_ADDRESS;
	size_t i;

	for (i = 1; i < view->obj->nsecs; i++) {
		struct kgr_sec *sec = &view->obj->secs[i];

		if (sec->sh.sh_flags & SHF_ALLOC) {
			sec->address = next;
			/* A gap, so that one past the end is not the next one's start. */
			next += (sec->sh.sh_size + 0x1f) & ~0xfULL;
		}
	}
	for (i = 1; i < view->obj->nsecs; i++) {
		struct kgr_sec *sec = &view->obj->secs[i];

		if (is_wanted(sec->name) && sec->data && sec->sh.sh_size) {
			g_ptr_array_add(view->secs, sec);
			g_ptr_array_add(view->copies, relocated_copy(sec));
		}
	}
}

/* "n" is "n.1234", too. */
static bool is_called(const struct kgr_sym *sym, const char *name)
{
	size_t len = strlen(name);

	return !strncmp(sym->name, name, len) && (!sym->name[len] || sym->name[len] == '.');
}

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

		if (sym->value != pos || !is_called(sym, name))
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
	size_t i;

	for (i = 1; i < view->obj->nsecs; i++) {
		struct kgr_sec *sec = &view->obj->secs[i];

		/* At its end, too, may be an object without a byte. */
		if (sec->address && address >= sec->address &&
		    address <= sec->address + sec->sh.sh_size)
			return symbol_in(sec, address - sec->address, name, line);
	}
	return NULL;
}

/* Attributes. A missing one is no error: most are optional. */

static bool get_unsigned(Dwarf_Die die, Dwarf_Half which, uint64_t *value)
{
	Dwarf_Attribute attr;
	Dwarf_Unsigned u;
	Dwarf_Signed s;

	if (dwarf_attr(die, which, &attr, NULL) != DW_DLV_OK)
		return false;
	if (dwarf_formudata(attr, &u, NULL) == DW_DLV_OK)
		*value = u;
	else if (dwarf_formsdata(attr, &s, NULL) == DW_DLV_OK)
		*value = (uint64_t)s;
	else
		return false;
	return true;
}

static bool has(Dwarf_Die die, Dwarf_Half which)
{
	Dwarf_Bool there = FALSE;

	return dwarf_hasattr(die, which, &there, NULL) == DW_DLV_OK && there;
}

static bool get_ref(struct view *view, Dwarf_Die die, Dwarf_Half which, Dwarf_Die *target)
{
	Dwarf_Attribute attr;
	Dwarf_Off offset;

	return dwarf_attr(die, which, &attr, NULL) == DW_DLV_OK &&
	       dwarf_global_formref(attr, &offset, NULL) == DW_DLV_OK &&
	       dwarf_offdie_b(view->dbg, offset, TRUE, target, NULL) == DW_DLV_OK;
}

static const char *get_name(Dwarf_Die die)
{
	char *name;

	return dwarf_diename(die, &name, NULL) == DW_DLV_OK ? name : NULL;
}

static const char *get_file(struct view *view, Dwarf_Die die)
{
	uint64_t n;

	if (!get_unsigned(die, DW_AT_decl_file, &n) || n < view->first_file ||
	    n - view->first_file >= (uint64_t)view->nfiles)
		return NULL;
	return view->files[n - view->first_file];
}

/* The DIE that names an entity: itself, its abstract origin, or its specification. */
static Dwarf_Die naming_die(struct view *view, Dwarf_Die die)
{
	Dwarf_Die next;
	int hops;

	for (hops = 0; hops < 4; hops++) {
		if (get_name(die))
			return die;
		if (!get_ref(view, die, DW_AT_abstract_origin, &next) &&
		    !get_ref(view, die, DW_AT_specification, &next))
			break;
		die = next;
	}
	return die;
}

/* The source is the CU's name, which may be spelled otherwise than in the list of files. */
static bool is_same_file(const char *file, const char *source)
{
	const char *a = strrchr(file, '/'), *b = strrchr(source, '/');

	return !strcmp(a ? a + 1 : file, b ? b + 1 : source);
}

static void describe_symbol(struct view *view, struct kgr_sym *sym, Dwarf_Die named,
			    const char *scope)
{
	const char *name = get_name(named), *file = get_file(view, named);
	uint64_t line = 0;

	if (!name || sym->source_name)
		return;
	get_unsigned(named, DW_AT_decl_line, &line);
	sym->source_name = g_string_chunk_insert_const(view->out->strings, name);
	sym->decl_file = file ? g_string_chunk_insert_const(view->out->strings, file) : NULL;
	sym->decl_line = (unsigned int)line;
	sym->in_source = file && view->source && is_same_file(file, view->source);
	sym->scope = scope ? g_string_chunk_insert_const(view->out->strings, scope) : NULL;
}

static void on_variable(struct view *view, Dwarf_Die die, const char *scope)
{
	Dwarf_Attribute attr;
	Dwarf_Unsigned len;
	Dwarf_Ptr expr;
	uint64_t address, line = 0;
	struct kgr_sym *sym;
	Dwarf_Die named;

	if (dwarf_attr(die, DW_AT_location, &attr, NULL) != DW_DLV_OK ||
	    dwarf_formexprloc(attr, &len, &expr, NULL) != DW_DLV_OK || len != 9 ||
	    *(uint8_t *)expr != DW_OP_addr)
		return;
	memcpy(&address, (uint8_t *)expr + 1, 8);
	named = naming_die(view, die);
	get_unsigned(named, DW_AT_decl_line, &line);
	sym = symbol_at(view, address, get_name(named), line);
	if (sym)
		describe_symbol(view, sym, named, scope);
}

static char *type_name(struct view *view, Dwarf_Die die, int depth)
{
	const char *name = get_name(die), *kind = "";
	Dwarf_Die target;
	Dwarf_Half tag;
	char *inner, *out;

	if (depth > 16 || dwarf_tag(die, &tag, NULL) != DW_DLV_OK)
		return g_strdup("?");
	switch (tag) {
	case DW_TAG_structure_type:
		kind = "struct ";
		break;
	case DW_TAG_union_type:
		kind = "union ";
		break;
	case DW_TAG_enumeration_type:
		kind = "enum ";
		break;
	}
	if (name)
		return g_strconcat(kind, name, NULL);
	if (*kind)
		return g_strconcat(kind, "{...}", NULL);
	inner = get_ref(view, die, DW_AT_type, &target) ? type_name(view, target, depth + 1) :
							  g_strdup("void");
	switch (tag) {
	case DW_TAG_pointer_type:
		out = g_strconcat(inner, " *", NULL);
		break;
	case DW_TAG_array_type: {
		GString *dims = g_string_new(inner);
		Dwarf_Die sub, next;
		uint64_t bound;

		if (dwarf_child(die, &sub, NULL) == DW_DLV_OK) {
			do {
				if (get_unsigned(sub, DW_AT_upper_bound, &bound))
					g_string_append_printf(dims, "[%" G_GUINT64_FORMAT "]",
							       bound + 1);
				else if (get_unsigned(sub, DW_AT_count, &bound))
					g_string_append_printf(dims, "[%" G_GUINT64_FORMAT "]",
							       bound);
				else
					g_string_append(dims, "[]");
			} while (dwarf_siblingof_b(view->dbg, sub, TRUE, &next, NULL) ==
					 DW_DLV_OK &&
				 (sub = next));
		}
		out = g_string_free(dims, FALSE);
		break;
	}
	case DW_TAG_subroutine_type:
		out = g_strconcat(inner, " ()", NULL);
		break;
	default: /* const, volatile, restrict, atomic: no part of the layout */
		out = g_strdup(inner);
	}
	g_free(inner);
	return out;
}

/* "int (struct file *, ...)" */
static const char *signature(struct view *view, Dwarf_Die func)
{
	GString *out = g_string_new(NULL);
	Dwarf_Die child, next, type;
	const char *kept;
	Dwarf_Half tag;
	char *one;

	one = get_ref(view, func, DW_AT_type, &type) ? type_name(view, type, 0) : g_strdup("void");
	g_string_append_printf(out, "%s (", one);
	g_free(one);
	if (dwarf_child(func, &child, NULL) == DW_DLV_OK) {
		do {
			if (dwarf_tag(child, &tag, NULL) != DW_DLV_OK ||
			    (tag != DW_TAG_formal_parameter &&
			     tag != DW_TAG_unspecified_parameters))
				continue;
			one = tag != DW_TAG_formal_parameter	      ? g_strdup("...") :
			      get_ref(view, child, DW_AT_type, &type) ? type_name(view, type, 0) :
									g_strdup("?");
			g_string_append_printf(out, "%s%s",
					       g_str_has_suffix(out->str, "(") ? "" : ", ", one);
			g_free(one);
		} while (dwarf_siblingof_b(view->dbg, child, TRUE, &next, NULL) == DW_DLV_OK &&
			 (child = next));
	}
	g_string_append_c(out, ')');
	kept = g_string_chunk_insert_const(view->out->strings, out->str);
	g_string_free(out, TRUE);
	return kept;
}

/* Function names are unique in a unit, but for clones; those carry their origin's name first. */
static void on_function(struct view *view, Dwarf_Die named)
{
	const char *name = get_name(named);
	GSList *list;

	if (!name)
		return;
	for (list = g_hash_table_lookup(view->funcs, name); list; list = list->next) {
		struct kgr_sym *sym = list->data;

		describe_symbol(view, sym, named, NULL);
		/* Nobody else calls a local one. */
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

		if (dwarf_tag(member, &tag, NULL) == DW_DLV_OK &&
		    (tag == DW_TAG_member || tag == DW_TAG_enumerator)) {
			m.name = g_strdup(get_name(member) ?: "");
			get_unsigned(member,
				     tag == DW_TAG_member ? DW_AT_data_member_location :
							    DW_AT_const_value,
				     &m.offset);
			m.offset += base;
			get_unsigned(member, DW_AT_data_bit_offset, &m.bit_offset);
			get_unsigned(member, DW_AT_bit_size, &m.bit_size);
			if (tag == DW_TAG_member && get_ref(view, member, DW_AT_type, &target)) {
				m.type = type_name(view, target, 0);
				g_array_append_val(type->members, m);
				/* What has no name of its own is part of this type's layout. */
				if (!get_name(target))
					add_members(view, type, target, m.offset, depth + 1);
			} else {
				m.type = g_strdup("");
				g_array_append_val(type->members, m);
			}
		}
		if (dwarf_siblingof_b(view->dbg, member, TRUE, &next, NULL) != DW_DLV_OK)
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

static bool has_tag(Dwarf_Die die, Dwarf_Half which)
{
	Dwarf_Half tag;

	return dwarf_tag(die, &tag, NULL) == DW_DLV_OK && tag == which;
}

static bool is_compound(Dwarf_Die die)
{
	return has_tag(die, DW_TAG_structure_type) || has_tag(die, DW_TAG_union_type) ||
	       has_tag(die, DW_TAG_enumeration_type);
}

/* @name: taken over. @die: where it is declared; @body: what it is */
static void add_type(struct view *view, char *name, Dwarf_Die die, Dwarf_Die body, uint64_t size)
{
	struct kgr_type *type = g_new0(struct kgr_type, 1);
	uint64_t line = 0;

	type->name = name;
	type->file = g_strdup(get_file(view, die));
	get_unsigned(die, DW_AT_decl_line, &line);
	type->line = (unsigned int)line;
	type->size = size;
	type->is_enum = has_tag(body, DW_TAG_enumeration_type);
	type->users = g_ptr_array_new();
	type->members = g_array_new(FALSE, FALSE, sizeof(struct kgr_member));
	g_array_set_clear_func(type->members, clear_member);
	if (is_compound(body))
		add_members(view, type, body, 0, 0);
	g_hash_table_replace(view->out->types, type->name, type);
}

static void on_type(struct view *view, Dwarf_Die die)
{
	uint64_t size;

	/* A mere declaration has no size. */
	if (get_name(die) && get_unsigned(die, DW_AT_byte_size, &size))
		add_type(view, type_name(view, die, 0), die, die, size);
}

/* Of a structure without a name of its own its layout counts, of a number how long it is. */
static void on_typedef(struct view *view, Dwarf_Die die)
{
	const char *name = get_name(die);
	Dwarf_Die target, from = die;
	uint64_t size;
	int hops;

	for (hops = 0; name && hops < MAX_DEPTH && get_ref(view, from, DW_AT_type, &target);
	     hops++, from = target) {
		if (is_compound(target) && get_name(target))
			return;
		if (!get_unsigned(target, DW_AT_byte_size, &size))
			continue;
		add_type(view, g_strconcat("typedef ", name, NULL), die, target, size);
		return;
	}
}

/* A variable or a parameter: its function uses the type, directly or through pointers. */
static void note_user(struct view *view, Dwarf_Die die, const char *scope)
{
	Dwarf_Die target, from = naming_die(view, die);
	struct kgr_type *type;
	int hops;

	for (hops = 0; scope && hops < MAX_DEPTH && get_ref(view, from, DW_AT_type, &target);
	     hops++, from = target) {
		char *name;
		guint i;

		if (!is_compound(target))
			continue;
		name = type_name(view, target, 0);
		type = g_hash_table_lookup(view->out->types, name);
		g_free(name);
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

static void walk(struct view *view, Dwarf_Die die, const char *scope, int depth)
{
	Dwarf_Die child, next;
	Dwarf_Half tag;
	int rc;

	if (depth > MAX_DEPTH) {
		view->damaged = true;
		return;
	}
	for (;; die = next) {
		const char *inner = scope;

		if (dwarf_tag(die, &tag, NULL) != DW_DLV_OK) {
			view->damaged = true;
			return;
		}
		switch (tag) {
		case DW_TAG_subprogram: {
			Dwarf_Die named = naming_die(view, die);

			inner = get_name(named);
			on_function(view, named);
			break;
		}
		case DW_TAG_inlined_subroutine:
			inner = get_name(naming_die(view, die));
			break;
		case DW_TAG_variable:
			on_variable(view, die, scope);
			note_user(view, die, scope);
			break;
		case DW_TAG_formal_parameter:
			note_user(view, die, scope);
			break;
		case DW_TAG_typedef:
			on_typedef(view, die);
			break;
		case DW_TAG_structure_type:
		case DW_TAG_union_type:
		case DW_TAG_enumeration_type:
			on_type(view, die);
			break;
		}
		if (tag == DW_TAG_compile_unit || tag == DW_TAG_subprogram ||
		    tag == DW_TAG_lexical_block || tag == DW_TAG_inlined_subroutine) {
			rc = dwarf_child(die, &child, NULL);
			if (rc == DW_DLV_OK)
				walk(view, child, inner, depth + 1);
			else if (rc == DW_DLV_ERROR)
				view->damaged = true;
		}
		rc = dwarf_siblingof_b(view->dbg, die, TRUE, &next, NULL);
		if (rc != DW_DLV_OK) {
			view->damaged |= rc == DW_DLV_ERROR;
			return;
		}
	}
}

static void walk_units(struct view *view)
{
	Dwarf_Unsigned length, typeoffset, next;
	Dwarf_Half version, address_size, length_size, extension, kind;
	Dwarf_Off abbrev;
	Dwarf_Sig8 sig;
	Dwarf_Die cu;
	int rc;

	while ((rc = dwarf_next_cu_header_d(view->dbg, TRUE, &length, &version, &abbrev,
					    &address_size, &length_size, &extension, &sig,
					    &typeoffset, &next, &kind, NULL)) == DW_DLV_OK) {
		if (dwarf_siblingof_b(view->dbg, NULL, TRUE, &cu, NULL) != DW_DLV_OK) {
			view->damaged = true;
			return;
		}
		view->split |= has(cu, DW_AT_dwo_name) || has(cu, DW_AT_GNU_dwo_name);
		view->source = get_name(cu);
		view->nfiles = 0;
		if (dwarf_srcfiles(cu, &view->files, &view->nfiles, NULL) != DW_DLV_OK)
			view->nfiles = 0;
		view->first_file = version >= 5 ? 0 : 1;
		walk(view, cu, NULL, 0);
	}
	view->damaged |= rc == DW_DLV_ERROR;
}

static void collect_functions(struct view *view)
{
	size_t i;

	view->funcs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
					    (GDestroyNotify)g_slist_free);
	for (i = 0; i < view->obj->nsyms; i++) {
		struct kgr_sym *sym = &view->obj->syms[i];
		GSList *list;
		char *base;

		if (!kgr_sym_is_func(sym))
			continue;
		base = g_strndup(sym->name, strcspn(sym->name, "."));
		list = g_slist_copy(g_hash_table_lookup(view->funcs, base));
		g_hash_table_replace(view->funcs, base, g_slist_prepend(list, sym));
	}
}

struct kgr_dwarf *kgr_dwarf_read(struct kgr_obj *obj, const char **missing, GError **error)
{
	struct view view = { .obj = obj };
	Dwarf_Error problem = NULL;
	Dwarf_Obj_Access_Interface access = { .object = &view, .methods = &view_methods };
	int rc;

	*missing = "no DWARF";
	if (!kgr_sec_named(obj, ".debug_info"))
		return NULL;
	view.secs = g_ptr_array_new();
	view.copies = g_ptr_array_new_with_free_func(g_free);
	lay_out(&view);
	view.out = g_new0(struct kgr_dwarf, 1);
	view.out->types = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_type);
	view.out->strings = g_string_chunk_new(4096);
	collect_functions(&view);

	rc = dwarf_object_init_b(&access, ignore_error, NULL, DW_GROUPNUMBER_ANY, &view.dbg,
				 &problem);
	if (rc == DW_DLV_OK) {
		walk_units(&view);
		dwarf_object_finish(view.dbg, NULL);
	}
	*missing = "its DWARF in a file of its own (-gsplit-dwarf)";
	if (rc != DW_DLV_OK || view.damaged)
		kgr_fail(error, KGR_TROUBLE, "%s: its DWARF is damaged", obj->path);
	if (rc != DW_DLV_OK || view.damaged || view.split)
		g_clear_pointer(&view.out, kgr_dwarf_free);
	g_hash_table_destroy(view.funcs);
	g_ptr_array_free(view.secs, TRUE);
	g_ptr_array_free(view.copies, TRUE);
	return view.out;
}

void kgr_dwarf_free(struct kgr_dwarf *dwarf)
{
	if (!dwarf)
		return;
	g_hash_table_destroy(dwarf->types);
	g_string_chunk_free(dwarf->strings);
	g_free(dwarf);
}
