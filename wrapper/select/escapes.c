// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Finds addresses that may outlive the patch. Of
 *
 *	static void late(struct timer_list *t) { ... }		new
 *	static DEFINE_TIMER(timer, late);			new, with the address of late()
 *	int poll(void) { mod_timer(&timer, ...); ... }		replaced
 *
 * the kernel has pointers to timer and to late() from the first poll() on, and nothing says when
 * that ends: if the module were unloaded, the timer would jump into memory that is gone. So a new
 * function escapes if something of the patch uses its address other than to call it, and a new
 * object if its type is one that others point to (type-links.c). That may be more than what really
 * stays: a function that sort() is given is forgotten when sort() returns. The diff's author knows,
 * and says so (--allow-escape).
 *
 * Of any other object, and of a string literal, of which the patch has a copy of its own, it escapes
 * if a function of the patch writes its address to memory that is neither its stack nor the patch's
 * object (elf/x86/stores.c):
 *
 *	file->private_data = &state;	escapes		mutex_lock(&lock);	does not: who is called may keep it,
 *	dev->name = "nand";		escapes		pr_info("late\n");	and hardly ever does
 *
 * Addresses of functions that the kernel has are the kernel's own, in the patch too, and those of
 * exported functions are the business of the module loader.
 */
#include <string.h>

#include "elf/arch.h"
#include "elf/symbol-name.h"
#include "elf/xref.h"
#include "lib/error.h"
#include "select/escapes.h"
#include "select/exports.h"

static bool is_data(const struct kgr_xref *ref)
{
	return !ref->sec->special && !kgr_sec_is_init(ref->sec) && !kgr_sec_is_text(ref->sec) &&
	       !kgr_sec_is_exports(ref->sec);
}

/* Data of assembly has no name that says whether it goes along: it may. */
static bool may_be_from_patch(const struct kgr_xref *ref, const struct kgr_selection *selection)
{
	return ref->from ? !ref->sec->special && !kgr_sec_is_init(ref->sec) &&
				   kgr_selected(selection, ref->from) :
			   is_data(ref);
}

/* Places within a function are its own jump tables', but for those that other functions know. */
static bool is_of_itself(const struct kgr_sym *func, const struct kgr_xref *ref)
{
	return ref->target.offset && (!ref->from || !kgr_sym_is_func(ref->from) ||
				      ref->from == func || ref->from->parent == func);
}

static bool takes_address(const struct kgr_sym *func, const struct kgr_xref *ref, const void *arg)
{
	return may_be_from_patch(ref, arg) && !is_of_itself(func, ref) &&
	       !kgr_rel_is_branch(ref->rel);
}

static bool uses(const struct kgr_sym *object, const struct kgr_xref *ref, const void *arg)
{
	return may_be_from_patch(ref, arg) && ref->from != object;
}

/* In any unit of the patch: where it is not defined, it has the same name. */
static bool is_referred_to(const GPtrArray *sources, const struct kgr_compared *of,
			   const struct kgr_selection *selection, const struct kgr_sym *sym,
			   kgr_xref_fn fn)
{
	struct kgr_xref ref;
	guint i;

	if (kgr_find_xref(of->patched, sym, fn, selection, &ref))
		return true;
	for (i = 0; sym->bind != STB_LOCAL && i < sources->len; i++) {
		const struct kgr_compared *other = sources->pdata[i];
		const struct kgr_sym *named =
			other == of ? NULL : kgr_obj_undefined(other->patched, sym->name);

		if (named && kgr_find_xref(other->patched, named, fn, selection, &ref))
			return true;
	}
	return false;
}

/* What cannot be written holds no links but those that it begins with. */
static bool can_link(const struct kgr_sym *sym)
{
	size_t count;

	kgr_sec_rels(sym->sec, sym->value, sym->value + sym->size, &count);
	return sym->links && (sym->sec->sh.sh_flags & SHF_WRITE || count);
}

static bool escapes(const GPtrArray *sources, const struct kgr_compared *of,
		    const struct kgr_selection *selection, const struct kgr_sym *sym)
{
	const struct kgr_selected *selected = kgr_selected(selection, sym);

	if (!selected || kgr_moved_from(selection, sym))
		return false;
	if (kgr_sym_is_func(sym))
		return (!sym->twin || selected->local_copy) &&
		       is_referred_to(sources, of, selection, sym, takes_address);
	return !sym->twin && can_link(sym) && !kgr_sym_is_constant(sym) &&
	       is_referred_to(sources, of, selection, sym, uses);
}

/* What has gone from a message of netlink when the system call ends, on whose stack the pointer is (struct netlink_ext_ack). */
static bool is_short_lived(const struct kgr_sym *sym)
{
	return g_str_has_prefix(sym->name, "__msg.");
}

/* The patch's own object that a unit refers to by @sym, or NULL. */
static const struct kgr_sym *own_object(const GPtrArray *sources,
					const struct kgr_selection *selection,
					const struct kgr_sym *sym)
{
	guint i;

	for (i = 0; sym->undefined && i < sources->len; i++) {
		const struct kgr_compared *other = sources->pdata[i];
		const struct kgr_sym *defined = kgr_obj_defined(other->patched, sym->name);

		if (defined && kgr_selected(selection, defined))
			sym = defined;
	}
	return kgr_sym_is_object(sym) && kgr_selected(selection, sym) ? sym : NULL;
}

/* The name of what goes along and has the address that is written to memory of others, or NULL. */
static char *stored_name(const GPtrArray *sources, const struct kgr_selection *selection,
			 const struct kgr_store *store)
{
	const struct kgr_sym *own;
	struct kgr_target address, to;

	kgr_target(store->address, store->address_bias, &address);
	if (store->to) {
		kgr_target(store->to, store->to_bias, &to);
		if (to.kind == KGR_TARGET_SYMBOL && own_object(sources, selection, to.sym))
			return NULL;
	}
	if (address.kind == KGR_TARGET_STRING)
		return kgr_target_literal(&address);
	if (address.kind != KGR_TARGET_SYMBOL)
		return NULL;
	own = own_object(sources, selection, address.sym);
	return own && !is_short_lived(own) ? kgr_name_without_numbers(own->name) : NULL;
}

static bool add_stored(const GPtrArray *sources, const struct kgr_compared *of,
		       struct kgr_selection *selection, const struct kgr_sym *func, GError **error)
{
	g_autoptr(GArray) stores = kgr_find_stores(of->patched, func, error);
	guint i;

	for (i = 0; stores && i < stores->len; i++) {
		g_autofree char *name = stored_name(sources, selection,
						    &g_array_index(stores, struct kgr_store, i));

		if (name &&
		    !g_ptr_array_find_with_equal_func(selection->escapes, name, g_str_equal, NULL))
			g_ptr_array_add(selection->escapes, g_steal_pointer(&name));
	}
	return stores;
}

static bool find_stored(const GPtrArray *sources, const struct kgr_compared *of,
			struct kgr_selection *selection, GError **error)
{
	size_t n;

	for (n = 0; n < of->patched->nsyms; n++) {
		const struct kgr_sym *sym = &of->patched->syms[n];

		if (kgr_sym_is_func(sym) && kgr_selected(selection, sym) &&
		    !add_stored(sources, of, selection, sym, error))
			return false;
	}
	return true;
}

static int by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

bool kgr_find_escapes(const GPtrArray *sources, struct kgr_selection *selection, GError **error)
{
	guint i;
	size_t n;

	for (i = 0; i < sources->len; i++) {
		const struct kgr_compared *of = sources->pdata[i];

		for (n = 0; n < of->patched->nsyms; n++) {
			const struct kgr_sym *sym = &of->patched->syms[n];

			if (escapes(sources, of, selection, sym))
				g_ptr_array_add(selection->escapes,
						kgr_name_without_numbers(sym->name));
		}
	}
	for (i = 0; i < sources->len; i++) {
		if (!find_stored(sources, sources->pdata[i], selection, error))
			return false;
	}
	/* However the compiler orders them. */
	g_ptr_array_sort(selection->escapes, by_name);
	return true;
}

/* Nobody writes to one, nor calls it: what reads it after the call may be known to be nobody (ti->error of a device mapper). */
static bool is_literal(const char *name)
{
	return *name == '"';
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
	if (!is_literal(name) && !has_unpatch_callback(selection))
		return kgr_fail(
			error, KGR_REFUSED,
			"--allow-escape=%s: the kernel may still have that address when the patch "
			"goes, so the diff needs a pre- or post-unpatch callback that takes it away; "
			"see kgr-build(1)",
			name);
	while (g_ptr_array_find_with_equal_func(selection->escapes, name, g_str_equal, &at))
		g_ptr_array_remove_index(selection->escapes, at);
	g_ptr_array_add(selection->allowed_escapes, g_strdup(name));
	g_ptr_array_add(selection->notes,
			g_strdup_printf("the kernel may keep the address of %s, which %s, as was "
					"allowed",
					name,
					has_unpatch_callback(selection) ?
						"is left to the unpatch callback" :
						"is gone when the patch is"));
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
