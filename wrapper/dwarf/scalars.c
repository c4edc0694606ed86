// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Goes down into an object's type to the number or pointer that a byte is of:
 *
 *	struct bar { char name[4]; struct { int min, max; } range[2]; } foo;
 *
 *	offset 17: in .range, which begins at 4; in its element 1, at 12; in .max, at 16: ".range[1].max", 4 bytes at 16
 *
 * In a union all members are gone down into, and all have to come to the same place.
 */
#include <string.h>

#include "dwarf/dwarf-reader.h"
#include "dwarf/scalars.h"

#define MAX_DEPTH 32
#define MAX_DIMENSIONS 8

struct looking {
	struct kgr_dwarf_reader reader;
	uint64_t address; /* the object's, as the reader has it */
	const char *object;
	const GArray *offsets;
	GArray *found; /* of struct kgr_scalar; NULL: the object has not been found */
	char *why_not;
};

static void clear_scalar(gpointer data)
{
	struct kgr_scalar *scalar = data;

	g_free(scalar->path);
}

static void object_to(struct looking *l, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void object_to(struct looking *l, const char *format, ...)
{
	va_list args;

	if (l->why_not)
		return;
	va_start(args, format);
	l->why_not = g_strdup_vprintf(format, args);
	va_end(args);
}

/* Without typedefs and qualifiers; false if nothing is left, as of void. */
static bool plain_type(const struct looking *l, Dwarf_Die die, Dwarf_Die *type, Dwarf_Half *tag)
{
	int hops;

	for (hops = 0; hops < MAX_DEPTH; hops++) {
		if (!kgr_die_ref(&l->reader, die, DW_AT_type, type) ||
		    dwarf_tag(*type, tag, NULL) != DW_DLV_OK)
			return false;
		if (*tag != DW_TAG_typedef && *tag != DW_TAG_const_type &&
		    *tag != DW_TAG_volatile_type && *tag != DW_TAG_restrict_type &&
		    *tag != DW_TAG_atomic_type)
			return true;
		die = *type;
	}
	return false;
}

/* How many dimensions, whose lengths go to @lengths; 0 for one that is not known. */
static int dimensions(const struct looking *l, Dwarf_Die array, uint64_t *lengths)
{
	Dwarf_Die sub, next = NULL;
	uint64_t bound;
	int count = 0, rc;

	for (rc = dwarf_child(array, &sub, NULL); rc == DW_DLV_OK && count < MAX_DIMENSIONS;
	     rc = kgr_die_sibling(&l->reader, sub, &next), sub = next) {
		if (!kgr_die_is(sub, DW_TAG_subrange_type))
			continue;
		if (kgr_die_unsigned(sub, DW_AT_upper_bound, &bound))
			lengths[count++] = bound + 1;
		else
			lengths[count++] = kgr_die_unsigned(sub, DW_AT_count, &bound) ? bound : 0;
	}
	return count;
}

/* Of what has a type; an array without a length has no size. */
static uint64_t size_of(const struct looking *l, Dwarf_Die typed, int depth)
{
	uint64_t size = 0, lengths[MAX_DIMENSIONS];
	Dwarf_Die type;
	Dwarf_Half tag;
	int i, count;

	if (depth > MAX_DEPTH || !plain_type(l, typed, &type, &tag))
		return 0;
	if (kgr_die_unsigned(type, DW_AT_byte_size, &size) || tag != DW_TAG_array_type)
		return size;
	size = size_of(l, type, depth + 1);
	count = dimensions(l, type, lengths);
	for (i = 0; i < count; i++)
		size *= lengths[i];
	return size;
}

static enum kgr_scalar_kind kind_of(Dwarf_Die type, Dwarf_Half tag)
{
	uint64_t encoding = 0;

	if (tag == DW_TAG_pointer_type)
		return KGR_SCALAR_POINTER;
	kgr_die_unsigned(type, DW_AT_encoding, &encoding);
	return encoding == DW_ATE_boolean				   ? KGR_SCALAR_BOOL :
	       encoding == DW_ATE_signed || encoding == DW_ATE_signed_char ? KGR_SCALAR_SIGNED :
									     KGR_SCALAR_UNSIGNED;
}

static void found(struct looking *l, const char *path, uint64_t at, uint64_t size,
		  enum kgr_scalar_kind kind)
{
	const struct kgr_scalar *last =
		l->found->len ? &g_array_index(l->found, struct kgr_scalar, l->found->len - 1) :
				NULL;
	struct kgr_scalar scalar = { NULL, at, (unsigned int)size, kind };

	if (last && last->offset == at && last->size == size)
		return;
	if (last && last->offset + last->size > at) {
		object_to(l, "%s%s and %s%s are in one place", l->object, last->path, l->object,
			  path);
		return;
	}
	if ((size != 1 && size != 2 && size != 4 && size != 8) || at % size) {
		object_to(l,
			  "%s%s is not written in one store (%" G_GUINT64_FORMAT
			  " bytes at offset %" G_GUINT64_FORMAT ")",
			  l->object, path, size, at);
		return;
	}
	scalar.path = g_strdup(path);
	g_array_append_val(l->found, scalar);
}

/* What counts on the kernel's doing more than writing it. */
static bool is_kept_by_kernel(Dwarf_Die type)
{
	static const char *const names[] = {
		"static_key", "static_call_key", "tracepoint",	    "lockdep_map", "raw_spinlock",
		"qspinlock",  "mutex",		 "rw_semaphore",    "list_head",   "hlist_head",
		"hlist_node", "rb_node",	 "static_call_mod", NULL
	};
	const char *name = kgr_die_name(type);

	return name && g_strv_contains(names, name);
}

static void go_down(struct looking *l, Dwarf_Die typed, const char *path, uint64_t at,
		    uint64_t wanted, int depth);

static void go_into_array(struct looking *l, Dwarf_Die array, const char *path, uint64_t at,
			  uint64_t wanted, int depth)
{
	uint64_t size = size_of(l, array, 0), lengths[MAX_DIMENSIONS], index, left, below = 1;
	int count = dimensions(l, array, lengths), i;
	g_autoptr(GString) element = g_string_new(path);

	if (!size) {
		object_to(l, "%s%s is not understood", l->object, path);
		return;
	}
	index = left = (wanted - at) / size;
	for (i = 1; i < count; i++)
		below *= MAX(lengths[i], 1);
	for (i = 0; i < count; i++) {
		g_string_append_printf(element, "[%" G_GUINT64_FORMAT "]", left / below);
		left %= below;
		if (i + 1 < count)
			below /= MAX(lengths[i + 1], 1);
	}
	go_down(l, array, element->str, at + index * size, wanted, depth);
}

/* Is the byte of a bit field, whose neighbours are in the same byte? */
static bool is_bits(Dwarf_Die member, uint64_t size, uint64_t wanted)
{
	uint64_t bits, first = 0, at = 0;

	if (!kgr_die_unsigned(member, DW_AT_bit_size, &bits))
		return false;
	/* Before DWARF 5 counted in the other direction, in the whole number. */
	kgr_die_unsigned(member, DW_AT_data_member_location, &at);
	if (!kgr_die_unsigned(member, DW_AT_data_bit_offset, &first))
		return wanted - at < size;
	return wanted >= first / 8 && wanted <= (first + bits - 1) / 8;
}

static void go_into_members(struct looking *l, Dwarf_Die type, const char *path, uint64_t at,
			    uint64_t wanted, int depth)
{
	Dwarf_Die member, next = NULL;
	int rc;

	if (is_kept_by_kernel(type)) {
		object_to(l, "%s%s is a struct %s, which the kernel keeps", l->object, path,
			  kgr_die_name(type));
		return;
	}
	for (rc = dwarf_child(type, &member, NULL); rc == DW_DLV_OK;
	     rc = kgr_die_sibling(&l->reader, member, &next), member = next) {
		const char *name = kgr_die_name(member);
		g_autofree char *inner = name ? g_strconcat(path, ".", name, NULL) : g_strdup(path);
		uint64_t offset = 0, size;

		if (!kgr_die_is(member, DW_TAG_member))
			continue;
		size = size_of(l, member, 0);
		if (is_bits(member, size, wanted - at)) {
			object_to(l, "%s%s is a bit field, and others are in the same byte",
				  l->object, inner);
			return;
		}
		kgr_die_unsigned(member, DW_AT_data_member_location, &offset);
		/* A flexible array has no size, and goes on to the end. */
		if (!kgr_die_has(member, DW_AT_bit_size) && wanted >= at + offset &&
		    (!size || wanted < at + offset + size))
			go_down(l, member, inner, at + offset, wanted, depth);
	}
}

static void go_down(struct looking *l, Dwarf_Die typed, const char *path, uint64_t at,
		    uint64_t wanted, int depth)
{
	Dwarf_Die type;
	Dwarf_Half tag;

	if (depth > MAX_DEPTH || !plain_type(l, typed, &type, &tag)) {
		object_to(l, "%s%s is not understood", l->object, path);
		return;
	}
	switch (tag) {
	case DW_TAG_array_type:
		go_into_array(l, type, path, at, wanted, depth + 1);
		break;
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
		go_into_members(l, type, path, at, wanted, depth + 1);
		break;
	case DW_TAG_base_type:
	case DW_TAG_pointer_type:
	case DW_TAG_enumeration_type:
		found(l, path, at, size_of(l, typed, 0), kind_of(type, tag));
		break;
	default:
		object_to(l, "%s%s is not understood", l->object, path);
	}
}

static bool is_covered(const GArray *found, uint64_t offset)
{
	const struct kgr_scalar *last =
		found->len ? &g_array_index(found, struct kgr_scalar, found->len - 1) : NULL;

	return last && offset >= last->offset && offset < last->offset + last->size;
}

static void look_into(struct looking *l, Dwarf_Die variable)
{
	guint i;

	l->found = g_array_new(FALSE, FALSE, sizeof(struct kgr_scalar));
	g_array_set_clear_func(l->found, clear_scalar);
	for (i = 0; !l->why_not && i < l->offsets->len; i++) {
		uint64_t offset = g_array_index(l->offsets, uint64_t, i);

		if (is_covered(l->found, offset))
			continue;
		go_down(l, variable, "", 0, offset, 0);
		if (!is_covered(l->found, offset))
			object_to(l, "%s has no member at offset %" G_GUINT64_FORMAT, l->object,
				  offset);
	}
}

static bool on_die(void *arg, Dwarf_Die die, Dwarf_Half tag, const void *outer, void *inner)
{
	struct looking *l = arg;
	uint64_t address;

	(void)outer;
	(void)inner;
	if (tag == DW_TAG_variable && !l->found && kgr_die_address(&l->reader, die, &address) &&
	    address == l->address)
		look_into(l, kgr_die_naming(&l->reader, die));
	return tag == DW_TAG_compile_unit || tag == DW_TAG_subprogram ||
	       tag == DW_TAG_lexical_block || tag == DW_TAG_inlined_subroutine;
}

static void on_unit(void *arg, Dwarf_Die cu, unsigned int version)
{
	struct looking *l = arg;

	(void)version;
	if (!kgr_die_walk(&l->reader, cu, on_die, l, "", 1))
		object_to(l, "its DWARF is damaged");
}

GArray *kgr_find_scalars(struct kgr_obj *obj, const struct kgr_sym *object, const GArray *offsets,
			 char **why)
{
	struct looking l = { .object = object->name, .offsets = offsets };

	if (!kgr_dwarf_open(&l.reader, obj))
		object_to(&l, "its DWARF cannot be read");
	l.address = object->sec->address + object->value;
	if (!l.why_not && !kgr_dwarf_each_cu(l.reader.dbg, on_unit, &l))
		object_to(&l, "its DWARF is damaged");
	if (!l.found)
		object_to(&l, "DWARF does not tell its type");
	kgr_dwarf_close(&l.reader);
	*why = l.why_not;
	if (l.why_not)
		g_clear_pointer(&l.found, g_array_unref);
	return l.found;
}
