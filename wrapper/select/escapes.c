// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Finds addresses that may outlive the patch. Of
 *
 *	static void late(struct timer_list *t) { ... }		new
 *	static DEFINE_TIMER(timer, late);			new, with the address of late()
 *	int poll(void) { mod_timer(&timer, ...); ... }		replaced
 *
 * the kernel has pointers to timer and to late() from the first poll() on, and nothing says when that ends: if the module
 * were unloaded, the timer would jump into memory that is gone. So a new function escapes if something of the patch
 * uses its address other than to call it, and a new object if its type is one that others point to (type-links.c).
 * That may be more than what really stays: a function that sort() is given is forgotten when sort() returns. The
 * diff's author knows, and says so (--allow-escape).
 *
 * Addresses of functions that the kernel has are the kernel's own, in the patch too, and those of exported functions are
 * the business of the module loader.
 */
#include <string.h>

#include "elf/symbol-name.h"
#include "elf/xref.h"
#include "lib/error.h"
#include "select/escapes.h"

static bool is_from_patch(const struct kgr_xref *ref, const struct kgr_selection *selection)
{
	return !ref->sec->special && !kgr_sec_is_init(ref->sec) && ref->from &&
	       kgr_selected(selection, ref->from);
}

static bool takes_address(const struct kgr_sym *func, const struct kgr_xref *ref, const void *arg)
{
	(void)func;
	return is_from_patch(ref, arg) && !ref->target.offset && !kgr_rel_is_branch(ref->rel);
}

static bool uses(const struct kgr_sym *object, const struct kgr_xref *ref, const void *arg)
{
	return is_from_patch(ref, arg) && ref->from != object;
}

static bool escapes(const struct kgr_compared *of, const struct kgr_selection *selection,
		    const struct kgr_sym *sym)
{
	const struct kgr_selected *selected = kgr_selected(selection, sym);
	struct kgr_xref ref;

	if (!selected || kgr_moved_from(selection, sym))
		return false;
	if (kgr_sym_is_func(sym))
		return (!sym->twin || selected->local_copy) &&
		       kgr_find_xref(of->patched, sym, takes_address, selection, &ref);
	return !sym->twin && sym->links && !kgr_sym_is_constant(sym) &&
	       kgr_find_xref(of->patched, sym, uses, selection, &ref);
}

void kgr_find_escapes(const struct kgr_compared *of, struct kgr_selection *selection)
{
	size_t i;

	for (i = 0; i < of->patched->nsyms; i++) {
		const struct kgr_sym *sym = &of->patched->syms[i];

		if (escapes(of, selection, sym))
			g_ptr_array_add(selection->escapes, kgr_name_without_numbers(sym->name));
	}
}

static bool has_unpatch_callback(const struct kgr_selection *selection)
{
	guint i;

	for (i = 0; i < selection->callbacks->len; i++) {
		unsigned int kind =
			g_array_index(selection->callbacks, struct kgr_callback, i).kind;

		if (kind == KGR_PRE_UNPATCH || kind == KGR_POST_UNPATCH)
			return true;
	}
	return false;
}

static bool allow(struct kgr_selection *selection, const char *name, GError **error)
{
	guint at;

	if (!g_ptr_array_find_with_equal_func(selection->escapes, name, g_str_equal, &at))
		return kgr_fail(
			error, KGR_REFUSED,
			"--allow-escape=%s: the patch has nothing new of that name whose address "
			"the kernel may keep",
			name);
	if (!has_unpatch_callback(selection))
		return kgr_fail(
			error, KGR_REFUSED,
			"--allow-escape=%s: the kernel may still have that address when the patch "
			"goes, so the diff needs a pre- or post-unpatch callback that takes it away; "
			"see kgr-build(1)",
			name);
	while (g_ptr_array_find_with_equal_func(selection->escapes, name, g_str_equal, &at))
		g_ptr_array_remove_index(selection->escapes, at);
	return true;
}

char *kgr_escapes_text(const GPtrArray *escapes, const char *separator)
{
	GString *out = g_string_new(NULL);
	guint i;

	for (i = 0; i < escapes->len; i++)
		g_string_append_printf(out, "%s%s", i ? separator : "",
				       (const char *)escapes->pdata[i]);
	return g_string_free(out, FALSE);
}

bool kgr_settle_escapes(struct kgr_selection *selection, char **allowed, GError **error)
{
	g_autofree char *names = NULL;

	for (; allowed && *allowed; allowed++) {
		if (!allow(selection, *allowed, error))
			return false;
	}
	if (!selection->escapes->len)
		return true;
	names = kgr_escapes_text(selection->escapes, ", ");
	g_ptr_array_add(
		selection->notes,
		g_strdup_printf(
			"the kernel may keep the address of what is new (%s), so the module "
			"cannot be unloaded; see --allow-escape",
			names));
	return true;
}
