// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Judges what is new in a module and may be pointed to when the patch has gone. Of
 *
 *	static void late(struct timer_list *t) { ... }		new: the kernel's file has no such function
 *	static DEFINE_TIMER(timer, late);			new, of a type that others point to
 *
 * the module has the address of late() in data, not in a call alone. So it has to say of both names that they may stay, or that
 * an unpatch callback was allowed to see to it. Likewise of every other object, and of literals, whose address the module's functions
 * write to memory of others (elf/arch.h, kgr_find_stores()).
 */
#include <string.h>

#include "elf/reloc.h"
#include "elf/symbol-name.h"
#include "prove/prove-escapes.h"
#include "prove/prove.h"
#include "prove/state.h"

/* Does data or code of the module have its address, other than to call it? */
static bool gives_away(const struct kgr_module_reader *module, const struct kgr_sym *func)
{
	const struct kgr_obj *obj = module->obj;
	size_t i, r;

	for (i = 1; i < obj->nsecs; i++) {
		const struct kgr_sec *sec = &obj->secs[i];
		bool data = sec->sh.sh_flags & SHF_WRITE || g_str_has_prefix(sec->name, ".rodata");

		if (!(sec == module->text || data) || sec->special ||
		    g_str_has_prefix(sec->name, ".kgr."))
			continue;
		for (r = 0; r < sec->nrels; r++) {
			struct kgr_target t;

			kgr_target(&sec->rels[r], data ? 0 : kgr_rel_usual_bias(&sec->rels[r]), &t);
			if (t.kind == KGR_TARGET_SYMBOL && t.sym == func && !t.offset &&
			    !kgr_rel_is_branch(&sec->rels[r]))
				return true;
		}
	}
	return false;
}

/* The kernel may keep the address of what is new: the module has to say so, or to see to it. */
static void judge(const struct kgr_module_reader *module, GPtrArray *rows, const char *unit,
		  const char *symbol, const char *place, const char *kind)
{
	char *name = kgr_name_without_numbers(symbol);
	bool stays = g_strv_contains((const char *const *)module->escapes, name);
	bool allowed = g_strv_contains((const char *const *)module->allowed_escapes, name);
	struct kgr_state_row row = {
		.unit = g_strdup(unit),
		.object = name,
		.place = g_strdup(place),
		.kind = g_strdup(kind),
		.proved = stays || (allowed && (module->stops || *name == '"')),
	};
	const char *rule = "its address may outlive the patch, which does not say so";

	if (stays)
		rule = "its address may outlive the patch, which stays in memory";
	else if (allowed && module->stops)
		rule = "its address may outlive the patch, whose unpatch callback sees to it, as was "
		       "allowed";
	else if (allowed && row.proved)
		rule = "it may be pointed to when the patch has gone, as was allowed";
	else if (allowed)
		rule = "its address may outlive the patch, which has no unpatch callback";
	row.rule = g_strdup(rule);
	kgr_state_row_add(rows, &row);
}

/* Is it in the module? What the runtime or the module loader resolves is not. */
static bool is_own(const struct kgr_target *t)
{
	return t->kind != KGR_TARGET_SYMBOL || t->sym->sec;
}

/* An object or literal of the module whose address is written to memory of others. A message of netlink is kept on the stack of
 * the system call only.
 */
static void judge_store(const struct kgr_module_reader *module, GPtrArray *rows, const char *unit,
			const struct kgr_store *store)
{
	g_autofree char *literal = NULL;
	struct kgr_target address, to;

	kgr_target(store->address, store->address_bias, &address);
	if (store->to) {
		kgr_target(store->to, store->to_bias, &to);
		if (is_own(&to))
			return;
	}
	/* A module's literals are in a section that has nothing else, and is no mergeable one. */
	if (address.kind == KGR_TARGET_SECTION && address.sec->data &&
	    !kgr_sec_is_text(address.sec)) {
		literal = kgr_target_literal(&address);
		judge(module, rows, unit, literal, NULL, "string");
	} else if (address.kind == KGR_TARGET_SYMBOL && kgr_sym_is_object(address.sym) &&
		   !g_str_has_prefix(address.sym->name, "__msg.")) {
		judge(module, rows, unit, address.sym->name, NULL, "object");
	}
}

static bool judge_stores(const struct kgr_module_reader *module, GPtrArray *rows, const char *unit,
			 const struct kgr_sym *func, GError **error)
{
	g_autoptr(GArray) stores = kgr_find_stores(module->obj, func, error);
	guint i;

	for (i = 0; stores && i < stores->len; i++)
		judge_store(module, rows, unit, &g_array_index(stores, struct kgr_store, i));
	return stores;
}

bool kgr_prove_escapes(const struct kgr_module_reader *module, GPtrArray *rows,
		       const struct kgr_unit *unit, const struct kgr_obj *built,
		       const struct kgr_obj *normal, GHashTable *uses, GError **error)
{
	const GPtrArray *funcs = module->text->syms;
	guint i;
	size_t n;

	for (i = 0; i < funcs->len; i++) {
		const struct kgr_sym *func = funcs->pdata[i];

		if (kgr_function_named(normal, func->name) &&
		    !kgr_function_named(built, func->name) && gives_away(module, func))
			judge(module, rows, unit->source, func->name, NULL, "function");
		if (kgr_function_named(normal, func->name) &&
		    !judge_stores(module, rows, unit->source, func, error))
			return false;
	}
	for (n = 0; n < normal->nsyms; n++) {
		const struct kgr_sym *sym = &normal->syms[n];
		const struct kgr_state_use *own = g_hash_table_lookup(uses, sym);

		if (own && own->own && sym->links)
			judge(module, rows, unit->source, sym->name, sym->scope, "object");
	}
	return true;
}
