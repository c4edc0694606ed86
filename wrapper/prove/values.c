// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A module says of foo.max: 4 bytes at 8 of what is at 0xffffffff82001230, 3 in the kernel, to be
 * 5. Proved if the unit has an object of the name that is there in the kernel, with 3 at its place
 * as it was built and 5 as a normal build makes it, and if what lies between the values of an
 * object is the same in both. References are compared as those of code (prove.c).
 */
#include <kgraft-abi.h>

#include "prove/prove.h"
#include "prove/state.h"
#include "prove/values.h"

/* One unit, with what its objects are compared with. */
struct judging {
	struct kgr_proof is, was; /* of the module's values, as they shall be and as they were */
	struct kgr_proof between; /* of the unit's two objects */
};

static bool is_one_of(const GSList *called, const char *name)
{
	while (called && strcmp(((struct kgr_ksym *)called->data)->name, name))
		called = called->next;
	return called;
}

/* The kernel's name is what the unit's object has, to the number of a static local. */
static const struct kgr_sym *object_called(const struct kgr_proof *p, const struct kgr_obj *obj,
					   const GSList *called)
{
	size_t i;

	for (i = 0; i < obj->nsyms; i++) {
		if (kgr_sym_is_object(&obj->syms[i]) && is_one_of(called, obj->syms[i].name) &&
		    kgr_proof_is_called(p, called, &obj->syms[i]))
			return &obj->syms[i];
	}
	return NULL;
}

/* What the source calls so in the same function; NULL if that is none, or one of several. */
static const struct kgr_sym *object_for(const struct kgr_proof *p, const struct kgr_obj *obj,
					const GSList *called, const struct kgr_sym *was)
{
	const struct kgr_sym *found = NULL;
	size_t i;

	for (i = 0; was && i < obj->nsyms; i++) {
		const struct kgr_sym *sym = &obj->syms[i];

		if (!kgr_sym_is_object(sym) || g_strcmp0(sym->scope, was->scope) ||
		    !kgr_proof_is_called(p, called, sym))
			continue;
		if (found)
			return NULL;
		found = sym;
	}
	return found;
}

/* Is what the module has in a field of its table what the object has? */
static bool has(struct kgr_proof *p, const struct kgr_written *w, uint64_t field,
		const struct kgr_sym *object)
{
	g_autofree char *difference = kgr_cmp_region(&p->same, w->sec, w->at + field, object->sec,
						     object->value + w->offset, w->size, 0);

	return !difference;
}

static bool is_of(const struct kgr_written *w, const struct kgr_written *other)
{
	return w->called->data == other->called->data;
}

/* Does the module write all that differs? Its values of an object are in their order. */
static bool is_all(struct judging *j, const GArray *values, const struct kgr_written *one,
		   const struct kgr_sym *was, const struct kgr_sym *is)
{
	uint64_t from = 0;
	guint i;

	for (i = 0; i <= values->len; i++) {
		const struct kgr_written *w = &g_array_index(values, struct kgr_written, i);
		uint64_t to = i < values->len ? w->offset : is->size;
		g_autofree char *difference = NULL;

		if (i < values->len && !is_of(w, one))
			continue;
		if (to < from || to > is->size)
			return false;
		difference = kgr_cmp_region(&j->between.same, was->sec, was->value + from, is->sec,
					    is->value + from, to - from, 0);
		if (difference)
			return false;
		from = i < values->len ? to + w->size : to;
	}
	return true;
}

static const char *judge(struct judging *j, const GArray *values, const struct kgr_written *w,
			 const struct kgr_sym *was, const struct kgr_sym *is)
{
	if (was->size != is->size || w->offset + w->size > is->size)
		return "a normal build has another size of it";
	if (!has(&j->was, w, offsetof(struct kgr_data, built), was))
		return "the kernel was built with another value than the module takes away";
	if (!has(&j->is, w, offsetof(struct kgr_data, patched), is))
		return "a normal build has another value";
	return is_all(j, values, w, was, is) ? NULL : "a normal build has other values beside it";
}

static void init(struct kgr_proof *p, const struct kgr_module_reader *view,
		 const struct kgr_unit *unit, struct kgr_obj *of)
{
	kgr_proof_init(p, view->obj, of);
	p->outside = view->outside;
	p->source = unit->old_source;
}

void kgr_prove_values(struct kgr_module_reader *view, GPtrArray *rows, const struct kgr_unit *unit,
		      struct kgr_obj *built, struct kgr_obj *normal)
{
	struct judging j;
	guint i;

	init(&j.is, view, unit, normal);
	init(&j.was, view, unit, built);
	kgr_proof_init(&j.between, built, normal);
	for (i = 0; i < view->values->len; i++) {
		struct kgr_written *w = &g_array_index(view->values, struct kgr_written, i);
		const struct kgr_sym *was = object_called(&j.was, built, w->called);
		const struct kgr_sym *is = object_for(&j.is, normal, w->called, was);
		struct kgr_state_row row = { .kind = NULL };
		const char *wrong;

		if (w->judged || !is || !was)
			continue;
		w->judged = true;
		wrong = judge(&j, view->values, w, was, is);
		row.unit = g_strdup(unit->source);
		row.object = g_strdup(w->name);
		row.kind = g_strdup("value");
		row.kernel = g_strdup(((struct kgr_ksym *)w->called->data)->name);
		row.rule = g_strdup(wrong ?: "what a normal build has, once all have moved");
		row.proved = !wrong;
		kgr_state_row_add(rows, &row);
	}
	kgr_proof_clear(&j.is);
	kgr_proof_clear(&j.was);
	kgr_proof_clear(&j.between);
}
