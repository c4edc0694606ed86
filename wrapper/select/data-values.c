// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Takes the difference between two initial values of an object apart into numbers and pointers, as
 * DWARF has them, or says why the runtime cannot write it:
 *
 *	struct limits foo = { .max = 3, .next = &bar };		becomes { .max = 5, .next = &baz }
 *
 *	foo.max		4 bytes at 0	3	5
 *	foo.next	8 bytes at 8	bar	baz: two relocations, which the runtime resolves as those of code
 *
 * All of a number is compared with what the running kernel has, and written, whichever of its bytes differ.
 */
#include <string.h>

#include "compare/compare.h"
#include "dwarf/scalars.h"
#include "elf/arch.h"
#include "elf/reloc.h"
#include "select/data-values.h"

static void clear_side(struct kgr_data_side *side)
{
	g_free(side->words);
}

static void free_value(gpointer data)
{
	struct kgr_data_value *value = data;

	g_free(value->name);
	clear_side(&value->built);
	clear_side(&value->patched);
	g_free(value);
}

static void free_object(gpointer data)
{
	struct kgr_data_object *object = data;

	g_ptr_array_unref(object->values);
	g_free(object->why_not);
	g_free(object);
}

static bool because(struct kgr_data_object *object, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Returns false. */
static bool because(struct kgr_data_object *object, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	object->why_not = g_strdup_vprintf(format, args);
	va_end(args);
	return false;
}

/* Is the object the kernel's one and only, with bytes of its own? */
static bool check_section(struct kgr_data_object *object)
{
	const struct kgr_sec *sec = object->sym->twin->sec;

	if (g_str_has_prefix(sec->name, ".data..percpu"))
		return because(object, "it is per-CPU, and every CPU has its own");
	if (!sec->data)
		return because(object, "it is in %s, and had no initial value", sec->name);
	if (!object->sym->sec->data)
		return because(object, "it is in %s, and has no initial value any more",
			       object->sym->sec->name);
	if (sec->sh.sh_flags & SHF_MERGE)
		return because(object, "the linker may have made it and others in %s one",
			       sec->name);
	if (!g_str_has_prefix(sec->name, ".data") && !g_str_has_prefix(sec->name, ".rodata"))
		return because(object, "it is in %s, which the kernel makes a table of", sec->name);
	if (g_strcmp0(object->sym->type_name, object->sym->twin->type_name))
		return because(object, "it is %s now, and was %s", object->sym->type_name ?: "?",
			       object->sym->twin->type_name ?: "?");
	return true;
}

static char *words_of(const struct kgr_scalar *scalar, uint64_t number)
{
	unsigned int unused = 64 - 8 * scalar->size;

	switch (scalar->kind) {
	case KGR_SCALAR_SIGNED:
		return g_strdup_printf("%" G_GINT64_FORMAT, (int64_t)(number << unused) >> unused);
	case KGR_SCALAR_BOOL:
		return g_strdup(number ? "true" : "false");
	case KGR_SCALAR_POINTER:
		return number ? g_strdup_printf("0x%" G_GINT64_MODIFIER "x", number) :
				g_strdup("NULL");
	default:
		return g_strdup_printf("%" G_GUINT64_FORMAT, number);
	}
}

/* May the runtime find out what it points to? */
static bool check_target(struct kgr_data_object *object, const char *name,
			 const struct kgr_target *t, bool patched)
{
	const struct kgr_sym *sym = t->sym;

	if (t->kind != KGR_TARGET_SYMBOL || (sym->sec && kgr_sym_is_constant(sym)))
		return because(object, "%s points to %s, which is none of the kernel's symbols",
			       name,
			       t->kind == KGR_TARGET_STRING ? "a string" :
			       t->sym			    ? t->sym->name :
							      t->sec->name);
	if (sym->sec && kgr_sec_is_init(sym->sec))
		return because(object, "%s points to %s, which is in %s and gone", name, sym->name,
			       sym->sec->name);
	if (sym->sec && kgr_sym_is_func(sym) && t->offset)
		return because(object, "%s points into the middle of %s", name, sym->name);
	if (patched && sym->sec && !sym->twin)
		return because(
			object,
			"%s points to %s, which is new, and may be pointed to when the patch "
			"has gone",
			name, sym->name);
	return true;
}

static bool read_pointer(struct kgr_data_object *object, const char *name,
			 const struct kgr_rel *rel, struct kgr_data_side *side, bool patched)
{
	struct kgr_target t;

	kgr_target(rel, 0, &t);
	if (!check_target(object, name, &t, patched))
		return false;
	side->to = rel;
	side->words = t.offset ? g_strdup_printf("%s%+" G_GINT64_FORMAT, t.sym->name, t.offset) :
				 g_strdup(t.sym->name);
	return true;
}

static bool read_side(struct kgr_data_object *object, const char *name,
		      const struct kgr_scalar *scalar, struct kgr_data_side *side, bool patched)
{
	const struct kgr_obj *obj = patched ? object->of->patched : object->of->built;
	const struct kgr_sym *sym = patched ? object->sym : object->sym->twin;
	uint64_t at = sym->value + scalar->offset;
	const struct kgr_rel *rels;
	size_t count;

	rels = kgr_sec_rels(sym->sec, at, at + scalar->size, &count);
	if (count && (count > 1 || rels[0].offset != at || scalar->size != 8 ||
		      rels[0].type != obj->arch->pointer))
		return because(object, "%s has a reference that is no pointer", name);
	if (count)
		return read_pointer(object, name, &rels[0], side, patched);
	side->number = kgr_arch_read(obj->arch, sym->sec->data + at, scalar->size);
	side->words = words_of(scalar, side->number);
	return true;
}

static bool add_value(struct kgr_data_object *object, const struct kgr_scalar *scalar)
{
	struct kgr_data_value *value = g_new0(struct kgr_data_value, 1);

	g_ptr_array_add(object->values, value);
	value->name =
		g_strconcat(object->sym->source_name ?: object->sym->name, scalar->path, NULL);
	value->offset = scalar->offset;
	value->size = scalar->size;
	return read_side(object, value->name, scalar, &value->built, false) &&
	       read_side(object, value->name, scalar, &value->patched, true);
}

/* Layouts may differ where that was allowed. */
static bool is_same_place(const GArray *one, const GArray *other, guint i)
{
	const struct kgr_scalar *a = &g_array_index(one, struct kgr_scalar, i);
	const struct kgr_scalar *b = &g_array_index(other, struct kgr_scalar, i);

	return !strcmp(a->path, b->path) && a->offset == b->offset && a->size == b->size;
}

static bool add_values(struct kgr_data_object *object)
{
	const struct kgr_compared *of = object->of;
	g_autoptr(GArray) offsets = kgr_changed_offsets(of->built, of->patched, object->sym);
	g_autoptr(GArray) is = NULL, was = NULL;
	guint i;

	if (!offsets->len)
		return because(object, "nothing of it differs (%s)", object->sym->cause);
	is = kgr_find_scalars(of->patched, object->sym, offsets, &object->why_not);
	was = is ? kgr_find_scalars(of->built, object->sym->twin, offsets, &object->why_not) : NULL;
	if (!was)
		return false;
	for (i = 0; i < is->len; i++) {
		if (is->len != was->len || !is_same_place(is, was, i))
			return because(object, "its layout is another");
		if (!add_value(object, &g_array_index(is, struct kgr_scalar, i)))
			return false;
	}
	return true;
}

static struct kgr_data_object *object_new(const struct kgr_compared *of, const struct kgr_sym *sym)
{
	struct kgr_data_object *object = g_new0(struct kgr_data_object, 1);

	object->of = of;
	object->sym = sym;
	object->values = g_ptr_array_new_with_free_func(free_value);
	if (check_section(object))
		add_values(object);
	return object;
}

GPtrArray *kgr_find_data_values(const struct kgr_compared *of, char **names)
{
	GPtrArray *out = g_ptr_array_new_with_free_func(free_object);
	size_t i;

	for (i = 0; i < of->patched->nsyms; i++) {
		const struct kgr_sym *sym = &of->patched->syms[i];

		if (sym->verdict == KGR_CHANGED && kgr_sym_is_object(sym) && sym->twin &&
		    sym->size == sym->twin->size &&
		    g_strv_contains((const char *const *)names, sym->twin->name))
			g_ptr_array_add(out, object_new(of, sym));
	}
	return out;
}
