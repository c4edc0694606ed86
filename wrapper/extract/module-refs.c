// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Numbers modules and their symbols in the order in which they are first asked for: if a patch refers to foo_a of foo.ko,
 * bar_a of bar.ko, then foo_b of foo.ko, foo is 1 with symbols 0 and 1, bar is 2 with symbol 0.
 */
#include "extract/module-refs.h"

static void free_ref(gpointer data)
{
	struct kgr_module_ref *ref = data;

	g_ptr_array_unref(ref->syms);
	g_free(ref);
}

GPtrArray *kgr_module_refs_new(void)
{
	return g_ptr_array_new_with_free_func(free_ref);
}

guint kgr_module_ref_number(GPtrArray *objects, const struct kgr_image *image)
{
	struct kgr_module_ref *object;
	guint i;

	if (!image->module)
		return 0;
	for (i = 0; i < objects->len; i++) {
		object = objects->pdata[i];
		if (object->image == image)
			return i + 1;
	}
	object = g_new0(struct kgr_module_ref, 1);
	object->image = image;
	object->syms = g_ptr_array_new();
	g_ptr_array_add(objects, object);
	return objects->len;
}

guint kgr_module_ref_symbol(GPtrArray *objects, const struct kgr_ksym *sym)
{
	struct kgr_module_ref *object =
		objects->pdata[kgr_module_ref_number(objects, sym->image) - 1];
	guint i;

	if (g_ptr_array_find(object->syms, sym, &i))
		return i;
	g_ptr_array_add(object->syms, (gpointer)sym);
	return object->syms->len - 1;
}
