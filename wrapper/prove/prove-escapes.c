// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Judges what is new in a module and may be pointed to when the patch has gone. Of
 *
 *	static void late(struct timer_list *t) { ... }		new: the kernel's file has no such function
 *	static DEFINE_TIMER(timer, late);			new, of a type that others point to
 *
 * the module has the address of late() in data, not in a call alone. So it has to say of both names that they may stay, or that
 * an unpatch callback was allowed to see to it.
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
		  const struct kgr_sym *sym, const char *kind)
{
	char *name = kgr_name_without_numbers(sym->name);
	bool stays = g_strv_contains((const char *const *)module->escapes, name);
	bool allowed = g_strv_contains((const char *const *)module->allowed_escapes, name);
	struct kgr_state_row row = {
		.unit = g_strdup(unit),
		.object = name,
		.place = g_strdup(sym->scope),
		.kind = g_strdup(kind),
		.proved = stays || (allowed && module->stops),
	};
	const char *rule = "its address may outlive the patch, which does not say so";

	if (stays)
		rule = "its address may outlive the patch, which stays in memory";
	else if (allowed && module->stops)
		rule = "its address may outlive the patch, whose unpatch callback sees to it, as was "
		       "allowed";
	else if (allowed)
		rule = "its address may outlive the patch, which has no unpatch callback";
	row.rule = g_strdup(rule);
	kgr_state_row_add(rows, &row);
}

void kgr_prove_escapes(const struct kgr_module_reader *module, GPtrArray *rows,
		       const struct kgr_unit *unit, const struct kgr_obj *built,
		       const struct kgr_obj *normal, GHashTable *uses)
{
	const GPtrArray *funcs = module->text->syms;
	guint i;
	size_t n;

	for (i = 0; i < funcs->len; i++) {
		const struct kgr_sym *func = funcs->pdata[i];

		if (kgr_function_named(normal, func->name) &&
		    !kgr_function_named(built, func->name) && gives_away(module, func))
			judge(module, rows, unit->source, func, "function");
	}
	for (n = 0; n < normal->nsyms; n++) {
		const struct kgr_sym *sym = &normal->syms[n];
		const struct kgr_state_use *own = g_hash_table_lookup(uses, sym);

		if (own && own->own && sym->links)
			judge(module, rows, unit->source, sym, "object");
	}
}
