// SPDX-License-Identifier: GPL-3.0-or-later
#include "extract/module-refs.h"

static void object_free(gpointer data)
{
	struct kgr_module_ref *object = data;

	g_ptr_array_free(object->syms, TRUE);
	g_free(object);
}

GPtrArray *kgr_module_refs_new(void)
{
	return g_ptr_array_new_with_free_func(object_free);
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
