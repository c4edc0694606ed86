// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * In a relocatable object compiled with one section per function every address in DWARF is 0
 * before relocation, and libdwarf does not say which section a relocation pointed into. So the
 * sections are laid out at distinct addresses, the debug sections are relocated accordingly in a
 * private copy, and libdwarf reads that.
 */
#include <string.h>

#include "dwarf/dwarf-reader.h"
#include "dwarf/debug-line-check.h"
#include "dwarf/debug-rnglists-check.h"
#include "elf/arch.h"
#include "elf/reloc.h"

#define FIRST_ADDRESS 0x10000
#define MAX_DEPTH 256
#define MAX_TYPES 16 /* that a type's name consists of */

static void *relocated_copy(const struct kgr_arch *arch, const struct kgr_sec *sec)
{
	uint8_t *copy = g_memdup2(sec->data, sec->sh.sh_size);
	size_t i;

	for (i = 0; i < sec->nrels; i++) {
		const struct kgr_rel *rel = &sec->rels[i];
		uint64_t value = rel->sym->value + (uint64_t)rel->addend;
		unsigned int width = kgr_rel_width(rel);

		if (rel->sym->sec)
			value += rel->sym->sec->address;
		if (width >= 4 && !rel->howto->pcrel && rel->offset + width <= sec->sh.sh_size)
			kgr_arch_write(arch, copy + rel->offset, width, value);
	}
	return copy;
}

/* What functions, objects and types are told by. The rest stays out of libdwarf's sight. */
static bool is_wanted(const struct kgr_sec *sec)
{
	static const char *const wanted[] = {
		".debug_info",	   ".debug_abbrev",	 ".debug_str",	   ".debug_line",
		".debug_line_str", ".debug_str_offsets", ".debug_addr",	   ".debug_types",
		".debug_ranges",   ".debug_rnglists",	 ".debug_aranges", NULL
	};

	return sec->data && sec->sh.sh_size && g_strv_contains(wanted, sec->name);
}

/* Lists of ranges that it cannot be trusted with libdwarf does not see either: all that is asked of them has an answer
 * without.
 */
static bool is_harmless(const struct kgr_arch *arch, const struct kgr_sec *sec, const void *copy)
{
	return !KGR_LIBDWARF_TRUSTS_INPUT || strcmp(sec->name, ".debug_rnglists") != 0 ||
	       kgr_debug_rnglists_is_sane(arch, copy, sec->sh.sh_size);
}

static void lay_out(struct kgr_dwarf_reader *reader)
{
	uint64_t next = FIRST_ADDRESS;
	size_t i;

	for (i = 1; i < reader->obj->nsecs; i++) {
		struct kgr_sec *sec = &reader->obj->secs[i];

		if (sec->sh.sh_flags & SHF_ALLOC) {
			sec->address = next;
			/* A gap, so that one past the end is not the next one's start. */
			next += (sec->sh.sh_size + 0x1f) & ~0xfULL;
		}
	}
	for (i = 1; i < reader->obj->nsecs; i++) {
		struct kgr_sec *sec = &reader->obj->secs[i];

		if (is_wanted(sec)) {
			g_autofree void *copy = relocated_copy(reader->obj->arch, sec);

			if (!is_harmless(reader->obj->arch, sec, copy))
				continue;
			kgr_dwarf_access_add(&reader->access, sec->name, copy, sec->sh.sh_size);
			g_ptr_array_add(reader->copies, g_steal_pointer(&copy));
		}
	}
}

static uint64_t size_of_all(const struct kgr_obj *obj)
{
	uint64_t size = 0;
	size_t i;

	for (i = 1; i < obj->nsecs; i++)
		size += obj->secs[i].sh.sh_size;
	return size;
}

bool kgr_dwarf_open(struct kgr_dwarf_reader *reader, struct kgr_obj *obj)
{
	*reader = (struct kgr_dwarf_reader){
		.obj = obj,
		.copies = g_ptr_array_new_with_free_func(g_free),
	};
	kgr_dwarf_access_init(&reader->access, obj->arch->big_endian, size_of_all(obj));
	lay_out(reader);
	if (!kgr_dwarf_access_open(&reader->access))
		return false;
	reader->dbg = reader->access.dbg;
	return true;
}

void kgr_dwarf_close(struct kgr_dwarf_reader *reader)
{
	kgr_dwarf_access_close(&reader->access);
	g_clear_pointer(&reader->copies, g_ptr_array_unref);
	reader->dbg = NULL;
}

bool kgr_dwarf_each_cu(Dwarf_Debug dbg, kgr_on_unit on_unit, void *arg)
{
	Dwarf_Unsigned length, typeoffset, next;
	Dwarf_Half version, address_size, length_size, extension, kind;
	/* Without a place for it libdwarf aborts where no handler is set. */
	Dwarf_Error problem = NULL;
	Dwarf_Off abbrev;
	Dwarf_Sig8 sig;
	Dwarf_Die cu;
	int rc;

	while ((rc = dwarf_next_cu_header_d(dbg, TRUE, &length, &version, &abbrev, &address_size,
					    &length_size, &extension, &sig, &typeoffset, &next,
					    &kind, &problem)) == DW_DLV_OK) {
		if (dwarf_siblingof_b(dbg, NULL, TRUE, &cu, &problem) != DW_DLV_OK)
			return false;
		on_unit(arg, cu, version);
	}
	return rc != DW_DLV_ERROR;
}

static int sibling_below(const struct kgr_dwarf_reader *reader, Dwarf_Die die, Dwarf_Die *next,
			 int depth);

/* Do its children and theirs follow each other to an end? */
static bool ends_below(const struct kgr_dwarf_reader *reader, Dwarf_Die die, int depth)
{
	Dwarf_Die child, next;
	int rc = depth > MAX_DEPTH ? DW_DLV_ERROR : dwarf_child(die, &child, NULL);

	while (rc == DW_DLV_OK) {
		rc = sibling_below(reader, child, &next, depth + 1);
		child = next;
	}
	return rc == DW_DLV_NO_ENTRY;
}

/*
 * libdwarf 0.5 follows DW_AT_sibling wherever it points: back, too, and then for ever. Of a DIE without it libdwarf
 * goes through what is below.
 */
static int sibling_below(const struct kgr_dwarf_reader *reader, Dwarf_Die die, Dwarf_Die *next,
			 int depth)
{
	Dwarf_Off here, there;
	Dwarf_Attribute attr;

	if (!KGR_LIBDWARF_TRUSTS_INPUT)
		return dwarf_siblingof_b(reader->dbg, die, TRUE, next, NULL);
	if (dwarf_attr(die, DW_AT_sibling, &attr, NULL) == DW_DLV_OK) {
		if (dwarf_global_formref(attr, &there, NULL) != DW_DLV_OK ||
		    dwarf_dieoffset(die, &here, NULL) != DW_DLV_OK || there <= here)
			return DW_DLV_ERROR;
	} else if (!ends_below(reader, die, depth)) {
		return DW_DLV_ERROR;
	}
	return dwarf_siblingof_b(reader->dbg, die, TRUE, next, NULL);
}

int kgr_die_sibling(const struct kgr_dwarf_reader *reader, Dwarf_Die die, Dwarf_Die *next)
{
	return sibling_below(reader, die, next, 0);
}

struct walk {
	const struct kgr_dwarf_reader *reader;
	kgr_on_die on_die;
	void *arg;
	size_t size;
};

/* One DIE, what is below it, and, but for the unit itself, those behind it. */
static bool walk(const struct walk *w, Dwarf_Die die, const void *outer, int depth)
{
	g_autofree void *inner = g_malloc(w->size);
	Dwarf_Die child, next;
	Dwarf_Half tag;
	int rc;

	for (;; die = next) {
		if (depth > MAX_DEPTH || dwarf_tag(die, &tag, NULL) != DW_DLV_OK)
			return false;
		memcpy(inner, outer, w->size);
		if (w->on_die(w->arg, die, tag, outer, inner)) {
			rc = dwarf_child(die, &child, NULL);
			if (rc == DW_DLV_ERROR ||
			    (rc == DW_DLV_OK && !walk(w, child, inner, depth + 1)))
				return false;
		}
		/* Behind a whole unit there is the next, which is another's to find. */
		rc = depth ? kgr_die_sibling(w->reader, die, &next) : DW_DLV_NO_ENTRY;
		if (rc != DW_DLV_OK)
			return rc == DW_DLV_NO_ENTRY;
	}
}

bool kgr_die_walk(const struct kgr_dwarf_reader *reader, Dwarf_Die cu, kgr_on_die on_die, void *arg,
		  const void *outer, size_t size)
{
	const struct walk w = { reader, on_die, arg, size };

	return walk(&w, cu, outer, 0);
}

bool kgr_die_unsigned(Dwarf_Die die, Dwarf_Half which, uint64_t *value)
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

static bool line_header_fits(const struct kgr_dwarf_reader *reader, Dwarf_Die cu)
{
	Dwarf_Attribute attr;
	Dwarf_Off at;
	guint i;

	if (!KGR_LIBDWARF_TRUSTS_INPUT)
		return true;
	if (dwarf_attr(cu, DW_AT_stmt_list, &attr, NULL) != DW_DLV_OK ||
	    dwarf_global_formref(attr, &at, NULL) != DW_DLV_OK)
		return false;
	for (i = 0; i < reader->access.sections->len; i++) {
		const struct kgr_dwarf_section *s =
			&g_array_index(reader->access.sections, struct kgr_dwarf_section, i);

		if (!strcmp(s->name, ".debug_line"))
			return kgr_debug_line_is_sane(reader->obj->arch, s->bytes, s->size, at);
	}
	return false;
}

Dwarf_Signed kgr_die_files(const struct kgr_dwarf_reader *reader, Dwarf_Die cu, char ***files)
{
	Dwarf_Signed count;

	return line_header_fits(reader, cu) &&
			       dwarf_srcfiles(cu, files, &count, NULL) == DW_DLV_OK ?
		       count :
		       0;
}

bool kgr_die_has(Dwarf_Die die, Dwarf_Half which)
{
	Dwarf_Bool there = FALSE;

	return dwarf_hasattr(die, which, &there, NULL) == DW_DLV_OK && there;
}

bool kgr_die_ref(const struct kgr_dwarf_reader *reader, Dwarf_Die die, Dwarf_Half which,
		 Dwarf_Die *target)
{
	Dwarf_Attribute attr;
	Dwarf_Off offset;

	return dwarf_attr(die, which, &attr, NULL) == DW_DLV_OK &&
	       dwarf_global_formref(attr, &offset, NULL) == DW_DLV_OK &&
	       dwarf_offdie_b(reader->dbg, offset, TRUE, target, NULL) == DW_DLV_OK;
}

const char *kgr_die_name(Dwarf_Die die)
{
	char *name;

	return dwarf_diename(die, &name, NULL) == DW_DLV_OK ? name : NULL;
}

Dwarf_Die kgr_die_naming(const struct kgr_dwarf_reader *reader, Dwarf_Die die)
{
	Dwarf_Die next;
	int hops;

	for (hops = 0; hops < 4; hops++) {
		if (kgr_die_name(die))
			return die;
		if (!kgr_die_ref(reader, die, DW_AT_abstract_origin, &next) &&
		    !kgr_die_ref(reader, die, DW_AT_specification, &next))
			break;
		die = next;
	}
	return die;
}

/* "[4][]" */
static char *dimensions(const struct kgr_dwarf_reader *reader, Dwarf_Die array)
{
	GString *out = g_string_new(NULL);
	Dwarf_Die sub, next = NULL;
	uint64_t bound;
	int rc;

	for (rc = dwarf_child(array, &sub, NULL); rc == DW_DLV_OK;
	     rc = kgr_die_sibling(reader, sub, &next), sub = next) {
		if (kgr_die_unsigned(sub, DW_AT_upper_bound, &bound))
			g_string_append_printf(out, "[%" G_GUINT64_FORMAT "]", bound + 1);
		else if (kgr_die_unsigned(sub, DW_AT_count, &bound))
			g_string_append_printf(out, "[%" G_GUINT64_FORMAT "]", bound);
		else
			g_string_append(out, "[]");
	}
	return g_string_free(out, FALSE);
}

/* "struct " of a structure, "" of what is no structure, union or enumeration */
static const char *kind_of(Dwarf_Half tag)
{
	switch (tag) {
	case DW_TAG_structure_type:
		return "struct ";
	case DW_TAG_union_type:
		return "union ";
	case DW_TAG_enumeration_type:
		return "enum ";
	default:
		return "";
	}
}

static char *type_name(const struct kgr_dwarf_reader *reader, Dwarf_Die die, int depth)
{
	const char *name = kgr_die_name(die), *kind;
	g_autofree char *inner = NULL, *dims = NULL;
	Dwarf_Die target;
	Dwarf_Half tag;

	if (depth > MAX_TYPES || dwarf_tag(die, &tag, NULL) != DW_DLV_OK)
		return g_strdup("?");
	kind = kind_of(tag);
	if (name || *kind)
		return g_strconcat(kind, name ?: "{...}", NULL);
	inner = kgr_die_ref(reader, die, DW_AT_type, &target) ?
			type_name(reader, target, depth + 1) :
			g_strdup("void");
	switch (tag) {
	case DW_TAG_pointer_type:
		return g_strconcat(inner, " *", NULL);
	case DW_TAG_array_type:
		dims = dimensions(reader, die);
		return g_strconcat(inner, dims, NULL);
	case DW_TAG_subroutine_type:
		return g_strconcat(inner, " ()", NULL);
	default: /* const, volatile, restrict, atomic: no part of the layout */
		return g_steal_pointer(&inner);
	}
}

char *kgr_die_type_name(const struct kgr_dwarf_reader *reader, Dwarf_Die die)
{
	return type_name(reader, die, 0);
}

bool kgr_die_address(const struct kgr_dwarf_reader *reader, Dwarf_Die die, uint64_t *address)
{
	Dwarf_Attribute attr;
	Dwarf_Unsigned len;
	Dwarf_Ptr expr;

	if (dwarf_attr(die, DW_AT_location, &attr, NULL) != DW_DLV_OK ||
	    dwarf_formexprloc(attr, &len, &expr, NULL) != DW_DLV_OK || len != 9 ||
	    *(uint8_t *)expr != DW_OP_addr)
		return false;
	*address = kgr_arch_read(reader->obj->arch, (const uint8_t *)expr + 1, 8);
	return true;
}

bool kgr_die_is(Dwarf_Die die, Dwarf_Half which)
{
	Dwarf_Half tag;

	return dwarf_tag(die, &tag, NULL) == DW_DLV_OK && tag == which;
}

bool kgr_die_is_compound(Dwarf_Die die)
{
	return kgr_die_is(die, DW_TAG_structure_type) || kgr_die_is(die, DW_TAG_union_type) ||
	       kgr_die_is(die, DW_TAG_enumeration_type);
}

/* The source is the CU's name, which may be spelled otherwise than in the list of files. */
bool kgr_same_file(const char *file, const char *source)
{
	const char *a = strrchr(file, '/'), *b = strrchr(source, '/');

	return !strcmp(a ? a + 1 : file, b ? b + 1 : source);
}
