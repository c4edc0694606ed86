// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The functions of a module may be right, and a wrong one of the kernel's be redirected to them. Of
 *
 *	kgr_funcs[2]	name "peek", old 0xffffffff81234560, new_func .text..kgraft+0x40
 *
 * this is asked, with the names that vmlinux, or the module of the kernel, has at the old address:
 *
 * 1. One of them is the name of the new function.
 * 2. If the unit has a function of another of these names, a normal build still has both in one
 *    place: gcc had made one of two functions that were the same (-fipa-icf), so calls of the other
 *    one are redirected to the new function, too.
 * 3. It is of the unit that proves the new function, as there may be other functions of that name
 *    (prove-module.c asks).
 */
#include <string.h>

#include "elf/reloc.h"
#include "elf/symbol-name.h"
#include "kernel/linked-image.h"
#include "lib/error.h"
#include "prove/redirections.h"

/* The name of a module's function that one of the kernel's names is, too; NULL if there is none. */
static const char *common_name(const struct kgr_module_func *r)
{
	const GPtrArray *syms = r->sec->syms;
	const GSList *it;
	guint i;

	for (i = 0; i < syms->len; i++) {
		const struct kgr_sym *sym = syms->pdata[i];

		for (it = r->called; sym->value == r->at && it; it = it->next) {
			if (kgr_name_same_but_numbers(((struct kgr_ksym *)it->data)->name,
						      sym->name))
				return sym->name;
		}
	}
	return NULL;
}

static const struct kgr_module_func *nth(const struct kgr_module_reader *view, guint i)
{
	return &g_array_index(view->redirections, struct kgr_module_func, i);
}

/* By the symbols of both. */
static bool has_its_size(const struct kgr_module_func *r)
{
	const struct kgr_sym *func = kgr_sec_sym_at(r->sec, r->at);
	const GSList *it = r->called;

	while (it && ((struct kgr_ksym *)it->data)->size != r->size)
		it = it->next;
	return it && func && func->value == r->at && r->new_at == r->at &&
	       r->new_size == func->size;
}

bool kgr_prove_names(const struct kgr_module_reader *view, GError **error)
{
	guint i;

	for (i = 0; i < view->redirections->len; i++) {
		const struct kgr_module_func *r = nth(view, i);

		if (!common_name(r))
			return kgr_fail(
				error, KGR_REFUSED,
				"%s: it redirects %s to a function of another name; is it made "
				"of these diffs? If so, do not load it, and report it",
				view->obj->path, r->name);
		if (!has_its_size(r))
			return kgr_fail(
				error, KGR_REFUSED,
				"%s: it has another idea of where %s begins and ends than its "
				"symbols have; do not load it, and report it",
				view->obj->path, r->name);
	}
	return true;
}

bool kgr_prove_callbacks(const struct kgr_module_reader *view, const struct kgr_obj *normal,
			 GError **error)
{
	static const char *const sections[KGR_CALLBACK_KINDS] = {
		[KGR_PRE_PATCH] = ".kgr.callbacks.pre_patch",
		[KGR_POST_PATCH] = ".kgr.callbacks.post_patch",
		[KGR_PRE_UNPATCH] = ".kgr.callbacks.pre_unpatch",
		[KGR_POST_UNPATCH] = ".kgr.callbacks.post_unpatch",
	};
	unsigned int kind;

	for (kind = 0; kind < KGR_CALLBACK_KINDS; kind++) {
		const struct kgr_sec *sec = kgr_sec_named(normal, sections[kind]);
		const char *has = view->callbacks[kind] ?: "nothing";
		struct kgr_target t;

		if (!sec || sec->nrels != 1)
			continue;
		kgr_target(&sec->rels[0], 0, &t);
		if (t.kind != KGR_TARGET_SYMBOL || !kgr_name_same_but_numbers(t.sym->name, has))
			return kgr_fail(
				error, KGR_REFUSED,
				"%s: it has %s for what a normal build has in %s; do not load "
				"it, and report it",
				view->obj->path, has, sections[kind]);
	}
	return true;
}

static const struct kgr_sym *function_of_exact_name(const struct kgr_obj *obj, const char *name)
{
	size_t i;

	for (i = 0; i < obj->nsyms; i++) {
		if (kgr_sym_is_func(&obj->syms[i]) && !strcmp(obj->syms[i].name, name))
			return &obj->syms[i];
	}
	return NULL;
}

static bool in_one_place(const struct kgr_sym *a, const struct kgr_sym *b)
{
	return a->sec == b->sec && a->value == b->value;
}

static bool check_other_names(const struct kgr_module_reader *view, const struct kgr_unit *unit,
			      const struct kgr_module_func *r, const struct kgr_obj *built,
			      const struct kgr_obj *normal, GError **error)
{
	const struct kgr_sym *was, *is;
	const char *name;
	const GSList *it;

	if (!r->called->next)
		return true;
	name = common_name(r);
	was = function_of_exact_name(built, name);
	is = function_of_exact_name(normal, name);
	for (it = r->called; was && is && it; it = it->next) {
		const char *other = ((struct kgr_ksym *)it->data)->name;
		const struct kgr_sym *other_was = function_of_exact_name(built, other),
				     *other_is = function_of_exact_name(normal, other);

		if (other_was && other_is && in_one_place(was, other_was) &&
		    !in_one_place(is, other_is))
			return kgr_fail(
				error, KGR_REFUSED,
				"%s: it redirects %s to its %s, and with it %s, which is the same "
				"function in the kernel, and another one in %s with these diffs; "
				"do not load it, and report it",
				view->obj->path, name, name, other, unit->source);
	}
	return true;
}

bool kgr_prove_redirections(const struct kgr_module_reader *view, const struct kgr_unit *unit,
			    struct kgr_obj *built, struct kgr_obj *normal, GError **error)
{
	guint i;

	for (i = 0; i < view->redirections->len; i++) {
		if (!check_other_names(view, unit, nth(view, i), built, normal, error))
			return false;
	}
	return true;
}

const struct kgr_module_func *kgr_redirection_to(const struct kgr_module_reader *view,
						 const struct kgr_sym *func)
{
	guint i;

	for (i = 0; i < view->redirections->len; i++) {
		if (nth(view, i)->sec == func->sec && nth(view, i)->at == func->value)
			return nth(view, i);
	}
	return NULL;
}

bool kgr_redirection_is_of(const struct kgr_module_func *r, struct kgr_image *image,
			   unsigned int file_idx, const struct kgr_obj *built)
{
	const GSList *it;

	for (it = r->called; it; it = it->next) {
		const struct kgr_ksym *ksym = it->data;
		const struct kgr_sym *sym = function_of_exact_name(built, ksym->name);

		if (sym && ksym == kgr_image_find(image, file_idx, sym->name,
						  sym->bind == STB_LOCAL, NULL))
			return true;
	}
	return false;
}
